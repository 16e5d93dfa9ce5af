"""Files of arrays: safetensors, with text in the header."""

import os
import uuid
from pathlib import Path
from typing import TypeAlias

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from canns._validation import AnyArray
from canns.errors import ValidationError

__all__ = ["PathLike", "read_tensors", "write_tensors"]

PathLike: TypeAlias = str | os.PathLike[str]


def write_tensors(path: PathLike, tensors: dict[str, AnyArray], header: dict[str, str]) -> None:
    """Write arrays and a header to ``path``; a file there is replaced at once or not at all.

    Raises:
        ValidationError: If the file cannot be written. One that was there before is as it was.
    """
    target = _as_path(path)
    if not target.parent.is_dir():
        raise ValidationError("path", "in an existing folder", repr(str(path)))
    if target.is_dir():
        raise ValidationError("path", "a file", f"{str(path)!r}, a folder")
    # A name that no other file has, and no other process writes to.
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}.part")
    try:
        save_file(tensors, part, metadata=header)
        _flush(part)  # before the name points to it, or a crash may leave an empty file
        part.replace(target)
        _flush(target.parent)
    except (OSError, SafetensorError) as error:
        expected = "where a file can be written"
        raise ValidationError("path", expected, f"{str(path)!r} ({error})") from error
    finally:
        part.unlink(missing_ok=True)


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


def read_tensors(path: PathLike) -> tuple[dict[str, str], dict[str, AnyArray]]:
    """Return the header and the arrays in ``path``."""
    if not _as_path(path).is_file():
        raise ValidationError("path", "an existing file", repr(str(path)))
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return file.metadata() or {}, tensors
    except SafetensorError as error:
        raise ValidationError("path", "a safetensors file", f"{path}: {error}") from error


def _as_path(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise ValidationError("path", "a path", repr(path))
    return Path(path)
