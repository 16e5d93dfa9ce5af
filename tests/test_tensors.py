"""Files of arrays: written whole or not at all, and never at another file's cost."""

import errno
import os

import numpy as np
import pytest

from canns import _replacing, _tensors
from canns._tensors import read_tensors, write_tensors
from canns.errors import ValidationError

TENSORS = {"a": np.arange(3.0)}


def test_a_file_is_read_as_it_was_written(tmp_path):
    write_tensors(tmp_path / "data", TENSORS, {"says": "so"})
    header, tensors = read_tensors(tmp_path / "data")
    assert header == {"says": "so"}
    np.testing.assert_array_equal(tensors["a"], TENSORS["a"])


def test_files_of_the_user_with_similar_names_stay(tmp_path):
    (tmp_path / "data.part").write_text("mine")
    write_tensors(tmp_path / "data", TENSORS, {})
    assert (tmp_path / "data.part").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "data.part"]


@pytest.mark.parametrize(("module", "fails"), [(_tensors, "save_file"), (_replacing, "_flush")])
def test_a_full_disk_keeps_the_file_of_before(tmp_path, monkeypatch, module, fails):
    path = tmp_path / "data"
    write_tensors(path, TENSORS, {})
    before = path.read_bytes()

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, fails, full)
    with pytest.raises(ValidationError, match=r"where a file can be written; .*No space left"):
        write_tensors(path, {"a": np.ones(9)}, {})
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_what_was_written_is_flushed_before_it_has_its_name(tmp_path, monkeypatch):
    there, flush = [], _replacing._flush

    def watched(path):
        there.append((path.name != "data", (tmp_path / "data").exists()))
        flush(path)

    monkeypatch.setattr(_replacing, "_flush", watched)
    write_tensors(tmp_path / "data", TENSORS, {})
    assert there == [(True, False), (True, True)]


def test_an_interrupt_leaves_no_half_written_file(tmp_path, monkeypatch):
    def interrupted(tensors, path, metadata):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(_tensors, "save_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_tensors(tmp_path / "data", TENSORS, {})
    assert not [*tmp_path.iterdir()]


def test_places_that_cannot_hold_a_file_are_refused(tmp_path):
    with pytest.raises(ValidationError, match="path must be in an existing folder"):
        write_tensors(tmp_path / "none" / "data", TENSORS, {})
    with pytest.raises(ValidationError, match=r"path must be a file; got .* a folder"):
        write_tensors(tmp_path, TENSORS, {})
    with pytest.raises(ValidationError, match="path must be a path"):
        write_tensors(3, TENSORS, {})
