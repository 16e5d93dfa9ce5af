"""The sign of a field, and the tie rule for zero fields."""

from typing import Literal

import jax.numpy as jnp

from canns.typing import Array

__all__ = ["TIES", "TieRule", "sign_of"]

TieRule = Literal["keep", "plus", "minus"]
TIES: tuple[TieRule, ...] = ("keep", "plus", "minus")


def sign_of(drive: Array, states: Array, tolerance: Array, tie: TieRule) -> Array:
    """Return the sign of ``drive``; ``tie`` decides if it is within ``tolerance`` of zero.

    Args:
        drive: Field minus threshold, any shape.
        states: The present states.
        tolerance: Drives within it count as zero.
        tie: "keep" the state (a masked neuron, at 0, has none and goes to plus), "plus", "minus".

    Example:
        >>> drive, states = jnp.array([0.0, 0.0, -2.0]), jnp.array([-1.0, 0.0, 1.0])
        >>> sign_of(drive, states, jnp.zeros(3), "keep").tolist()
        [-1.0, 1.0, -1.0]
    """
    tied = jnp.abs(drive) <= tolerance
    if tie == "keep":
        return jnp.where(tied, jnp.where(states == 0, 1.0, states), jnp.sign(drive))
    return jnp.where(tied, 1.0 if tie == "plus" else -1.0, jnp.sign(drive))
