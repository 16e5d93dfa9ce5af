"""The restricted Boltzmann machine: visible and hidden units, connected across but not within."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns._validation import float_dtype
from canns.energy.network import EnergyNetwork, Range
from canns.typing import Array, pytree, static

__all__ = ["RestrictedBoltzmann", "RestrictedState", "RestrictedWeights", "drawn"]

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

    Example:
        >>> import jax.numpy as jnp
        >>> network = RestrictedBoltzmann(num_visible=2, num_hidden=1)
        >>> weights = RestrictedWeights(W=jnp.array([[2.0, -2.0]]), b=jnp.zeros(2), c=jnp.zeros(1))
        >>> state = RestrictedState(v=jnp.array([[1.0, 0.0]]), h=jnp.array([[1.0]]))
        >>> network.energy(weights, state).tolist()
        [-2.0]
        >>> print(network.hidden(weights, state.v).round(2))
        [[0.88]]

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
        dtype, shape = float_dtype(), (self.num_hidden, self.num_visible)
        W = _SPREAD * jax.random.normal(key, shape, dtype)
        return RestrictedWeights(W, jnp.zeros(shape[1], dtype), jnp.zeros(shape[0], dtype))

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

    def gibbs(self, weights: RestrictedWeights, h: Array, key: Array) -> RestrictedState:
        """Return the states after one step of Gibbs sampling: visible units, then hidden ones.

        Args:
            weights: The weights.
            h: The hidden units before, (B, hidden).
            key: Random key of the step.
        """
        of_visible, of_hidden = jax.random.split(key)
        v = drawn(of_visible, self.visible(weights, h))
        return RestrictedState(v, drawn(of_hidden, self.hidden(weights, v)))

    @full_precision
    def pseudo_likelihood(self, weights: RestrictedWeights, v: Array) -> Array:
        r"""Return :math:`\sum_i \ln P(v_i | v_{-i})` of each row, (B,), the sum over all units.

        ``P(v_i | others)`` compares the free energy of v with that of v with unit i flipped to
        ``1 - v_i``. That changes the inputs of the hidden units by a column of W.
        """
        W, b, c = weights
        inputs = v @ W.T + c
        reference = jax.nn.softplus(inputs).sum(axis=-1)

        def add(i: Array, total: Array) -> Array:
            turn = 1 - 2 * v[:, i]
            flipped = jax.nn.softplus(inputs + turn[:, None] * W[:, i]).sum(axis=-1)
            # The log-odds of v_i against its reverse: the free energy of the reverse, minus ours.
            return total + jax.nn.log_sigmoid(reference - flipped - turn * b[i])

        summed: Array = jax.lax.fori_loop(0, self.num_visible, add, jnp.zeros_like(reference))
        return summed


def drawn(key: Array, probability: Array) -> Array:
    """Return units that are 1 with these probabilities, else 0."""
    chances = jax.random.uniform(key, probability.shape, probability.dtype)
    return (chances < probability).astype(probability.dtype)
