"""Types that several layers share: arrays, state boxes and hyperparameter classes."""

import dataclasses
from typing import Any, Protocol, TypeVar, dataclass_transform, runtime_checkable

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from canns._validation import check_real

__all__ = ["Array", "ArrayLike", "Parameters", "StateBox", "epsilon", "param", "pytree", "static"]

Array = jax.Array
C = TypeVar("C")


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
    """Make ``cls`` a frozen dataclass whose fields, save the static ones, are pytree leaves."""
    return jax.tree_util.register_dataclass(dataclasses.dataclass(frozen=True)(cls))


class Parameters:
    """Base of frozen dataclasses of hyperparameters."""

    def validate(self) -> None:
        """Raise ``ValidationError`` where a hyperparameter is outside its interval.

        A method, not ``__post_init__``: inside a traced function the same class holds tracers.
        """
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            bounds = field.metadata.get("bounds")
            if bounds is not None:
                check_real(field.name, getattr(self, field.name), **bounds)
