"""IDX files: what was written is read; whatever is damaged gives one error, and no memory."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.errors import ValidationError
from canns.task import load_mnist, read_idx

CODES = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 4, 5)).astype(np.uint8)


def idx(array, code=None):
    kind = array.dtype.str.lstrip("|")
    head = bytes([0, 0, CODES[kind] if code is None else code, array.ndim])
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 0), (1, 2, 3, 4)])
@pytest.mark.parametrize("packed", [False, True])
def test_what_was_written_is_read(tmp_path, kind, shape, packed):
    array = np.random.default_rng(1).integers(0, 100, shape).astype(kind)
    file = tmp_path / "file"
    file.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    found = read_idx(file)
    assert found.dtype == np.dtype(kind).newbyteorder("=")
    np.testing.assert_array_equal(found, array)
    found[...] = 0  # it is the reader's own


def header(*sizes, code=8):
    return bytes([0, 0, code, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes)


WRONG = {
    "nothing": b"",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "another type": header(2, code=7) + b"ab",
    "no axes": b"\0\0\x08\0",
    "200 axes": b"\0\0\x08\xc8" + bytes(800),
    "cut in the header": header(3)[:6],
    "cut": idx(IMAGES)[:-1],
    "longer": idx(IMAGES) + b"\0",
    "far too large": header(*[2**32 - 1] * 3),
    "more than 64 bits": header(*[2**32 - 1] * 8, code=14),
    "packed and cut": gzip.compress(idx(IMAGES))[:-9],
    "packed, without an end": gzip.compress(idx(IMAGES))[:-8],
    "packed and longer": gzip.compress(idx(IMAGES) + b"\0"),
    "packed and shorter": gzip.compress(idx(IMAGES)[:-1]),
    "packed, and far too large": gzip.compress(header(*[2**32 - 1] * 3)),
    "packed, no gzip": b"\x1f\x8b" + bytes(40),
}


@pytest.mark.parametrize("name", WRONG)
def test_damage_is_named(tmp_path, name):
    file = tmp_path / "file"
    file.write_bytes(WRONG[name])
    with pytest.raises(ValidationError, match="path must be a whole IDX file"):
        read_idx(file)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_bit_is_found_or_is_in_the_numbers(tmp_path_factory, data):
    packed = data.draw(st.booleans())
    raw = gzip.compress(idx(IMAGES), mtime=0) if packed else idx(IMAGES)
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    broken = bytearray(raw)
    broken[bit // 8] ^= 1 << bit % 8
    file = tmp_path_factory.mktemp("idx") / "file"
    file.write_bytes(broken)
    try:
        found = read_idx(file)
    except ValidationError:
        return
    if packed:  # the checksum covers the numbers; the rest of the header does not matter
        np.testing.assert_array_equal(found, IMAGES)
    else:
        assert found.nbytes == IMAGES.nbytes


def test_the_files_of_a_folder(tmp_path):
    labels = np.array([3, 1, 4], np.uint8)
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(IMAGES)))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(labels))
    found, classes = load_mnist(tmp_path, train=False)
    np.testing.assert_allclose(found, IMAGES.reshape(3, 20) / 255, rtol=1e-6)
    assert classes.tolist() == [3, 1, 4]
    with pytest.raises(ValidationError, match="train-images-idx3-ubyte"):
        load_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(labels[:2]))
    with pytest.raises(ValidationError, match="as many labels"):
        load_mnist(tmp_path, train=False)


@pytest.mark.parametrize("path", [3, None, "nosuch", "."])
def test_no_file(path):
    with pytest.raises(ValidationError, match="path must be"):
        read_idx(path)
