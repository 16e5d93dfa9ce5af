"""Types that several layers share: arrays, state boxes and hyperparameter classes."""

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol, TypeVar, dataclass_transform, runtime_checkable

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from canns._cache import follow_environment
from canns._validation import check_choice, check_flag, check_real

__all__ = [
    "Array",
    "ArrayLike",
    "Parameters",
    "StateBox",
    "epsilon",
    "param",
    "pytree",
    "static",
]

Array = jax.Array
C = TypeVar("C")

follow_environment()  # here, for whatever compiles imports this


@runtime_checkable
class StateBox(Protocol):
    """Anything that holds an array under ``.value``, such as a ``brainstate.State``."""

    value: Any


def epsilon(dtype: Any) -> float:
    """Return the rounding unit of a floating type."""
    return float(jnp.finfo(dtype).eps)  # type: ignore[no-untyped-call]


def param(
    *,
    default: Any = dataclasses.MISSING,
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
    frozen: Any = dataclasses.dataclass(frozen=True)(cls)
    fields = dataclasses.fields(frozen)
    fixed = [field.name for field in fields if field.metadata.get("static")]
    traced = [field.name for field in fields if field.name not in fixed]
    keys = [jax.tree_util.GetAttrKey(name) for name in traced]

    # Each compiled call flattens its arguments; so there are no calls in here.
    def flatten(node: Any) -> tuple[list[Any], Any]:
        values = vars(node)
        leaves, structure = [], [cls]
        for name in traced:
            value = values[name]
            # 2 and 2.0 are one hyperparameter, so they are to share a compilation.
            leaves.append(float(value) if type(value) is int else value)
        for name in fixed:
            structure.append(values[name])
        return leaves, tuple(structure)

    def flatten_with_keys(node: Any) -> tuple[Any, Any]:
        leaves, structure = flatten(node)
        return tuple(zip(keys, leaves, strict=True)), structure

    def unflatten(structure: Any, leaves: Any) -> Any:
        values = zip([*traced, *fixed], [*leaves, *structure[1:]], strict=True)
        return frozen(**dict(values))

    jax.tree_util.register_pytree_with_keys(frozen, flatten_with_keys, unflatten, flatten)
    registered: type[C] = frozen
    return registered


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
