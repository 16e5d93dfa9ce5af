"""The projection onto connections that lead one way along the order of the neurons."""

import jax.numpy as jnp

from canns.plasticity._projections import Projection, check_square
from canns.typing import Array, pytree

__all__ = ["StrictlyLower"]


@pytree
class StrictlyLower(Projection):
    """Keep only the connections to each neuron from those before it: the strict lower triangle.

    Example:
        >>> import jax.numpy as jnp
        >>> StrictlyLower()(jnp.ones((2, 2))).tolist()
        [[0.0, 0.0], [1.0, 0.0]]
    """

    @property
    def once(self) -> bool:
        """Once is enough."""
        return True

    @property
    def distributes(self) -> bool:
        """True: it leaves some weights alone and makes the others zero."""
        return True

    def __call__(self, weights: Array) -> Array:
        """Return the weights with zeros on the diagonal and above."""
        check_square(weights, "to lead from neuron to neuron")
        return jnp.tril(weights, -1)
