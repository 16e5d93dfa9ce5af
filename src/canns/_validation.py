"""Checks at the library's edge: every public function validates its input here, once.

Each check returns the value in the form that the library works with, or raises
:class:`~canns.errors.ValidationError` before anything has been written.
"""

import difflib
import math
import operator
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import SupportsFloat, SupportsIndex, TypeVar, cast

import numpy as np

from canns._arrays import AnyArray, as_numpy, as_real, check_dims, is_stream
from canns.errors import ValidationError

__all__ = [
    "AnyArray",
    "as_numpy",
    "check_array",
    "check_choice",
    "check_flag",
    "check_folder",
    "check_matrix",
    "check_members",
    "check_real",
    "check_size",
    "check_vector",
    "did_you_mean",
    "float_dtype",
    "inside_trace",
    "is_stream",
    "is_traced",
    "rank",
    "refuse_class",
]

Choice = TypeVar("Choice", bound=str)
_MOST = 2**64  # more than anything that is counted, and than any seed
_BOOLS = bool, np.bool_
_NO_REAL = bool, str, bytes, complex, type(None), Decimal, Fraction  # JAX reads none of them


def refuse_class(name: str, expected: str, value: object) -> None:
    """Raise if ``value`` is a class, given in place of one of its instances."""
    if isinstance(value, type):
        remedy = f"Make one: {value.__name__}(...)."
        raise ValidationError(name, expected, f"the class {value.__name__}", remedy)


def float_dtype() -> np.dtype[np.floating]:
    """The floating type that JAX now computes in: float32, or float64 with x64 on."""
    import jax  # not at the top: theory checks its input, and needs no JAX

    return np.dtype(jax.dtypes.canonicalize_dtype(float))


def is_traced(*values: object) -> bool:
    """Whether any of these contains a JAX tracer, whose value is not known yet."""
    jax = sys.modules.get("jax")  # if it is not imported, nothing is traced
    if jax is None:
        return False
    for leaf in jax.tree.leaves(values):  # noqa: SIM110  # no generator: this runs often
        if isinstance(leaf, jax.core.Tracer):
            return True
    return False


def inside_trace(*values: object) -> bool:
    """Whether JAX traces one of these values, or all computations, as inside ``jax.jit``."""
    if is_traced(*values):
        return True
    import jax  # not at the top: `import canns` loads nothing heavy

    # Inside jit every new array is a tracer, even if it is made of constants only.
    return is_traced(jax.device_put(0))


