"""Files in the format of MNIST: arrays of numbers with a short header, packed or not."""

import gzip
import os
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from canns._memory import check_memory
from canns._validation import check_flag, float_dtype
from canns.errors import ValidationError
from canns.task._types import FloatArray, IntArray
from canns.typing import AnyArray

__all__ = ["load_mnist", "read_idx"]

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 8
_PACKED = b"\x1f\x8b"
_PIECE = 1 << 20  # bytes read at a time
# gzip packs at most about 1032 to 1, so that a header which promises more lies.
_DENSEST = 1100
_EXPECTED = "a whole IDX file, the format of MNIST"


def read_idx(path: str | os.PathLike[str]) -> AnyArray:
    r"""Read an array from a file in the IDX format, that of MNIST, packed by gzip or not.

    The header, which gives type and shape, is compared with the length of the file before any
    memory is taken.

    Args:
        path: The file, such as "train-images-idx3-ubyte.gz".

    Returns:
        The array, in the byte order of the machine.

    Raises:
        ValidationError: There is no such file; it has another format; it is cut off, damaged, or
            longer than its header says; or its array does not fit in memory.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "labels-idx1-ubyte")
        ...     _ = file.write_bytes(b"\x00\x00\x08\x01\x00\x00\x00\x03\x07\x02\x01")
        ...     read_idx(file).tolist()
        [7, 2, 1]

    References:
        LeCun, Cortes & Burges (1998), The MNIST Database of Handwritten Digits.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError("path", "a path", repr(path))
    source = Path(path)
    if not source.is_file():
        raise ValidationError("path", "a file", f"{str(source)!r}, which is none")
    try:
        with source.open("rb") as file:
            packed = file.read(2) == _PACKED
            file.seek(0)
            if not packed:
                return _read(source, file, packed)
            with gzip.GzipFile(fileobj=file) as inside:
                return _read(source, inside, packed)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        if isinstance(error, ValidationError):
            raise
        raise _damaged(source, str(error) or type(error).__name__) from error


def load_mnist(
    folder: str | os.PathLike[str], *, train: bool = True
) -> tuple[FloatArray, IntArray]:
    r"""Load images and labels of MNIST, or of a set in its format, from files that you have.

    The files have the names that MNIST gives them, "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte" and "t10k-labels-idx1-ubyte", or these with
    ".gz". Nothing is downloaded.

    Args:
        folder: The folder with the files.
        train: Whether to load the training set; else the test set.

    Returns:
        Images of shape (samples, height * width), in [0, 1], with ink high; and their labels,
        (samples,).

    Raises:
        ValidationError: A file is missing or damaged (see :func:`read_idx`), or the two files do
            not hold bytes of images and as many labels.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     images = Path(folder, "train-images-idx3-ubyte")
        ...     _ = images.write_bytes(b"\0\0\x08\3" + b"\0\0\0\1" * 2 + b"\0\0\0\2" + b"\0\xff")
        ...     labels = Path(folder, "train-labels-idx1-ubyte")
        ...     _ = labels.write_bytes(b"\0\0\x08\1" + b"\0\0\0\1" + b"\5")
        ...     X, digits = load_mnist(folder)
        >>> X.tolist(), digits.tolist()
        ([[0.0, 1.0]], [5])

    References:
        LeCun, Bottou, Bengio & Haffner (1998), Proc. IEEE 86:2278–2324.
    """
    if not isinstance(folder, str | os.PathLike):
        raise ValidationError("folder", "a path", repr(folder))
    prefix = "train" if check_flag("train", train) else "t10k"
    paths = [
        _named(Path(folder), f"{prefix}-{kind}")
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ]
    images, labels = (read_idx(path) for path in paths)
    fits = images.ndim == 3 and labels.ndim == 1 and len(images) == len(labels)
    if not fits or images.dtype != np.uint8 or labels.dtype.kind not in "iu" or 0 in images.shape:
        expected = "with images of bytes, (samples, height, width), and as many labels"
        got = f"{images.dtype} of shape {images.shape}, and {labels.dtype} of {labels.shape}"
        raise ValidationError("folder", expected, got)
    needed = images.size * float_dtype().itemsize
    check_memory("folder", needed, "the images", "Take fewer: read_idx gives them as bytes.")
    grey = images.reshape(len(images), -1).astype(float_dtype())
    grey /= 255
    return grey, labels.astype(np.int64)


def _named(folder: Path, name: str) -> Path:
    """Return the file of a name in a folder, packed or not."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise ValidationError("folder", f"one with {name!r}, or that with .gz", f"{str(folder)!r}")


def _read(path: Path, file: IO[bytes] | gzip.GzipFile, packed: bool) -> AnyArray:
    """Return the array of a file that is open at its beginning."""
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\x00\x00" or start[2] not in _TYPES:
        raise _damaged(path, "it does not begin like one")
    dtype, axes = np.dtype(_TYPES[start[2]]), start[3]
    if not 1 <= axes <= _MOST_AXES:
        raise _damaged(path, f"its header says {axes} axes")
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise _damaged(path, "it ends within its header")
    shape = tuple(int.from_bytes(sizes[4 * i : 4 * i + 4], "big") for i in range(axes))
    needed = dtype.itemsize
    for size in shape:  # of Python's integers, which do not overflow
        needed *= size
    found = path.stat().st_size
    held = needed + 4 + 4 * axes
    if (held > found * _DENSEST) if packed else held != found:
        got = f"its header says {held} bytes, for the shape {shape}; it has {found}"
        raise _damaged(path, got + (" packed" if packed else ""))
    # What is read is kept beside the array that is made of it.
    check_memory("path", 2 * needed, "its array", "Read it on a machine with more memory.")
    data = bytearray()
    while len(data) < needed and (piece := file.read(min(_PIECE, needed - len(data)))):
        data += piece
    if len(data) < needed:
        raise _damaged(path, f"it ends after {len(data)} of {needed} bytes")
    if file.read(1):  # reading to the end also compares gzip's checksum
        raise _damaged(path, f"it has more than the {needed} bytes that its header says")
    array = np.frombuffer(data, dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="))


def _damaged(path: Path, why: str) -> ValidationError:
    remedy = "Fetch it anew; files of other formats are read by load_data."
    return ValidationError("path", _EXPECTED, f"{str(path)!r}: {why}", remedy)
