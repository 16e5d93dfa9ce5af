"""Weights and states of a network whose number of neurons changes."""

import numpy as np

from canns._memory import check_memory
from canns._placement import host
from canns._validation import float_dtype
from canns.errors import ValidationError
from canns.typing import AnyArray, Array

__all__ = ["patterns_too_short", "resized", "resized_state"]


def resized(
    weights: Array, state: Array, size: int, *, preserve: bool, rest: float, scale: float = 1.0
) -> tuple[AnyArray, AnyArray]:
    """Return weights and state for ``size`` neurons.

    Args:
        weights: (N, N).
        state: (N,).
        size: The new N.
        preserve: Keep the weights among the neurons that stay; other weights are zero.
        rest: State of new neurons.
        scale: Factor on the kept weights.
    """
    kept, dtype = min(size, len(state)), float_dtype()
    check_memory(
        "num_neurons",
        2 * dtype.itemsize * size**2,
        "W, made and written",
        "Take fewer neurons, or forget the weights by preserve_submatrix=False.",
    )
    new_weights = np.zeros((size, size), dtype)
    if preserve:
        new_weights[:kept, :kept] = scale * host(weights)[:kept, :kept]
    return new_weights, resized_state(state, size, rest=rest)


def resized_state(state: Array, size: int, *, rest: float) -> AnyArray:
    """Return the state for ``size`` neurons; new neurons are at ``rest``."""
    kept, new_state = min(size, len(state)), np.full(size, rest)
    new_state[:kept] = host(state)[:kept]
    return new_state


def patterns_too_short(length: int, size: int, remedy: str) -> ValidationError:
    """Return the error of a network whose stored patterns have no values for new neurons."""
    expected = f"at most {length} to keep the stored patterns"
    forget = f"Forget them by preserve_submatrix=False, {remedy}"
    return ValidationError("num_neurons", expected, repr(size), forget)
