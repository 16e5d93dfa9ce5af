"""Files that are replaced whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from canns.errors import CannsError, ValidationError

__all__ = ["PathLike", "as_path", "one_error", "remove_parts", "replacing", "write_text"]

PathLike: TypeAlias = str | os.PathLike[str]

_PART = ".part"


@contextmanager
def replacing(path: PathLike, argument: str = "path") -> Iterator[Path]:
    """Give a new file to write to, and move it to ``path`` once it is complete and on the disk.

    The file has a name of its own, which ends as that of ``path``, so that writers which look at
    the ending find it. If the block raises, the new file is removed, and ``path`` is as it was.

    Args:
        path: The file to replace. A link stays, and the file that it leads to is replaced.
        argument: The name of the argument that is the path, for errors.

    Raises:
        ValidationError: If the file cannot be written.
    """
    target = as_path(path, argument)
    try:
        target = Path(os.path.realpath(target))  # keeps a link
        if not target.parent.is_dir():
            raise ValidationError(argument, "in an existing folder", repr(str(path)))
        if target.is_dir():
            raise ValidationError(argument, "a file", f"{str(path)!r}, a folder")
        # A name that no other file has, and no other process writes to.
        own = f"{_beginning(target)}{uuid.uuid4().hex[:12]}{_PART}{target.suffix}"
        part = target.with_name(own)
        try:
            yield part
            _flush(part)  # before the name points to it, or a crash may leave an empty file
            part.replace(target)
            _flush(target.parent)
        finally:
            part.unlink(missing_ok=True)
    except CannsError:
        raise
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) and "null" not in str(error):
            raise
        expected = "where a file can be written"
        raise ValidationError(argument, expected, f"{str(path)!r} ({error})") from error


def write_text(path: PathLike, text: str, argument: str = "path") -> None:
    """Write a text in UTF-8; what it cannot encode becomes a question mark."""
    with replacing(path, argument) as part:
        part.write_text(text, encoding="utf-8", errors="replace")


def remove_parts(path: PathLike) -> None:
    """Remove what killed processes have left of ``path``; nobody else may be writing it."""
    target = Path(os.path.realpath(path))
    for each in [*target.parent.iterdir()]:
        name = each.name
        if name.startswith(_beginning(target)) and name.endswith(_PART + target.suffix):
            each.unlink(missing_ok=True)


def _beginning(target: Path) -> str:
    return f".{target.name}."


def as_path(path: object, argument: str = "path") -> Path:
    """Return a path, or raise if it is none."""
    if not isinstance(path, str | os.PathLike):
        raise ValidationError(argument, "a path", repr(path))
    return Path(path)


@contextmanager
def one_error(argument: str, expected: str, path: object) -> Iterator[None]:
    """Turn whatever is raised while a file is read into one error; those of the library pass.

    Args:
        argument: The name of the argument that is the path.
        expected: What kind of file it must be.
        path: The file.
    """
    try:
        yield
    except CannsError:
        raise
    except Exception as error:  # readers of a damaged file raise anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        got = f"{path}, which could not be read ({reason})"
        raise ValidationError(argument, expected, got, "Is the file complete?") from error


def _flush(path: Path) -> None:
    """Wait until what was written is on the disk; a folder, where the system can open one."""
    flags = getattr(os, "O_DIRECTORY", 0) if path.is_dir() else os.O_RDWR
    if path.is_dir() and not flags:
        return
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
