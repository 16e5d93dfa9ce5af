"""Types that several layers share: arrays, state boxes and hyperparameter classes."""

import dataclasses
from collections.abc import Iterable
from functools import cache
from typing import (
    Any,
    Protocol,
    TypeAlias,
    TypedDict,
    TypeVar,
    dataclass_transform,
    runtime_checkable,
)

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from numpy import typing as npt
from numpy.typing import NDArray

from canns._cache import follow_environment
from canns._validation import AnyArray, check_real

__all__ = [
    "JSON",
    "AnyArray",
    "Array",
    "ArrayLike",
    "BoolArray",
    "FloatArray",
    "IntArray",
    "Parameters",
    "PyTree",
    "Row",
    "Rows",
    "StateBox",
    "epsilon",
    "is_traced",
    "param",
    "pytree",
    "static",
]

Array = jax.Array  #: an array of JAX
FloatArray: TypeAlias = NDArray[np.floating]
IntArray: TypeAlias = NDArray[np.integer]
BoolArray: TypeAlias = NDArray[np.bool_]
PyTree: TypeAlias = Any  #: arrays in tuples, dataclasses and the like, such as states and weights
Row: TypeAlias = npt.ArrayLike  #: one sample, (N,): an array, a list, or what NumPy makes one of
Rows: TypeAlias = npt.ArrayLike | Iterable[npt.ArrayLike]  #: samples, (P, N), or an iterable
JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
C = TypeVar("C")

_Structure: TypeAlias = tuple[object, ...]  # the class, and its static fields

follow_environment()  # here, for whatever compiles imports this


@runtime_checkable
class StateBox(Protocol):
    """Anything that holds an array under ``.value``, such as a ``brainstate.State``."""

    value: PyTree


def is_traced(tree: PyTree) -> bool:
    """Whether a leaf of ``tree`` is a tracer, of which no value is at hand."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(tree))


def epsilon(dtype: npt.DTypeLike) -> float:
    """Return the rounding unit of a floating type."""
    return float(jnp.finfo(dtype).eps)  # type: ignore[no-untyped-call]


def param(
    *,
    default: object = dataclasses.MISSING,
    low: float = float("-inf"),
    high: float = float("inf"),
    open_low: bool = False,
    open_high: bool = False,
) -> Any:
    """A traced hyperparameter with the interval that :meth:`Parameters.validate` holds it to."""
    bounds = {"low": low, "high": high, "open_low": open_low, "open_high": open_high}
    return dataclasses.field(default=default, metadata={"bounds": bounds})


def static(*, default: object = dataclasses.MISSING) -> Any:
    """A field that selects code, so it is part of what a compilation is cached under."""
    return dataclasses.field(default=default, metadata={"static": True})


@dataclass_transform(frozen_default=True, field_specifiers=(param, static))
def pytree(cls: type[C]) -> type[C]:
    """Make ``cls`` a frozen dataclass whose fields, save the static ones, are pytree leaves.

    Not by ``jax.tree_util.register_dataclass``: JAX takes two classes registered with it, and of
    as many fields, for equal structures, so one rule could run the code compiled for another.
    Here the class is part of the structure.
    """
    frozen = dataclasses.dataclass(frozen=True)(cls)
    fields = dataclasses.fields(frozen)  # type: ignore[arg-type]
    fixed = [field.name for field in fields if field.metadata.get("static")]
    traced = [field.name for field in fields if field.name not in fixed]
    keys = [jax.tree_util.GetAttrKey(name) for name in traced]

    def flatten(node: C) -> tuple[tuple[object, ...], _Structure]:
        # By map, not by comprehensions: this runs for each part of each call of a jitted function.
        value_of = vars(node).__getitem__
        leaves = tuple(map(value_of, traced))
        if int in map(type, leaves):  # 2 and 2.0 are one hyperparameter: they share a compilation
            leaves = tuple(float(leaf) if type(leaf) is int else leaf for leaf in leaves)
        return leaves, (cls, *map(value_of, fixed))

    def flatten_with_keys(node: C) -> tuple[tuple[tuple[object, object], ...], _Structure]:
        leaves, structure = flatten(node)
        return tuple(zip(keys, leaves, strict=True)), structure

    def unflatten(structure: _Structure, leaves: Iterable[object]) -> C:
        values = zip([*traced, *fixed], [*leaves, *structure[1:]], strict=True)
        return frozen(**dict(values))

    jax.tree_util.register_pytree_with_keys(frozen, flatten_with_keys, unflatten, flatten)
    return frozen


class _Bounds(TypedDict):
    low: float
    high: float
    open_low: bool
    open_high: bool


class Parameters:
    """Base of frozen dataclasses of hyperparameters."""

    def validate(self) -> None:
        """Raise ``ValidationError`` where a hyperparameter is outside its interval.

        A method, not ``__post_init__``: inside a traced function the same class holds tracers.
        """
        cls = type(self)
        for name, bounds in _bounds(cls):  # type: ignore[arg-type]
            check_real(name, getattr(self, name), **bounds)


@cache
def _bounds(cls: type) -> tuple[tuple[str, "_Bounds"], ...]:
    """Return the hyperparameters that have an interval, with it; looked up once for a class."""
    fields = [(field.name, field.metadata.get("bounds")) for field in dataclasses.fields(cls)]
    return tuple((name, bounds) for name, bounds in fields if bounds is not None)
