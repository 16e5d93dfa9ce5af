"""HDF5 files from anywhere: looked through before anything large is read."""

import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from canns._memory import check_memory, readable
from canns._replacing import one_error
from canns.errors import ValidationError

__all__ = ["check_contents", "check_inside", "reading"]

# A group may hold itself, or the next one twice, and so be endless to a reader.
_MOST, _DEEPEST = 10_000, 10  # entries of a file, and groups in groups
_SIGNATURE, _HEAP = b"\x89HDF\r\n\x1a\n", b"GCOL\1\0\0\0"  # of a file, and of a heap of words
_HEAD = 16  # bytes before the objects of a heap, and before what each holds
_ANY_FILE, _DENSEST = (
    64_000_000,
    1100,
)  # bytes that any file may hold, and those for each of its own


@contextmanager
def reading(path: object, expected: str, argument: str = "path") -> Iterator[Path]:
    """Give the path of a file; whatever is raised while it is read becomes one error.

    Args:
        path: The file.
        expected: What kind of file it must be.
        argument: The name of the argument that is the path.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError(argument, expected, _kind(path))
    file = Path(path)
    if not file.is_file():
        raise ValidationError(argument, "an existing file", repr(str(path)))
    with one_error(argument, expected, path):
        if file.stat().st_size:
            _check_heaps(file)
        yield file


def _check_heaps(path: Path) -> None:
    """Raise if a heap of words in the file is damaged: HDF5 would look for its end for ever."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        # Numbers of 8 bytes, as all versions of HDF5 write them by default.
        at = 9 if data[8:9] >= b"\2" else 13
        if data[:8] != _SIGNATURE or data[at : at + 2] != b"\x08\x08":
            raise ValueError("it does not begin like a file of HDF5")
        start = data.find(_HEAP)
        while start >= 0:
            _check_heap(data, start)
            start = data.find(_HEAP, start + len(_HEAP))


def _check_heap(data: mmap.mmap, start: int) -> None:
    """Raise unless the objects of the heap at ``start`` fill it from its head to its end."""
    head = data[start + len(_HEAP) : start + _HEAD]
    length = int.from_bytes(head, "little") if len(head) == 8 else 0
    at, end = start + _HEAD, start + length
    if length < _HEAD or end > len(data):
        raise ValueError("a heap in it is longer than the file")
    while end - at >= _HEAD:
        index, _, size = struct.unpack("<H6sQ", data[at : at + _HEAD])
        taken = size if index == 0 else _HEAD + -(-size // 8) * 8  # the first is what is free
        if taken < _HEAD or at + taken > end:
            raise ValueError("a heap in it is damaged")
        at += taken


def check_contents(group: Any, expected: str, argument: str = "path") -> None:
    """Raise if what a group of an HDF5 file holds does not fit in memory, or leads out of the file.

    Links are followed as a reader would, so what is linked twice counts twice.
    """
    total, count, waiting = 0, 0, [(group, 1)]
    while waiting:
        here, depth = waiting.pop()
        for name in here:
            count += 1
            if count > _MOST or depth > _DEEPEST:
                got = f"more than {_MOST} entries, or more than {_DEEPEST} groups in each other"
                raise ValidationError(argument, expected, got)
            link = type(here.get(name, getlink=True)).__name__
            if link != "HardLink":
                raise ValidationError(argument, expected, f"a file with the {link} {name!r}")
            entry = here[name]
            if hasattr(entry, "keys"):
                waiting.append((entry, depth + 1))
            else:
                check_inside(name, entry, expected, argument)
                total += entry.size * entry.dtype.itemsize
    most = _ANY_FILE + _DENSEST * Path(group.file.filename).stat().st_size
    if total > most:
        got = f"a file that says it holds {readable(total)}"
        raise ValidationError(argument, f"{expected}, of at most {readable(most)}", got)
    check_memory(argument, 2 * total, "what is in it", "It is larger than what was written.")


def check_inside(name: str, dataset: Any, expected: str, argument: str = "path") -> None:
    """Raise if the numbers of a dataset are in a file other than its own."""
    if dataset.is_virtual or dataset.external:
        raise ValidationError(argument, expected, f"a file whose {name!r} is kept in another")


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
