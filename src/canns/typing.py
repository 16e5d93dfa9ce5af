"""Types that several layers share: arrays, state boxes and hyperparameter classes."""

import dataclasses
from collections.abc import Iterable, Sequence
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
from canns._validation import AnyArray, check_choice, check_flag, check_real

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


def static(*, default: Any = dataclasses.MISSING, choices: Sequence[str] = ()) -> Any:
    """A field that selects code, so it is part of what a compilation is cached under.

    :meth:`Parameters.validate` holds it to its ``choices``, or to True and False if the default is
    one of them.
    """
    metadata = {"static": True, "choices": tuple(choices), "flag": isinstance(default, bool)}
    return dataclasses.field(default=default, metadata=metadata)


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

    # Each compiled call flattens its arguments; so there are no calls in here.
    def flatten(node: C) -> tuple[list[object], _Structure]:
        values = vars(node)
        leaves: list[object] = []
        structure: list[object] = [cls]
        for name in traced:
            value = values[name]
            # 2 and 2.0 are one hyperparameter, so they are to share a compilation.
            leaves.append(float(value) if type(value) is int else value)
        for name in fixed:
            structure.append(values[name])
        return leaves, tuple(structure)

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
        """Raise ``ValidationError`` if a hyperparameter is outside its interval or choices.

        A method, not ``__post_init__``: inside a traced function the same class holds tracers,
        which pass.
        """
        cls: Any = type(self)
        bounded, chosen, flags = _checks(cls)
        values = vars(self)
        # What is plainly right needs no call: this runs at each recall and each training.
        for name, bounds in bounded:
            value = values[name]
            if type(value) is not float or not bounds["low"] < value < bounds["high"]:
                check_real(name, value, **bounds)
        for name, choices in chosen:
            if values[name] not in choices:
                check_choice(name, values[name], choices)
        for name in flags:
            if type(values[name]) is not bool:
                check_flag(name, values[name])


@cache
def _checks(cls: Any) -> tuple[list[Any], list[Any], list[str]]:
    """Return the fields with an interval, those with choices, and the flags, of a class."""
    kinds = {field.name: field.metadata for field in dataclasses.fields(cls)}
    return (
        [(name, kind["bounds"]) for name, kind in kinds.items() if "bounds" in kind],
        [(name, kind["choices"]) for name, kind in kinds.items() if kind.get("choices")],
        [name for name, kind in kinds.items() if kind.get("flag")],
    )
