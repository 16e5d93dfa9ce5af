"""HDF5 files from anywhere: looked through before anything large is read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from canns._memory import check_memory
from canns.errors import ValidationError

__all__ = ["check_contents", "check_inside", "reading"]

# A group may hold itself, or the next one twice, and so be endless to a reader.
_MOST, _DEEPEST = 10_000, 10  # entries of a file, and groups in groups


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
    check_memory(argument, 2 * total, "what is in it", "It is larger than what was written.")


def check_inside(name: str, dataset: Any, expected: str, argument: str = "path") -> None:
    """Raise if the numbers of a dataset are in a file other than its own."""
    if dataset.is_virtual or dataset.external:
        raise ValidationError(argument, expected, f"a file whose {name!r} is kept in another")


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
