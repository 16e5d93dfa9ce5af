"""Wrong values, and calls with one argument made wrong."""

import decimal
import fractions
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np


class Nothing:
    """An object of no kind that any function takes."""


def _general() -> list[Any]:
    """Return values that are wrong for most arguments; anew, because a call may use them up."""
    return [
        Nothing(),
        None,
        True,
        -1,
        0,
        3,
        0.5,
        10**12,
        10**30,
        10**400,
        -1.5,
        1e-30,
        1e30,
        float("nan"),
        float("inf"),
        1j,
        decimal.Decimal("0.5"),
        fractions.Fraction(1, 3),
        "",
        "no such name",
        b"bytes",
        [],
        (),
        {},
        {"a": 1},
        {1, 2},
        [1.0, "a"],
        [[1.0], [1.0, 2.0]],
        [None],
        range(3),
        iter([1.0, 2.0]),
        int,
        len,
        Path("no/such/file"),
        np.empty((0,)),
        np.empty((0, 3)),
        np.array(1.0),
        np.array([np.nan, 1.0]),
        np.array([[np.inf, 1.0]]),
        np.array(["a", "b"]),
        np.array([None, 1], dtype=object),
        np.array([1 + 1j]),
        np.datetime64("2020-01-01"),
        np.ones((2, 3, 4)),
        np.ones(7),
        jnp.ones((5, 5)),
        np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    ]


def _near(value: Any) -> Iterator[Any]:
    """Yield values that are nearly right: arrays of another shape, numbers a little too far."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        yield from (-value, value * 1e9, value + 0.5, str(value), [value], np.array([value, value]))
        return
    try:
        rows = np.asarray(value)
    except Exception:
        return
    if rows.dtype.kind not in "biuf" or rows.ndim == 0 or rows.size > 10**6:
        return
    real = rows.astype(float)
    yield from (real.T, real[..., :-1], real[:-1], real[None], real[..., None], real.ravel())
    with np.errstate(invalid="ignore"):
        yield from (real * np.nan, real * np.inf, real * 1e30, real * 1e-30, -real, real + 0.5)
    yield from (real.astype(complex), real.astype(str), real.astype(object), real.tolist())
    yield from (rows.astype(">f8"), rows[::-1], np.concatenate([real, real]), real[:0])


def wrong_values(value: Any) -> list[Any]:
    """Return the wrong values to try in place of ``value``."""
    return [*_near(value), *_general()]


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a call, without ``self``; none if it has no signature."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    return [p for p in found if p.name not in ("self", "cls")]


def shown(value: Any) -> str:
    """Return a short description of a value, for a report."""
    try:
        if isinstance(value, np.ndarray) and value.size > 6:
            return f"array{value.shape} of {value.dtype}"
        return repr(value)[:40].replace("\n", " ")
    except Exception:
        return type(value).__name__
