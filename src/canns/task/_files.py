"""Data of one's own: pictures, folders of pictures, NumPy files and tables, one sample a row."""

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from canns._archives import read_npy, read_npz
from canns._describe import shown
from canns._memory import check_memory
from canns._replacing import one_error
from canns._validation import check_matrix, check_size, float_dtype
from canns.errors import ValidationError
from canns.task._images import load_image
from canns.task._picture import endings_of_pictures
from canns.task._types import FloatArray
from canns.typing import AnyArray

__all__ = ["ARRAY_ENDINGS", "LoadedData", "load_data"]

_TABLES = (".csv", ".tsv", ".txt")
#: Endings of files that hold numbers; :func:`load_data` takes other files for pictures.
ARRAY_ENDINGS = (".npy", ".npz", *_TABLES)
_OF_A_BYTE = 48  # bytes that a byte of a table may take while it is read: a digit in each cell


@shown
class LoadedData(NamedTuple):
    """Samples from a file or a folder.

    Args:
        values: One sample a row, (T, N).
        names: A name for each sample: the stem of a picture's file, the key of an array, or the
            stem of a table and the number of the row, from 1.
        shape: Height and width of the samples if they are pictures, else None.
    """

    values: FloatArray
    names: tuple[str, ...]
    shape: tuple[int, int] | None