def check_real(
    name: str,
    value: object,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Return ``value`` as a finite float inside the interval from ``low`` to ``high``.

    A traced value is returned as it is, because it is not known yet.
    """
    bounds = low, high, open_low, open_high
    if isinstance(value, _NO_REAL):
        raise ValidationError(name, f"a real number {_interval(*bounds)}", repr(value))
    try:
        number = float(cast(SupportsFloat, value))
    except (TypeError, ValueError, OverflowError) as error:
        if is_traced(value):
            return cast(float, value)
        raise ValidationError(name, f"a real number {_interval(*bounds)}", repr(value)) from error
    below = number <= low if open_low else number < low
    above = number >= high if open_high else number > high
    if not math.isfinite(number) or below or above:
        raise ValidationError(name, f"a finite number {_interval(*bounds)}", repr(value))
    return number


def _interval(low: float, high: float, open_low: bool, open_high: bool) -> str:
    left = "(" if open_low or low == -math.inf else "["
    right = ")" if open_high or high == math.inf else "]"
    return f"in {left}{low:g}, {high:g}{right}"


def check_size(name: str, value: object, *, low: int = 1, high: int | None = None) -> int:
    """Return ``value`` as an int of at least ``low``, and at most ``high`` if that is given."""
    number = None
    if not isinstance(value, _BOOLS):
        with suppress(TypeError):
            number = operator.index(cast(SupportsIndex, value))
    if number is None or not low <= number <= (_MOST if high is None else high):
        expected = f"an integer >= {low}" if high is None else f"an integer from {low} to {high}"
        raise ValidationError(name, expected, repr(value))
    return number


def check_members(name: str, members: object, kind: type, *, or_none: bool = False) -> None:
    """Raise if ``members`` is no tuple of objects of a kind, or of None if that may be."""
    if not isinstance(members, tuple):
        raise ValidationError(name, f"a tuple of {kind.__name__} objects", repr(members))
    for i, member in enumerate(members):
        refuse_class(f"{name}[{i}]", f"a {kind.__name__}", member)
        if not isinstance(member, kind) and not (or_none and member is None):
            raise ValidationError(f"{name}[{i}]", f"a {kind.__name__}", repr(member))


def check_folder(name: str, folder: object) -> Path:
    """Return a folder that exists, or that can be made, and that can be written to."""
    if not isinstance(folder, str | os.PathLike):
        raise ValidationError(name, "a path", repr(folder))
    path = Path(folder)
    there = next(part for part in (path, *path.absolute().parents) if part.exists())
    if not there.is_dir():
        raise ValidationError(name, "a folder", f"{str(path)!r}, and {str(there)!r} is a file")
    if not os.access(there, os.W_OK):
        raise ValidationError(name, "a folder to write to", repr(str(path)))
    return path


def check_flag(name: str, value: object) -> bool:
    """Return ``value`` as a bool if it is True or False."""
    if not isinstance(value, _BOOLS):
        raise ValidationError(name, "True or False", repr(value))
    return bool(value)


def check_choice(
    name: str, value: object, choices: Iterable[Choice], *, expected: str = "one of "
) -> Choice:
    """Return ``value`` if it is one of ``choices``; ``expected`` goes before them in the error."""
    known = tuple(choices)
    # Check the type first: an array would be compared element by element.
    if not isinstance(value, str) or value not in known:
        listed = expected + ", ".join(map(repr, known))
        raise ValidationError(name, listed, repr(value), did_you_mean(value, known))
    return value


def did_you_mean(word: object, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """Return "Did you mean 'tanh'?" if one of the ``known`` words is close, or else "".

    Args:
        word: What was written.
        known: The words that would have been right.
        likeness: How alike two words must be, from 0 to 1, by ``difflib``.

    Example:
        >>> did_you_mean("tahn", ["sign", "tanh"])
        "Did you mean 'tanh'?"
    """
    if not isinstance(word, str):
        return ""
    lowered = {other.casefold(): other for other in known}
    close = difflib.get_close_matches(word.casefold(), lowered, n=1, cutoff=likeness)
    return f"Did you mean {lowered[close[0]]!r}?" if close else ""


def check_array(name: str, data: object, *, remedy: str = "") -> AnyArray:
    """Return ``data`` as a finite, non-empty float array of any rank."""
    raw = as_numpy(name, data)
    if raw.size == 0:
        raise ValidationError(
            name, "non-empty", f"shape {raw.shape}", remedy or "A generator can be read only once."
        )
    if raw.dtype.kind not in "biuf" and not _is_jax_float(raw.dtype):
        raw = as_real(name, raw)
    values = _as_float(raw)
    if not np.isfinite(values).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValidationError(
            name,
            "finite",
            f"{raw[where]} at index {where}",
            f"Remove NaN and infinite entries; the largest {values.dtype} is "
            f"{np.finfo(values.dtype).max:.3g}.",
        )
    return values


def _as_float(raw: AnyArray) -> AnyArray:
    dtype = float_dtype()
    if raw.dtype == dtype:
        return raw
    with np.errstate(over="ignore"):  # an overflow gives inf, which check_array reports
        return raw.astype(dtype)


def _is_jax_float(dtype: np.dtype[np.generic]) -> bool:
    """Whether ``dtype`` is a floating type that NumPy does not know, such as bfloat16."""
    import jax.numpy as jnp

    return bool(jnp.issubdtype(dtype, jnp.floating))


def rank(name: str, data: object) -> int:
    """Return the number of axes of ``data``."""
    return as_numpy(name, data).ndim


def check_vector(name: str, data: object, size: int | None = None, *, remedy: str = "") -> AnyArray:
    """Return ``data`` as a finite 1-D float array, of length ``size`` if that is given."""
    values = check_array(name, data)
    if values.ndim != 1 or (size is not None and len(values) != size):
        length = "(N,)" if size is None else f"({size},)"
        raise ValidationError(name, f"1-D of shape {length}", f"shape {values.shape}", remedy)
    return values


def check_matrix(
    name: str, data: object, width: int | None = None, *, remedy: str = ""
) -> AnyArray:
    """Return ``data`` as a finite 2-D float array of rows, ``width`` long if that is given."""
    if hasattr(data, "dims"):  # of a labelled array
        check_dims(name, data)
    values = check_array(name, data)
    if values.ndim != 2 or (width is not None and values.shape[1] != width):
        shape = "(rows, N)" if width is None else f"(rows, {width})"
        raise ValidationError(
            name,
            f"2-D of shape {shape}",
            f"shape {values.shape}",
            remedy or "Give one pattern a row, all of one length.",
        )
    return values
