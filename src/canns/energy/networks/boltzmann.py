"""The Boltzmann machine: stochastic units 0 and 1 with symmetric connections."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._precision import full_precision
from canns._validation import as_numpy, float_dtype, is_traced
from canns.energy.network import EnergyNetwork, Range
from canns.errors import ValidationError
from canns.typing import Array, epsilon, param, pytree, static

__all__ = ["Boltzmann", "BoltzmannState", "BoltzmannWeights"]

_SPREAD = 0.1  # standard deviation of new weights, which breaks the symmetry of hidden units


class BoltzmannWeights(NamedTuple):
    """Weights of a Boltzmann machine.

    Args:
        W: Connections, (N, N), symmetric and with zero diagonal.
        b: Biases, (N,).
    """

    W: Array
    b: Array


class BoltzmannState(NamedTuple):
    """States of a Boltzmann machine.

    Args:
        s: Units, 0 or 1, (B, N), the visible ones first.
        share: Probability of each state, (B,); None if all count the same.
    """

    s: Array
    share: Array | None = None


@pytree
class Boltzmann(EnergyNetwork):
    r"""A Boltzmann machine of units 0 and 1, of which data clamp the first, the visible ones.

    .. math:: E(s) = -\tfrac12 s^T W s - b^T s, \qquad P(s) = e^{-E(s)/T} / Z

    Args:
        num_visible: Number of visible units.
        num_hidden: Number of hidden units.
        temperature: T, in the unit of the energy.
        connections: True for the pairs that are connected, (N, N), symmetric; None for all.

    Example:
        >>> import jax.numpy as jnp
        >>> network = Boltzmann(num_visible=2)
        >>> weights = BoltzmannWeights(W=jnp.array([[0.0, 2.0], [2.0, 0.0]]), b=jnp.zeros(2))
        >>> network.energy(weights, BoltzmannState(jnp.array([[1.0, 0.0], [1.0, 1.0]]))).tolist()
        [-0.0, -2.0]

    Source: Ackley, Hinton & Sejnowski (1985), Cognitive Science 9:147.
    """

    takes: ClassVar[Range] = "binary"

    num_visible: int = static()
    num_hidden: int = static(default=0)
    temperature: float | Array = param(default=1.0, low=0, open_low=True)
    connections: Array | None = None

    @property
    def num_inputs(self) -> int:
        """Number of visible units."""
        return self.num_visible

    @property
    def num_units(self) -> int:
        """Number of all units, N."""
        return self.num_visible + self.num_hidden

    def draw(self, key: Array) -> BoltzmannWeights:
        """Return small Gaussian weights, of standard deviation 0.1, and biases of zero."""
        n = self.num_units
        upper = jnp.triu(_SPREAD * jax.random.normal(key, (n, n), float_dtype()), 1)
        return BoltzmannWeights(self._connected(upper + upper.T), jnp.zeros(n, float_dtype()))

    def check_weights(self, weights: BoltzmannWeights) -> None:
        """Raise if W is not symmetric, or its diagonal not zero."""
        if is_traced(weights):
            return
        W = as_numpy("W", weights.W)
        remedy = "Take W = (W + W.T) / 2, and np.fill_diagonal(W, 0)."
        if W.diagonal().any():
            raise ValidationError("W", "zero on the diagonal", f"{W.diagonal()}", remedy)
        largest = float(np.abs(W - W.T).max())
        if largest > 4 * epsilon(W.dtype) * np.abs(W).max():
            raise ValidationError("W", "symmetric", f"entries {largest:.2g} apart", remedy)

    @full_precision
    def field(self, weights: BoltzmannWeights, s: Array) -> Array:
        """Return the input of each unit, ``W s + b``, (B, N)."""
        return s @ weights.W + weights.b

    @full_precision
    def energy(self, weights: BoltzmannWeights, state: BoltzmannState) -> Array:
        """Return the energy of each state, (B,)."""
        W, b = weights
        s = state.s
        energy: Array = -0.5 * ((s @ W) * s).sum(axis=-1) - s @ b
        return energy

    @full_precision
    def slope(self, weights: BoltzmannWeights, state: BoltzmannState) -> BoltzmannWeights:
        """Return the mean of dE/dW: minus the share of states with both units of a pair at 1."""
        s, share = state
        weighted = s / len(s) if share is None else s * share[:, None]
        both = weighted.T @ s
        both = self._connected(0.5 * (both + both.T))  # a product may round its halves differently
        return BoltzmannWeights(-both, -weighted.sum(axis=0))

    def _connected(self, W: Array) -> Array:
        """Return W without the diagonal, and without the pairs that are not connected."""
        absent = jnp.eye(self.num_units, dtype=bool)
        if self.connections is not None:
            absent |= ~jnp.asarray(self.connections, bool)
        return jnp.where(absent, 0, W)

    @full_precision
    def gibbs(
        self,
        weights: BoltzmannWeights,
        s: Array,
        key: Array,
        temperature: float | Array | None = None,
        clamped: Array | None = None,
        first: int = 0,
    ) -> Array:
        r"""Return the states after one sweep of Gibbs sampling, unit by unit.

        .. math:: P(s_i = 1) = \frac{1}{1 + e^{-(W s + b)_i / T}}

        Args:
            weights: The weights.
            s: The states, (B, N).
            key: Random key of the sweep.
            temperature: T of this sweep; None for the network's own.
            clamped: True for the units that keep their state, (N,) or (B, N); None for none.
            first: The first unit of the sweep: the number of visible units to sample hidden ones.
        """
        W, b = weights
        T = self.temperature if temperature is None else temperature
        chances = jax.random.uniform(key, (self.num_units - first, len(s)), s.dtype)
        mask = None if clamped is None else jnp.broadcast_to(clamped, s.shape)

        def unit(i: Array, s: Array) -> Array:
            on = chances[i - first] < jax.nn.sigmoid((s @ W[i] + b[i]) / T)
            new = on.astype(s.dtype)
            return s.at[:, i].set(new if mask is None else jnp.where(mask[:, i], s[:, i], new))

        swept: Array = jax.lax.fori_loop(first, self.num_units, unit, s)
        return swept
