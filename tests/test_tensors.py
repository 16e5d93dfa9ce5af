"""Files of arrays: written whole or not at all, and never at another file's cost."""

import errno
import os

import numpy as np
import pytest
from safetensors.numpy import save_file

from canns import _replacing, _tensors
from canns._tensors import check_header, read_tensors, write_tensors
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


def test_every_flipped_bit_is_found(tmp_path):
    path = tmp_path / "data"
    write_tensors(path, {"a": np.arange(3.0), "b": np.ones((1, 2), np.int8)}, {"format": "x"})
    whole = path.read_bytes()
    accepted = []
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            header, _ = read_tensors(path)
            check_header(path, header, ("format",))
        except ValidationError:
            continue
        accepted.append(bit)
    assert not accepted


def test_a_file_of_before_there_were_checksums_is_read(tmp_path):
    save_file(TENSORS, tmp_path / "data", metadata={"format": "x"})
    header, tensors = read_tensors(tmp_path / "data")
    check_header("data", header, ("format",))
    np.testing.assert_array_equal(tensors["a"], TENSORS["a"])


@pytest.mark.parametrize("array", [np.array(2.5), np.ones((0, 3)), np.arange(3, dtype=">i4")])
def test_the_checksum_is_that_of_the_values(tmp_path, array):
    write_tensors(tmp_path / "data", {"a": array, "t": np.eye(3)[::2].T}, {})
    _, tensors = read_tensors(tmp_path / "data")
    np.testing.assert_array_equal(tensors["a"], array)
    assert tensors["a"].shape == array.shape


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "link").symlink_to("data")
    write_tensors(tmp_path / "link", TENSORS, {})
    assert (tmp_path / "link").is_symlink()
    assert read_tensors(tmp_path / "data")[1].keys() == TENSORS.keys()


def test_numbers_that_are_not_real_are_refused(tmp_path):
    save_file({"a": np.array([1j], np.complex64)}, tmp_path / "data")
    with pytest.raises(ValidationError, match=r"a file of real numbers|a safetensors file"):
        read_tensors(tmp_path / "data")
