"""The restricted Boltzmann machine: visible and hidden units, connected across but not within."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns._validation import float_dtype
from canns.energy.network import EnergyNetwork, Range
from canns.typing import Array, pytree, static

__all__ = ["RestrictedBoltzmann", "RestrictedState", "RestrictedWeights"]

_SPREAD = 0.01  # standard deviation of new weights, which breaks the symmetry of hidden units


class RestrictedWeights(NamedTuple):
    """Weights of a restricted Boltzmann machine.

    Args:
        W: Connections, (hidden, visible).
        b: Biases of the visible units.
        c: Biases of the hidden units.
    """

    W: Array
    b: Array
    c: Array


class RestrictedState(NamedTuple):
    """States of a restricted Boltzmann machine, 0 or 1, or probabilities in their place.

    Args:
        v: Visible units, (B, visible).
        h: Hidden units, (B, hidden).
    """

    v: Array
    h: Array


@pytree
class RestrictedBoltzmann(EnergyNetwork):
    r"""A restricted Boltzmann machine of units 0 and 1.

    .. math:: E(v, h) = -h^T W v - b^T v - c^T h

    Args:
        num_visible: Number of visible units.
        num_hidden: Number of hidden units.

    Source: Smolensky (1986), in Parallel Distributed Processing, vol. 1, ch. 6.
    """

    takes: ClassVar[Range] = "unit"

    num_visible: int = static()
    num_hidden: int = static()

    @property
    def num_inputs(self) -> int:
        """Number of visible units."""
        return self.num_visible

    def draw(self, key: Array) -> RestrictedWeights:
        """Return small Gaussian weights, of standard deviation 0.01, and biases of zero."""
        W = _SPREAD * jax.random.normal(key, (self.num_hidden, self.num_visible), float_dtype())
        return RestrictedWeights(W, jnp.zeros(self.num_visible), jnp.zeros(self.num_hidden))

    @full_precision
    def energy(self, weights: RestrictedWeights, state: RestrictedState) -> Array:
        """Return the energy of each state, (B,)."""
        W, b, c = weights
        v, h = state
        energy: Array = -((v @ W.T) * h).sum(axis=-1) - v @ b - h @ c
        return energy

    @full_precision
    def slope(self, weights: RestrictedWeights, state: RestrictedState) -> RestrictedWeights:
        """Return the mean of dE/dW, one matrix product."""
        v, h = state
        return RestrictedWeights(-h.T @ v / len(v), -v.mean(axis=0), -h.mean(axis=0))

    @full_precision
    def hidden(self, weights: RestrictedWeights, v: Array) -> Array:
        """Return the probability that each hidden unit is 1, given the visible ones."""
        return jax.nn.sigmoid(v @ weights.W.T + weights.c)

    @full_precision
    def visible(self, weights: RestrictedWeights, h: Array) -> Array:
        """Return the probability that each visible unit is 1, given the hidden ones."""
        return jax.nn.sigmoid(h @ weights.W + weights.b)

    @full_precision
    def free_energy(self, weights: RestrictedWeights, v: Array) -> Array:
        r"""Return :math:`F(v) = -b^T v - \sum_j \ln(1 + e^{(W v + c)_j})`, (B,)."""
        W, b, c = weights
        free: Array = -v @ b - jax.nn.softplus(v @ W.T + c).sum(axis=-1)
        return free
