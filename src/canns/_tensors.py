"""Files of arrays: safetensors, with text and a checksum in the header."""

import hashlib
import json
from collections.abc import Collection, Mapping

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from canns._memory import check_memory
from canns._replacing import PathLike, as_path, one_error, replacing
from canns._validation import AnyArray
from canns.errors import ValidationError

__all__ = ["PathLike", "check_header", "read_tensors", "write_tensors"]

_SUM = "sha256"  # in the header; files of before version 2 have none
_KINDS = "biuf"  # of the arrays: booleans, integers and floats


def write_tensors(path: PathLike, tensors: Mapping[str, AnyArray], header: dict[str, str]) -> None:
    """Write arrays and a header to ``path``; a file there is replaced at once or not at all.

    Raises:
        ValidationError: If the file cannot be written. One that was there before is as it was.
    """
    plain = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    # ascontiguousarray makes a number an array of one entry.
    plain = {name: array.reshape(np.shape(tensors[name])) for name, array in plain.items()}
    checked = {**header, _SUM: _checksum(header, plain)}
    with replacing(path) as part:
        try:
            save_file(plain, part, metadata=checked)
        except SafetensorError as error:
            expected = "where a file can be written"
            raise ValidationError("path", expected, f"{str(path)!r} ({error})") from error


def read_tensors(path: PathLike) -> tuple[dict[str, str], dict[str, AnyArray]]:
    """Return the header and the arrays in ``path``, or raise if they are not as they were written.

    Raises:
        ValidationError: If the file is missing, no whole safetensors file, too large for the
            memory, or does not have the content of its checksum.
    """
    source = as_path(path)
    if not source.is_file():
        raise ValidationError("path", "an existing file", repr(str(path)))
    with one_error("path", "a safetensors file", path):
        size = source.stat().st_size  # the reader refuses a header that promises more
        check_memory("path", 2 * size, "the file", "Read it on a machine with more memory.")
        with safe_open(source, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            header = dict(file.metadata() or {})
    for name, array in tensors.items():
        if array.dtype.kind not in _KINDS:
            raise ValidationError("path", "a file of real numbers", f"{path}: {name} {array.dtype}")
    saved = header.pop(_SUM, None)
    if saved is not None and saved != _checksum(header, tensors):
        expected = "a file as it was written"
        raise ValidationError(
            "path", expected, f"{path}, whose checksum is of other content", "Take a copy of it."
        )
    return header, tensors


def check_header(
    path: object, header: Mapping[str, str], needed: Collection[str], also: Collection[str] = ()
) -> None:
    """Raise if the header has not these entries, or has others.

    A file whose checksum's own name is damaged would else pass for one of before there were any.

    Args:
        path: The file.
        header: Its header.
        needed: Names of the entries.
        also: Names of entries that may be there.
    """
    missing = [name for name in needed if name not in header]
    unknown = [name for name in header if name not in needed and name not in also]
    if missing or unknown:
        what = f"no {missing[0]!r}" if missing else f"the unknown {unknown[0]!r}"
        raise ValidationError("path", "a file that canns saved", f"{path}, with {what} in it")


def _checksum(header: Mapping[str, str], tensors: Mapping[str, AnyArray]) -> str:
    """Return the checksum of the header and of names, types, shapes and values of the arrays."""
    little = {
        name: np.asarray(array, array.dtype.newbyteorder("<")) for name, array in tensors.items()
    }
    names = sorted(tensors)
    listed = [[name, little[name].dtype.str, [*little[name].shape]] for name in names]
    found = hashlib.sha256(json.dumps([sorted(header.items()), listed]).encode())
    for name in names:
        found.update(np.ascontiguousarray(little[name]).reshape(-1).view(np.uint8).data)
    return found.hexdigest()
