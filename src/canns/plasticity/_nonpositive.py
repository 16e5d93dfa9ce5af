"""The projection that leaves weights which inhibit."""

import jax.numpy as jnp

from canns.plasticity._projections import Projection
from canns.typing import Array, pytree

__all__ = ["NonPositive"]


@pytree
class NonPositive(Projection):
    """Let weights inhibit only: what rises above zero is put back to it.

    Example:
        >>> import jax.numpy as jnp
        >>> NonPositive()(jnp.array([[-3.0, 0.5]])).tolist()
        [[-3.0, 0.0]]
    """

    def __call__(self, weights: Array) -> Array:
        """Return the weights, none above zero."""
        return jnp.minimum(weights, 0.0)
