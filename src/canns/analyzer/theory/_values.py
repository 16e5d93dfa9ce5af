"""Numbers and arrays of numbers: checked on entry, returned as floats or arrays."""

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns._validation import did_you_mean
from canns.errors import ValidationError

__all__ = [
    "ArrayLike",
    "Floats",
    "Reals",
    "counts",
    "each",
    "each_tuple",
    "pick",
    "plain",
    "reals",
    "temperatures",
    "together",
]

Floats: TypeAlias = NDArray[np.float64]
Reals: TypeAlias = float | NDArray[np.float64]
Key = TypeVar("Key", bound=str)
Value = TypeVar("Value")
Result = TypeVar("Result", bound=tuple[object, ...])


def reals(
    name: str,
    values: ArrayLike,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> Floats:
    """Return ``values`` as a float64 array, all of it finite and from ``low`` to ``high``."""
    left = "(" if open_low or low == -math.inf else "["
    right = ")" if open_high or high == math.inf else "]"
    numbers = _numbers(name, values)
    below = numbers <= low if open_low else numbers < low
    above = numbers >= high if open_high else numbers > high
    interval = f"in {left}{low:g}, {high:g}{right}"
    _refuse(name, numbers, below | above | ~np.isfinite(numbers), f"finite and {interval}")
    return numbers


def temperatures(values: ArrayLike) -> Floats:
    """Return temperatures of at least 0. One so low that h/T would overflow becomes 0."""
    numbers = reals("temperature", values, low=0)
    return np.where(numbers < 1e-290, 0.0, numbers)


def counts(name: str, values: ArrayLike, *, low: int = 1) -> Floats:
    """Return ``values`` as a float64 array of whole numbers of at least ``low``."""
    numbers = _numbers(name, values)
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= low)
    _refuse(name, numbers, ~whole, f"a whole number >= {low}")
    return numbers


def pick(name: str, key: object, table: Mapping[Key, Value]) -> Value:
    """Return the entry of ``table`` that ``key`` names."""
    if isinstance(key, str):
        for known, value in table.items():
            if known == key:
                return value
    expected = f"one of {', '.join(map(repr, table))}"
    raise ValidationError(name, expected, repr(key), did_you_mean(key, map(str, table)))


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        raw = np.asarray(values)
    except ValueError as error:
        raise ValidationError(name, "an array of numbers", "rows of unlike lengths") from error
    if raw.dtype.kind not in "iuf":
        raise ValidationError(name, "a real number or an array of them", f"dtype {raw.dtype}")
    if raw.size == 0:
        raise ValidationError(name, "non-empty", f"shape {raw.shape}")
    return raw.astype(np.float64)


def _refuse(name: str, numbers: Floats, bad: NDArray[np.bool_], expected: str) -> None:
    if bad.any():
        raise ValidationError(name, expected, f"{numbers[bad][0]:g}")


def plain(values: Floats) -> Reals:
    """Return a float for an array without axes, and any other array as it is."""
    return float(values) if np.ndim(values) == 0 else values


def each(function: Callable[..., float], *arrays: Floats) -> Reals:
    """Return a function of numbers, applied to each element of arrays broadcast together."""
    return plain(np.vectorize(function, otypes=[float])(*together(*arrays)))


def each_tuple(
    kind: Callable[..., Result],
    width: int,
    function: Callable[..., tuple[float, ...]],
    *arrays: Floats,
) -> Result:
    """Apply a function of ``width`` results as :func:`each` does, and return a ``kind``."""
    columns = np.vectorize(function, otypes=[float] * width)(*together(*arrays))
    return kind(*(plain(column) for column in columns))


def together(*arrays: Floats) -> tuple[Floats, ...]:
    """Return arrays broadcast to one shape."""
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError as error:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValidationError("arrays", "of shapes that broadcast", shapes) from error
