"""Files of NIR."""

from types import ModuleType
from typing import Any

from canns._extras import require
from canns.interop.hdf5 import check_contents, reading

__all__ = ["read_graph"]

_FILE = "a graph of NIR, or the path of a file that nir.write wrote"


def read_graph(nodes: ModuleType, path: object) -> Any:
    """Return the graph in a file, whose types :func:`from_nir` checks."""
    h5py = require("h5py", "nir")
    with reading(path, _FILE, argument="graph") as file:
        with h5py.File(file, "r") as opened:
            check_contents(opened, _FILE, argument="graph")
        graph = nodes.read(file, type_check=False)
        if not isinstance(graph, nodes.NIRGraph):
            raise TypeError(f"a single node, {type(graph).__name__}")
        return graph
