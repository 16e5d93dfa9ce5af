"""Types that several layers share: arrays, state boxes and hyperparameter classes."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
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
from canns._explain import explain_methods, explained
from canns._names import Alias, renamed
from canns._validation import AnyArray, check_choice, check_flag, check_real
from canns.errors import ValidationError

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

#: The methods that compute, in compiled programs and outside of them.
_COMPUTE = frozenset({"advance", "energy", "integrate", "local_field", "prepare", "show", "step"})

follow_environment()  # here, because every module that compiles imports this one


@runtime_checkable
class StateBox(Protocol):
    """Anything that holds an array under ``.value``, such as a ``brainstate.State``."""

    value: PyTree


@explained
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
    """Declare a traced hyperparameter, and the interval that :meth:`Parameters.validate` checks.

    A hyperparameter whose default is None may be None.
    """
    bounds = _Bounds(low=low, high=high, open_low=open_low, open_high=open_high)
    return dataclasses.field(default=default, metadata={"bounds": bounds})


def static(*, default: object = dataclasses.MISSING, choices: Sequence[str] = ()) -> Any:
    """Declare a field that selects code, so that each of its values is compiled separately.

    :meth:`Parameters.validate` checks that it is one of ``choices``, or a flag if its default is
    True or False.
    """
    if not isinstance(choices, Sequence) or isinstance(choices, str):
        raise ValidationError("choices", "words, in a sequence", repr(choices))
    metadata = {"static": True, "choices": tuple(choices), "flag": isinstance(default, bool)}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass_transform(frozen_default=True, field_specifiers=(param, static))
def pytree(cls: type[C]) -> type[C]:
    """Make ``cls`` a frozen dataclass whose fields, save the static ones, are pytree leaves.

    ``jax.tree_util.register_dataclass`` would not do: JAX takes two classes registered with it for
    equal structures if they have equally many fields, so one rule could run the code compiled for
    another. Here the class is part of the structure.

    A class may name older names of its fields, ``_aliases = {"order": "update_order"}``. Its
    constructor and those of its subclasses take them as keywords, and its objects as attributes.
    """
    own_equality = "__eq__" in vars(cls)
    frozen = dataclasses.dataclass(frozen=True)(cls)
    if aliases := getattr(cls, "_aliases", {}):
        frozen.__init__ = renamed(**aliases)(frozen.__init__)  # type: ignore[method-assign]
        for older, name in aliases.items():
            setattr(frozen, older, Alias(name))
    fields = dataclasses.fields(frozen)  # type: ignore[arg-type]
    if not own_equality:
        equal = _equality(tuple(field.name for field in fields if field.compare))
        frozen.__eq__ = equal  # type: ignore[method-assign]
    fixed = [field.name for field in fields if field.metadata.get("static")]
    traced = [field.name for field in fields if field.name not in fixed]
    keys = [jax.tree_util.GetAttrKey(name) for name in traced]
    bare = (cls,)

    def flatten(node: C) -> tuple[list[object], _Structure]:
        # Every call of compiled code runs this, so it must be fast: map needs no Python frames.
        value_of = vars(node).__getitem__
        leaves = [*map(value_of, traced)]
        if int in map(type, leaves):  # 2 and 2.0 are one hyperparameter: they share a compilation
            leaves = [float(leaf) if is_small(leaf) else leaf for leaf in leaves]
        return leaves, ((cls, *map(value_of, fixed)) if fixed else bare)

    def flatten_with_keys(node: C) -> tuple[tuple[tuple[object, object], ...], _Structure]:
        leaves, structure = flatten(node)
        return tuple(zip(keys, leaves, strict=True)), structure

    def unflatten(structure: _Structure, leaves: Iterable[object]) -> C:
        values = zip([*traced, *fixed], [*leaves, *structure[1:]], strict=True)
        return frozen(**dict(values))

    jax.tree_util.register_pytree_with_keys(frozen, flatten_with_keys, unflatten, flatten)
    return frozen


def is_small(leaf: object) -> bool:
    """Whether a value is an integer that a float can hold."""
    return type(leaf) is int and abs(leaf) < 2**1000


def _equality(names: tuple[str, ...]) -> Callable[[object, object], bool]:
    """Return an ``__eq__`` that compares arrays by their shape and every number.

    The ``__eq__`` of a dataclass asks for the truth of an array comparison, which raises (before
    Python 3.13 only if the two objects hold different arrays). The hash is still that of the
    fields, so an object with an array has none.
    """

    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(_equal(getattr(self, name), getattr(other, name)) for name in names)

    return __eq__


def _equal(a: PyTree, b: PyTree) -> bool:
    if a is b:
        return True
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, jax.Array | np.ndarray) or isinstance(b, jax.Array | np.ndarray):
        return np.shape(a) == np.shape(b) and bool((a == b).all())
    return bool(a == b)


class _Bounds(TypedDict):
    """The interval of a hyperparameter, as :func:`param` takes it."""

    low: float
    high: float
    open_low: bool
    open_high: bool


class Parameters:
    """Base of frozen dataclasses of hyperparameters."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        explain_methods(cls, _COMPUTE)

    def validate(self) -> None:
        """Raise ``ValidationError`` if a hyperparameter is outside its interval or choices.

        This is not done in ``__post_init__``, because JAX rebuilds the objects of a class with
        tracers and placeholders as fields. Tracers pass.
        """
        cls: Any = type(self)
        bounded, chosen, flags = _checks(cls)
        values = vars(self)
        # Values that are plainly right cost no call: this runs at each recall and each training.
        for name, bounds, optional in bounded:
            value = values[name]
            if value is None and optional:
                continue
            if type(value) is not float or not bounds["low"] < value < bounds["high"]:
                check_real(name, value, **bounds)
        for name, choices in chosen:
            if type(values[name]) is not str or values[name] not in choices:
                check_choice(name, values[name], choices)
        for name in flags:
            if type(values[name]) is not bool:
                check_flag(name, values[name])


@cache
def _checks(
    cls: Any,
) -> tuple[list[tuple[str, _Bounds, bool]], list[tuple[str, tuple[str, ...]]], list[str]]:
    """Return the fields of a class that have an interval, those with choices, and the flags.

    A field with an interval may be None if that is its default.
    """
    fields = dataclasses.fields(cls)
    kinds = {field.name: field.metadata for field in fields}
    optional = {field.name for field in fields if field.default is None}
    return (
        [
            (name, kind["bounds"], name in optional)
            for name, kind in kinds.items()
            if "bounds" in kind
        ],
        [(name, kind["choices"]) for name, kind in kinds.items() if kind.get("choices")],
        [name for name, kind in kinds.items() if kind.get("flag")],
    )