def load_data(path: str | os.PathLike[str], size: int | None = None) -> LoadedData:
    r"""Read samples, one a row, from a file or a folder, by the ending of its name.

    - A picture is one sample, of grey values in [0, 1]; a folder gives all pictures in it, sorted
      by name. Other files in the folder, hidden files and folders in it are left out.
    - ``.npy``: a vector is one sample, a matrix (T, N) has one a row, and an array (T, H, W) has
      one grey picture a slice.
    - ``.npz``: one array is read as ``.npy`` is. Of several, all of one shape, each is one sample:
      a vector, or a matrix as a grey picture. Pickled objects are never loaded.
    - ``.csv``, ``.tsv``, ``.txt``: numbers between commas, semicolons, tabs or spaces, one sample a
      line. A first line without a number is taken for titles and left out.

    Args:
        path: The file or the folder.
        size: Side in pixels to which pictures from picture files are cut and resized; None keeps
            their size. Only for picture files and folders.

    Returns:
        The samples, in JAX's current floating type, their names, and the shape of pictures.

    Raises:
        ValidationError: If there is no such file, it cannot be read, or it does not hold finite
            real numbers in rows of one length; or if pictures have several sizes.
        MissingExtraError: If a picture is to be read and Pillow is not installed.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table = Path(folder, "spins.csv")
        ...     _ = table.write_text("left,right\n1,-1\n-1,-1\n")
        ...     data = load_data(table)
        >>> data.values.tolist(), data.names
        ([[1.0, -1.0], [-1.0, -1.0]], ('spins 1', 'spins 2'))
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError("path", "a path", repr(path))
    side = None if size is None else check_size("size", size, low=2)
    source = Path(path)
    if source.is_dir():
        return _pictures(_inside(source), side)
    ending = source.suffix.lower()
    readers = {".npy": _array, ".npz": _archive, **dict.fromkeys(_TABLES, _table)}
    if ending not in readers:
        return _pictures([source], side)
    if side is not None:
        raise ValidationError("size", f"None for {source.name!r}, which is no picture", f"{side}")
    if not source.is_file():
        raise ValidationError("path", "a file or a folder", f"{str(path)!r}, which is neither")
    return readers[ending](source)


def _inside(folder: Path) -> list[Path]:
    """Return the picture files in a folder, by the endings of their names."""
    endings = endings_of_pictures()
    files = (path for path in folder.iterdir() if not path.name.startswith("."))
    found = sorted(path for path in files if path.suffix.lower() in endings and path.is_file())
    if not found:
        raise ValidationError("path", "a folder with pictures in it", f"{str(folder)!r} with none")
    return found


def _pictures(paths: Iterable[Path], side: int | None) -> LoadedData:
    images = {path: load_image(path, side) for path in paths}
    shapes = {image.shape: path.name for path, image in images.items()}
    if len(shapes) > 1:
        listed = ", ".join(f"{name!r} of {h} x {w}" for (h, w), name in shapes.items())
        raise ValidationError("path", "pictures of one size", listed, "Give a size to cut them to.")
    ((height, width),) = shapes
    values = np.stack([image.ravel() for image in images.values()])
    return LoadedData(values, tuple(path.stem for path in images), (height, width))


def _array(path: Path) -> LoadedData:
    return _samples(path, read_npy(path, "path"))


def _archive(path: Path) -> LoadedData:
    arrays = read_npz(path, "path")
    if len(arrays) == 1:
        (only,) = arrays.values()
        return _samples(path, only)
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) != 1 or len(*shapes) not in (1, 2):
        got = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "none"
        expected = "one array, or several vectors or matrices of one shape, each a sample"
        raise ValidationError("path", expected, f"{str(path)!r} with {got}")
    return _samples(path, np.stack([*arrays.values()]), tuple(arrays))


def _samples(path: Path, array: AnyArray, names: tuple[str, ...] = ()) -> LoadedData:
    """Return the samples in an array of one, two or three axes."""
    rank, shape = array.ndim, None
    if rank == 3 and (names or array.shape[-1] not in (3, 4)):
        shape = array.shape[1:]
        array = array.reshape(len(array), -1)
    elif rank not in (1, 2):
        expected = "of shape (N,), (T, N) or (T, H, W)"
        remedy = "Make colours grey, and give each picture as a slice." if rank > 2 else ""
        got = f"shape {array.shape} in {str(path)!r}"
        raise ValidationError("path", expected, got, remedy)
    values = _checked(path, np.atleast_2d(array))
    return LoadedData(values, names or _numbered(path, len(values)), shape)


def _table(path: Path) -> LoadedData:
    with one_error("path", "a table of text", path):
        size = path.stat().st_size
        check_memory("path", _OF_A_BYTE * size, "the table", "Save it as .npy, which takes less.")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    numbered = [(i, line) for i, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise ValidationError("path", "a table of numbers", f"{str(path)!r}, which is empty")
    first = numbered[0][1]
    delimiter = next((mark for mark in ";,\t" if mark in first), None)
    with one_error("path", "a table of numbers", path):
        rows = [(i, _cells(line, delimiter)) for i, line in numbered]
    if len(rows) > 1 and not any(_is_number(cell) for cell in rows[0][1]):
        rows = rows[1:]
    width = len(rows[0][1])
    for i, cells in rows:
        if len(cells) != width:
            expected = f"rows of {width} numbers, as line {rows[0][0]}"
            raise ValidationError("path", expected, f"{len(cells)} in line {i} of {str(path)!r}")
    values = np.array([_numbers(path, i, cells) for i, cells in rows])
    return LoadedData(_checked(path, values), _numbered(path, len(values)), None)


def _cells(line: str, delimiter: str | None) -> list[str]:
    return line.split() if delimiter is None else next(csv.reader([line], delimiter=delimiter))


def _numbers(path: Path, line: int, cells: list[str]) -> list[float]:
    try:
        return [float(cell) for cell in cells]
    except ValueError as error:
        wrong = next(cell for cell in cells if not _is_number(cell))
        got = f"{wrong!r} in line {line} of {str(path)!r}"
        raise ValidationError("path", "a table of numbers", got) from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _checked(path: Path, values: AnyArray) -> FloatArray:
    """Return finite real numbers, (T, N); an error names the file."""
    try:
        return check_matrix("path", values).astype(float_dtype(), copy=False)
    except ValidationError as error:
        raise error.about(f"The numbers in {str(path)!r}") from error


def _numbered(path: Path, count: int) -> tuple[str, ...]:
    return (path.stem,) if count == 1 else tuple(f"{path.stem} {i + 1}" for i in range(count))
