"""NumPy's files, from anywhere: their headers are compared with their lengths before they are read.

A header may promise any number of entries, and what is packed may be a thousand times as long.
Nothing is unpickled.
"""

import math
import zipfile
from pathlib import Path
from typing import IO

from numpy.lib import format as npy

from canns._memory import check_memory
from canns._replacing import one_error
from canns._validation import AnyArray

__all__ = ["read_npy", "read_npz"]

_DENSEST = 1100  # deflate packs at most about 1032 to 1: a zip that promises more lies
_MOST = 10_000  # members of a zip
_KINDS = "biufUS"  # numbers and words
_REMEDY = "Read it on a machine with more memory."
_COPIES = 2  # what is read is copied at least once


def read_npy(path: Path, argument: str) -> AnyArray:
    """Return the array in an ``.npy`` file.

    Raises:
        ValidationError: If the file is none, is not as long as its header says, holds no numbers or
            words, or does not fit in memory.
    """
    expected = "an array of numbers that NumPy saved"
    with one_error(argument, expected, path), path.open("rb") as file:
        _refuse(file.read(2) == b"PK", "it holds several arrays; call it .npz")
        file.seek(0)
        return _array(file, path.stat().st_size, argument)


def read_npz(path: Path, argument: str) -> dict[str, AnyArray]:
    """Return the arrays in an ``.npz`` file by name; see :func:`read_npy`."""
    expected = "arrays of numbers that NumPy saved"
    with one_error(argument, expected, path):
        with path.open("rb") as file:
            _refuse(file.read(6) == npy.MAGIC_PREFIX, "it holds one array; call it .npy")
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            _check_members(members, path.stat().st_size, argument)
            arrays = {}
            for member in members:
                with archive.open(member) as inside:
                    name = member.filename.removesuffix(".npy")
                    arrays[name] = _array(inside, member.file_size, argument)
            return arrays


def _check_members(members: list[zipfile.ZipInfo], length: int, argument: str) -> None:
    """Raise if the members of a zip promise more than its length can hold."""
    _refuse(len(members) > _MOST, f"it has more than {_MOST} arrays")
    names = {each.filename for each in members}
    _refuse(len(names) < len(members), "it has two arrays of one name")
    promised = sum(each.file_size for each in members)  # of members that overlap, too
    _refuse(promised > _DENSEST * length, f"{length} bytes cannot hold the {promised} it promises")
    check_memory(argument, _COPIES * promised, "what is in it", _REMEDY)


def _array(file: IO[bytes], length: int, argument: str) -> AnyArray:
    """Return the array in a file that is open at its beginning, and so many bytes long."""
    version = npy.read_magic(file)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    _refuse(version not in readers, f"it has version {version} of the format")
    shape, _, dtype = readers[version](file)
    _refuse(dtype.kind not in _KINDS, f"it holds {dtype}, not numbers")
    needed = math.prod(shape) * dtype.itemsize
    _refuse(min(shape, default=0) < 0, f"its header says the shape {shape}")
    _refuse(
        needed != length - file.tell(),
        f"its header says {needed} bytes, and there are {length - file.tell()}",
    )
    check_memory(argument, _COPIES * needed, "its array", _REMEDY)
    file.seek(0)
    array: AnyArray = npy.read_array(file, allow_pickle=False)
    return array


def _refuse(wrong: bool, why: str) -> None:
    if wrong:
        raise ValueError(why)  # which one_error tells with the name of the file
