"""Types that several layers share: arrays, state boxes and hyperparameter classes."""

import dataclasses
from functools import cache
from typing import Any, Protocol, TypeVar, dataclass_transform, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from canns._cache import follow_environment
from canns._validation import check_real

__all__ = ["Array", "ArrayLike", "Parameters", "StateBox", "epsilon", "param", "pytree", "static"]

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


def static(*, default: Any = dataclasses.MISSING) -> Any:
    """A field that selects code, so it is part of what a compilation is cached under."""
    return dataclasses.field(default=default, metadata={"static": True})


@dataclass_transform(frozen_default=True, field_specifiers=(param, static))
def pytree(cls: type[C]) -> type[C]:
    """Make ``cls`` a frozen dataclass whose fields, save the static ones, are pytree leaves.

    Not by ``jax.tree_util.register_dataclass``: JAX takes two classes registered with it, and of
    as many fields, for equal structures, so one rule could run the code compiled for another.
    Here the class is part of the structure.
    """
    own_equality = "__eq__" in vars(cls)
    frozen: Any = dataclasses.dataclass(frozen=True)(cls)
    fields = dataclasses.fields(frozen)
    if not own_equality:
        frozen.__eq__ = _equality(tuple(field.name for field in fields if field.compare))
    fixed = [field.name for field in fields if field.metadata.get("static")]
    traced = [field.name for field in fields if field.name not in fixed]
    keys = [jax.tree_util.GetAttrKey(name) for name in traced]
    bare = (cls,)

    def flatten(node: Any) -> tuple[list[Any], Any]:
        # Every call of compiled code does this, so it is short.
        values = vars(node)
        leaves = [values[name] for name in traced]
        if int in map(type, leaves):  # 2 and 2.0 are one hyperparameter: they share a compilation
            leaves = [float(leaf) if type(leaf) is int else leaf for leaf in leaves]
        return leaves, ((cls, *[values[name] for name in fixed]) if fixed else bare)

    def flatten_with_keys(node: Any) -> tuple[Any, Any]:
        leaves, structure = flatten(node)
        return tuple(zip(keys, leaves, strict=True)), structure

    def unflatten(structure: Any, leaves: Any) -> Any:
        values = zip([*traced, *fixed], [*leaves, *structure[1:]], strict=True)
        return frozen(**dict(values))

    jax.tree_util.register_pytree_with_keys(frozen, flatten_with_keys, unflatten, flatten)
    registered: type[C] = frozen
    return registered


def _equality(names: tuple[str, ...]) -> Any:
    """Return ``__eq__`` of fields that may be arrays, which are equal in shape and every number.

    The one of a dataclass asks an array whether it is true, which raises; before Python 3.13 it
    did not if both objects held the very same array. A hash is that of the fields, as ever: there
    is none of an array.
    """

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(_equal(getattr(self, name), getattr(other, name)) for name in names)

    return __eq__


def _equal(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, jax.Array | np.ndarray) or isinstance(b, jax.Array | np.ndarray):
        return np.shape(a) == np.shape(b) and bool((a == b).all())
    return bool(a == b)


class Parameters:
    """Base of frozen dataclasses of hyperparameters."""

    def validate(self) -> None:
        """Raise ``ValidationError`` where a hyperparameter is outside its interval.

        A method, not ``__post_init__``: inside a traced function the same class holds tracers.
        """
        cls: Any = type(self)
        for name, bounds in _bounds(cls):
            check_real(name, getattr(self, name), **bounds)


@cache
def _bounds(cls: Any) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return the hyperparameters that have an interval, with it; looked up once for a class."""
    fields = [(field.name, field.metadata.get("bounds")) for field in dataclasses.fields(cls)]
    return tuple((name, bounds) for name, bounds in fields if bounds is not None)
