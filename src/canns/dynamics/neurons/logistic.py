"""Neurons that fire, or choose, with a logistic probability of their input."""

from typing import ClassVar

import jax

from canns.dynamics.neurons.random_spikes import RandomSpikes
from canns.dynamics.signal import Signal
from canns.typing import Array, param, pytree

__all__ = ["Logistic"]


@pytree
class Logistic(RandomSpikes):
    r"""Neurons without memory that fire with a logistic probability.

    .. math:: u = W x, \qquad P(s = 1) = \frac{1}{1 + e^{-\beta u}}

    They are the neurons of a Boltzmann machine without recurrent weights. A single one is the
    model of an animal that chooses between two actions, 0 and 1.

    Args:
        beta: Steepness, per unit of u.

    Example:
        >>> import jax.numpy as jnp
        >>> Logistic(beta=2.0).chance(jnp.array([0.0, 100.0])).tolist()
        [0.5, 1.0]

    Source: Williams (1992), Mach. Learn. 8:229.
    """

    beta: float = param(default=1.0, low=0)

    emits: ClassVar[Signal | None] = "logistic"

    def chance(self, potential: Array) -> Array:
        """Return the probability of a spike in one step at the potential u, of any shape."""
        return jax.nn.sigmoid(self.beta * potential)
