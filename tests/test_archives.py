"""NumPy's files: their headers are compared with their lengths before memory is taken."""

import io
import zipfile

import numpy as np
import pytest

from canns._archives import read_npy, read_npz
from canns.errors import ValidationError


def _npy(shape, dtype="<f8", body=b""):
    file = io.BytesIO()
    head = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, head)
    return file.getvalue() + body


@pytest.mark.parametrize("array", [np.eye(3), np.asfortranarray(np.ones((2, 3))), np.arange(3)])
def test_what_numpy_saved_is_read(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    np.savez_compressed(tmp_path / "b.npz", x=array, y=array.T)
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy", "path"), array)
    found = read_npz(tmp_path / "b.npz", "path")
    assert list(found) == ["x", "y"]
    np.testing.assert_array_equal(found["y"], array.T)


BAD = {
    "promises": (_npy((10**12,)), "its header says 8000000000000 bytes, and there are 0"),
    "more than promised": (_npy((1,), body=bytes(9)), "its header says 8 bytes"),
    "below zero": (_npy((-8, -1), body=bytes(64)), "the shape"),
    "words of a gigabyte": (_npy((1,), "<U250000000"), "its header says 1000000000 bytes"),
    "objects": (_npy((1,), "|O", bytes(8)), "it holds object"),
    "code": (b"\x93NUMPY\1\0\x10\0__import__('os')", "could not be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_header_that_lies_is_refused_alone_and_in_a_zip(tmp_path, name):
    content, says = BAD[name]
    (tmp_path / "a.npy").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(ValidationError, match=rf"a\.npy.*{says}"):
        read_npy(tmp_path / "a.npy", "path")
    with pytest.raises(ValidationError, match=rf"b\.npz.*{says}"):
        read_npz(tmp_path / "b.npz", "path")


def test_members_that_share_their_bytes_count_each(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(9):
            archive.writestr(f"{i}.npy", _npy((10**6,), body=bytes(8 * 10**6)) if i == 0 else b"")
    raw = bytearray(path.read_bytes())
    at, first = raw.find(b"PK\1\2"), None
    while at >= 0:  # the directory of each names the first one's place and sizes
        first = first or bytes(raw[at + 16 : at + 28] + raw[at + 42 : at + 46])
        raw[at + 16 : at + 28], raw[at + 42 : at + 46] = first[:12], first[12:]
        at = raw.find(b"PK\1\2", at + 4)
    path.write_bytes(raw)
    with pytest.raises(ValidationError, match="cannot hold the 72001152 it promises"):
        read_npz(path, "path")


def test_a_name_that_is_there_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", _npy((0,)))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x.npy", _npy((0,)))
    with pytest.raises(ValidationError, match="two arrays of one name"):
        read_npz(tmp_path / "a.npz", "path")
