"""What counts as an array: the forms that are read, and those that are refused with a remedy."""

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from canns.errors import ValidationError

__all__ = ["AnyArray", "as_numpy", "as_real", "check_dims", "is_sparse", "is_stream"]

AnyArray: TypeAlias = NDArray[Any]  #: an array of NumPy, of any type of numbers
_SETS = set, frozenset
_NO_NUMBERS = str, datetime.date, datetime.timedelta
# Names that the axes of labelled arrays, such as xarray's, have in neuroscience.
_UNITS = frozenset({"neuron", "unit", "channel", "electrode", "feature"})
_SAMPLES = frozenset({"time", "step", "sample", "pattern", "trial", "frame"})


@runtime_checkable
class SupportsArray(Protocol):
    """An object that NumPy can convert to an array."""

    def __array__(self) -> AnyArray:
        """Return the array."""


def is_stream(data: object) -> TypeGuard[Iterable[object]]:
    """Whether ``data`` yields its rows one by one, and is not an array, sequence or table."""
    if isinstance(data, np.ndarray | Sequence | str | bytes | Mapping | set | frozenset):
        return False
    return isinstance(data, Iterable) and not isinstance(data, SupportsArray | type | _Sparse)


@runtime_checkable
class _Sparse(Protocol):
    """A sparse matrix, such as those of SciPy."""

    nnz: Any

    def toarray(self) -> AnyArray:
        """Return the dense array."""


def is_sparse(data: object) -> bool:
    """Whether ``data`` is a sparse matrix, such as those of SciPy."""
    return isinstance(data, _Sparse) and not isinstance(data, type)


def as_numpy(name: str, data: object) -> AnyArray:
    """Return ``data`` as a NumPy array, or raise if it is no array.

    Sequences, iterables, arrays of other libraries and tables are read. What would be read wrongly
    is refused: masks, sets, mappings, sparse matrices, paths, and classes.
    """
    if type(data) is np.ndarray:
        return data
    if isinstance(data, np.ma.MaskedArray):
        return _unmasked(name, data)
    if isinstance(data, np.ndarray):
        return np.asarray(data)  # of a subclass, such as a matrix, whose rows stay 2-D
    _check_kind(name, data)
    if isinstance(data, SupportsArray):  # a table of data frames included
        return _from_table(np.asarray(data), data)
    if is_stream(data):
        data = list(data)
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        _check_rows(name, data)
    try:
        return np.asarray(data)
    except ValueError as error:
        raise ValidationError(
            name, "rows of one length", "rows of different lengths", "Pad or cut them."
        ) from error


def as_real(name: str, raw: AnyArray) -> AnyArray:
    """Return an array of Python objects as floats if each is a real number, or raise."""
    if raw.dtype.kind != "O":
        got = "words" if raw.dtype.kind in "US" else f"dtype {raw.dtype}"
        raise ValidationError(name, "real numbers", got)
    for kind in set(map(type, raw.flat)):
        if not issubclass(kind, Real | np.bool_):
            first = next(i for i, value in enumerate(raw.flat) if type(value) is kind)
            where = tuple(int(i) for i in np.unravel_index(first, raw.shape))
            got = f"{_short(raw[where])} at index {where}" if where else _short(raw[()])
            raise ValidationError(name, "real numbers", got)
    try:
        return raw.astype(float)
    except OverflowError as error:
        raise ValidationError(name, "of numbers that a float holds", str(error)) from error


def _short(value: object) -> str:
    text = repr(value)
    if len(text) < 40:
        return text
    return f"{'an' if type(value).__name__[0] in 'aeiouAEIOU' else 'a'} {type(value).__name__}"


def _unmasked(name: str, data: Any) -> AnyArray:
    """Return the data of a masked array in which nothing is masked."""
    count = int(np.ma.getmaskarray(data).sum())
    if count:
        got = f"{count} masked of {data.size}"
        remedy = "Leave out the rows that have some, or fill them: filled(value)."
        raise ValidationError(name, "without masked entries", got, remedy)
    return np.asarray(data)


def _check_kind(name: str, data: object) -> None:
    """Raise if ``data`` is of a kind that NumPy would read wrongly, or not at all."""
    if isinstance(data, type):
        raise ValidationError(name, "an array", f"the class {data.__name__}")
    if isinstance(data, Mapping):
        keys = ", ".join(map(repr, list(data)[:4])) + (", ..." if len(data) > 4 else "")
        remedy = f"Take what you mean from it, such as {name}[{next(iter(data), 'key')!r}]."
        raise ValidationError(name, "an array", f"a {type(data).__name__} of {keys}", remedy)
    if isinstance(data, _SETS):
        remedy = "Its order is not defined; give a list."
        raise ValidationError(name, "an array", f"a {type(data).__name__}", remedy)
    if isinstance(data, str | bytes | os.PathLike):
        remedy = "A path is not opened; load the array first, as by numpy.load."
        raise ValidationError(name, "an array", f"a {type(data).__name__}, {data!r}", remedy)
    if isinstance(data, _Sparse):
        got = f"a {type(data).__name__}, which is sparse"
        raise ValidationError(name, "a dense array", got, "Convert it by its toarray().")


def _check_rows(name: str, rows: Sequence[object]) -> None:
    """Raise if a row is of a kind that NumPy would read wrongly; most rows are of one type."""
    for kind in set(map(type, rows)):
        if kind in (float, int, list, tuple, np.ndarray):
            continue
        for i, row in enumerate(rows):
            if type(row) is kind:
                if isinstance(row, np.ma.MaskedArray):
                    _unmasked(f"{name}[{i}]", row)
                elif not isinstance(row, str | bytes):
                    _check_kind(f"{name}[{i}]", row)


def _from_table(raw: AnyArray, data: Any) -> AnyArray:
    """Return the numbers of a table whose columns are nullable, or of more than one type."""
    if raw.dtype.kind != "O" or not hasattr(data, "to_numpy"):
        return raw
    try:
        numbers: AnyArray = data.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        return raw  # a column is of something else, which as_real names
    # Words such as "1" are no numbers, nor are dates, though pandas would read them so.
    words = any(issubclass(kind, _NO_NUMBERS) for kind in set(map(type, raw.flat)))
    return raw if words else numbers


def check_dims(name: str, data: Any) -> None:
    """Raise if the axes of a labelled array are, by their names, neurons and then samples."""
    dims = data.dims
    if isinstance(dims, tuple) and len(dims) == 2 and dims[0] in _UNITS and dims[1] in _SAMPLES:
        remedy = f"Turn it round: {name}.transpose({dims[1]!r}, {dims[0]!r})."
        raise ValidationError(name, "of one sample a row", f"the axes {dims}", remedy)
