"""HDF5 files from anywhere: looked through before anything large is read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from canns._memory import check_memory
from canns.errors import ValidationError

__all__ = ["check_contents", "reading"]

_MOST = 100_000  # entries of a file; each costs time, whatever its size


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
    try:
        yield file
    except ValidationError:
        raise
    except Exception as error:  # readers of a damaged file raise anything
        got = f"{path}, which could not be read ({type(error).__name__}: {error})"
        raise ValidationError(argument, expected, got, "Is the file complete?") from error


def check_contents(group: Any, expected: str, argument: str = "path") -> None:
    """Raise if what a group of an HDF5 file holds does not fit in memory, or leads out of the file.

    Links are followed as a reader would, so what is linked twice counts twice.
    """
    total, count = 0, 0
    waiting = [group]
    while waiting:
        here = waiting.pop()
        for name in here:
            count += 1
            link = type(here.get(name, getlink=True)).__name__
            if count > _MOST or link != "HardLink":
                got = f"more than {_MOST} entries" if count > _MOST else f"a {link}, {name!r}"
                raise ValidationError(argument, expected, got)
            entry = here[name]
            if hasattr(entry, "keys"):
                waiting.append(entry)
                continue
            if entry.is_virtual or entry.external:
                raise ValidationError(argument, expected, f"{name!r}, which is kept in another file")
            total += entry.size * entry.dtype.itemsize
    check_memory(argument, 2 * total, "what is in it", "It is larger than what was written.")


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
