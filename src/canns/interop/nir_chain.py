"""The order of the nodes of a graph of NIR that is one chain."""

from collections import defaultdict
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from canns.errors import ValidationError

__all__ = ["chain"]

_RUN = "Linear", "Affine", "LIF", "IF", "CubaLIF"
_CHAIN = "one chain from an Input to an Output"


def chain(nodes: ModuleType, graph: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and node from input to output, or raise if the graph is no chain of known ones."""
    after = _successors(graph)
    (first,) = _ends(graph, nodes.Input)
    (last,) = _ends(graph, nodes.Output)
    known = tuple(getattr(nodes, kind) for kind in _RUN)
    for name, node in graph.nodes.items():
        if name not in (first, last) and not isinstance(node, known):
            expected = f"of the nodes {', '.join(_RUN)}"
            raise ValidationError("graph", expected, f"node {name!r}, a {type(node).__name__}")
    name, seen = first, {first}
    found = []
    while name != last:
        if name not in after:
            raise ValidationError("graph", _CHAIN, f"node {name!r}, which leads nowhere")
        name = after[name]
        seen.add(name)
        found.append((name, graph.nodes[name]))
    for name in graph.nodes:
        if name not in seen:
            raise ValidationError("graph", _CHAIN, f"node {name!r}, which is not on it")
    yield from found[:-1]


def _successors(graph: Any) -> dict[str, str]:
    """Return the one node behind each node, or raise if there are several before or behind one."""
    behind, before = defaultdict(list), defaultdict(list)
    for edge in dict.fromkeys(map(tuple, graph.edges)):
        if len(edge) != 2 or not all(name in graph.nodes for name in edge):
            raise ValidationError("graph", "of edges between its nodes", f"the edge {edge!r}")
        behind[edge[0]].append(edge[1])
        before[edge[1]].append(edge[0])
    for name in graph.nodes:
        for others, way in ((behind[name], "to"), (before[name], "from")):
            if len(others) > 1 or name in others:
                got = f"node {name!r}, with edges {way} {' and '.join(map(repr, others))}"
                remedy = "Recurrent edges and branches have no layer that stands for them."
                raise ValidationError("graph", _CHAIN, got, remedy)
    return {name: others[0] for name, others in behind.items() if others}


def _ends(graph: Any, kind: type) -> list[str]:
    found = [name for name, node in graph.nodes.items() if isinstance(node, kind)]
    if len(found) != 1:
        got = f"{len(found)} nodes of {kind.__name__}"
        raise ValidationError("graph", _CHAIN, got)
    return found
