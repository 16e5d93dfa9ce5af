"""Files of NIR from anywhere: damaged ones, and those that are no NIR, give one error."""

import sys

import h5py
import nir
import numpy as np
import pytest

from canns.errors import MissingExtraError, ValidationError
from canns.interop import from_nir, to_nir
from canns.models.brain_inspired import LayerStack, SpikingLayer

EXPECTED = "graph must be a graph of NIR, or the path of a file that nir.write wrote; got "


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "graph.nir"
    nir.write(path, to_nir(LayerStack(SpikingLayer(30, 20), SpikingLayer(20, 10))))
    return path


def test_a_file_cut_anywhere_is_refused(file):
    whole = file.read_bytes()
    for share in np.linspace(0, 0.99, 12):
        file.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ValidationError, match="graph must be"):
            from_nir(file)


def test_a_file_with_other_bytes_is_read_or_refused(file):
    whole, rng = bytearray(file.read_bytes()), np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        damaged = whole.copy()
        for at in rng.integers(0, len(whole), 20):
            damaged[at] = rng.integers(0, 256)
        file.write_bytes(damaged)
        try:
            from_nir(file)
        except ValidationError:
            refused += 1
    assert refused > 5


def _delete(name):
    return lambda opened: opened.__delitem__(name)


def _put(name, value):
    def change(opened):
        if name in opened:
            del opened[name]
        opened[name] = value

    return change


def _huge(opened):
    del opened["node/nodes/linear/weight"]
    opened["node/nodes/linear"].create_dataset(
        "weight", (10**7, 10**7), "f8", chunks=(1000, 1000), compression="gzip"
    )


def _external(opened):
    del opened["node/nodes/linear/weight"]
    opened["node/nodes/linear"].create_dataset("weight", (2, 2), "f8", external="/etc/hostname")


def _many(opened):
    """Groups that hold the next twice: 2 to the power of 40 entries to whoever follows them."""
    group = opened["node"]
    for _ in range(40):
        inner = group.create_group("a")
        group["b"] = inner
        group = inner


CHANGES = {
    "no nodes": (_delete("node"), "could not be read"),
    "no edges": (_delete("node/edges"), "could not be read"),
    "no type": (_delete("node/nodes/lif/type"), "could not be read"),
    "no tau": (_delete("node/nodes/lif/tau"), "could not be read"),
    "another type": (_put("node/nodes/lif/type", "System"), "could not be read"),
    "words for weights": (_put("node/nodes/linear/weight", [[b"a"]]), "got words|real numbers"),
    "edges of numbers": (_put("node/edges", np.eye(2)), "could not be read"),
    "one node": (_put("node/type", "LIF"), "could not be read"),
    "more weights than memory": (_huge, "a file that says it holds 800"),
    "weights in another file": (_external, "is kept in another"),
    "a link to another file": (
        _put("node/x", h5py.ExternalLink("other.h5", "/")),
        "the ExternalLink 'x'",
    ),
    "a link within": (_put("node/x", h5py.SoftLink("/node")), "the SoftLink 'x'"),
    "a group in itself": (
        lambda opened: opened["node"].__setitem__("x", opened["node"]),
        "groups in each other",
    ),
    "groups that multiply": (_many, "groups in each other"),
    "dt of words": (_put("node/metadata/dt", "a"), r"graph.metadata\['dt'\]"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_was_changed_is_refused(name, file):
    change, message = CHANGES[name]
    with h5py.File(file, "r+") as opened:
        change(opened)
    with pytest.raises(ValidationError, match=message):
        from_nir(file)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="an existing file"):
        from_nir(tmp_path / "none.nir")
    with pytest.raises(ValidationError, match="an existing file"):
        from_nir(tmp_path)
    for wrong in (None, 1, [], {"node": 1}, nir.Linear(np.eye(2)), nir.NIRGraph):
        with pytest.raises(ValidationError, match=EXPECTED):
            from_nir(wrong)
    text = tmp_path / "text.nir"
    text.write_text("Not a graph.")
    with pytest.raises(ValidationError, match=r"could not be read .* Is the file complete"):
        from_nir(text)


def test_a_missing_package_is_named_with_its_extra(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "nir", None)
    for call in (lambda: from_nir(file), lambda: to_nir(SpikingLayer(1, 1))):
        with pytest.raises(MissingExtraError, match=r"needs nir.* 'canns\[nir\]'"):
            call()
