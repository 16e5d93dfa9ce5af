"""What neurons share that have no memory, and fire at random by a chance set by their input."""

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.signal import PotentialKind, Signal
from canns.typing import Array, PyTree

__all__ = ["RandomSpikes", "RandomSpikesState"]


class RandomSpikesState(NamedTuple):
    """State of neurons that fire at random.

    Args:
        seed: Seed of the random numbers to come: eight bytes, (8,), stored as floats of the
            weights' type, each of which holds a byte exactly.
    """

    seed: Array


class RandomSpikes(Neuron):
    r"""Base of neurons that fire at random and independently, by a chance set by their input.

    .. math:: u = W x, \qquad P(s = 1) = \mathrm{chance}(u)

    The initial state always has the same seed; :meth:`seeded` sets another. A layer does so from
    ``brainstate.random`` whenever it is built or reset.

    Example:
        >>> from canns.dynamics import Logistic, Poisson
        >>> issubclass(Logistic, RandomSpikes), issubclass(Poisson, RandomSpikes)
        (True, True)
    """

    drives_only: ClassVar[bool] = True
    State: ClassVar[type[PyTree]] = RandomSpikesState
    emits: ClassVar[Signal | None] = "random"
    potential_kind: ClassVar[PotentialKind | None] = "field"
    provides: ClassVar[tuple[str, ...]] = ("potential",)
    stochastic: ClassVar[bool] = True

    @abstractmethod
    def chance(self, potential: Array) -> Array:
        """Return the probability of a spike in one step at the potential u, of any shape."""

    def init(self, weights: Array) -> PyTree:
        """Return the state whose seed is zero."""
        return self.State(jnp.zeros(8, weights.dtype))

    def seeded(self, state: PyTree, key: Array) -> PyTree:
        """Return the state with a seed drawn from a JAX key."""
        return self.State(jax.random.bits(key, (8,), jnp.uint8).astype(state.seed.dtype))

    def step(self, state: PyTree, weights: Array, x: Array) -> tuple[PyTree, Activity]:
        """Draw the spikes of one step, and the seed of the next."""
        own, later = jax.random.split(_key(state.seed))
        u = weights @ x
        drawn = jax.random.uniform(own, u.shape, jnp.promote_types(u.dtype, jnp.float32))
        spike = (drawn < before_spike(self.chance(u), self)).astype(u.dtype)
        return self.seeded(state, later), self.show(x, spike, u)


def _key(seed: Array) -> Array:
    """Return the JAX key that consists of eight bytes."""
    parts = seed.astype(jnp.uint32).reshape(2, 4) << jnp.arange(0, 32, 8, dtype=jnp.uint32)
    words = parts.sum(axis=1, dtype=jnp.uint32)
    key: Array = jax.random.wrap_key_data(words, impl="threefry2x32")
    return key
