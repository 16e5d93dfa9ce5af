"""The check that energies are numbers, because one that overflows is no energy of any state."""

import jax
import numpy as np

from canns._placement import host
from canns.errors import DivergenceError
from canns.typing import AnyArray, Array

__all__ = ["finite_energies", "overflowed"]


def finite_energies(energies: Array | AnyArray) -> Array:
    """Return energies as they are, or raise if one is not finite; inside a trace they pass."""
    if not isinstance(energies, jax.core.Tracer) and not np.isfinite(host(energies)).all():
        raise overflowed(0)
    found: Array = energies  # type: ignore[assignment]  # of JAX, or of NumPy in its place
    return found


def overflowed(step: int) -> DivergenceError:
    """Return the error of energies that are not finite at a step."""
    bound = "Look at the weights, the states and the settings: a product of them is out of range."
    return DivergenceError("The energy became non-finite", step, bound)
