"""Files of arrays: safetensors, with text in the header."""

import os
from pathlib import Path
from typing import TypeAlias

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from canns._validation import AnyArray
from canns.errors import ValidationError

__all__ = ["PathLike", "read_tensors", "write_tensors"]

PathLike: TypeAlias = str | os.PathLike[str]


def write_tensors(path: PathLike, tensors: dict[str, AnyArray], header: dict[str, str]) -> None:
    """Write arrays and a header to ``path``; a file there is replaced at once or not at all."""
    target = _as_path(path)
    if not target.parent.is_dir():
        raise ValidationError("path", "in an existing folder", repr(str(path)))
    part = target.with_name(f"{target.name}.part")
    save_file(tensors, part, metadata=header)
    part.replace(target)


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
