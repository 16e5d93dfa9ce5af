"""Contrastive divergence: a few steps of Gibbs sampling in place of the free phase."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.energy.network import EnergyNetwork, contrast
from canns.energy.networks.restricted import (
    RestrictedBoltzmann,
    RestrictedState,
    RestrictedWeights,
)
from canns.energy.rule import EnergyRule, EnergyStep, descend
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["ContrastiveDivergence", "Remembered"]


class Remembered(NamedTuple):
    """Memory of contrastive divergence.

    Args:
        chains: Hidden units of the persistent chains, (B, hidden); () if chains start at the data.
        velocity: The last change of the weights; () without momentum.
    """

    chains: PyTree
    velocity: PyTree


@pytree
class ContrastiveDivergence(EnergyRule):
    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (RestrictedBoltzmann,)
    watches: ClassVar[str] = "reconstruction_error"

    learning_rate: float = param(default=0.1, low=0)
    k: int = static(default=1)
    persistent: bool = static(default=False)
    weight_decay: float = param(default=0.0, low=0)
    momentum: float = param(default=0.0, low=0, high=1, open_high=True)

    def init(
        self, network: EnergyNetwork, weights: RestrictedWeights, batch_size: int, key: Array
    ) -> Remembered:
        """Return persistent chains of random hidden units, and no velocity."""
        shape = batch_size, len(weights.c)
        chains = jax.random.bernoulli(key, 0.5, shape).astype(weights.c.dtype)
        return Remembered(chains, jax.tree.map(jnp.zeros_like, weights))

    def step(
        self,
        network: EnergyNetwork,
        memory: Remembered,
        weights: RestrictedWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        assert isinstance(network, RestrictedBoltzmann)
        first, last = jax.random.split(key)
        positive = RestrictedState(x, network.hidden(weights, x))
        h = _draw(first, positive.h)

        def sweep(i: Array, state: RestrictedState) -> RestrictedState:
            of_visible, of_hidden = jax.random.split(jax.random.fold_in(last, i))
            v = _draw(of_visible, network.visible(weights, state.h))
            return RestrictedState(v, _draw(of_hidden, network.hidden(weights, v)))

        start = memory.chains if self.persistent else h
        v, h = jax.lax.fori_loop(0, self.k, sweep, RestrictedState(x, start))
        negative = RestrictedState(v, network.hidden(weights, v))
        slope = contrast(network, weights, positive, negative)
        change = descend(self.learning_rate, slope)
        error = ((x - network.visible(weights, positive.h)) ** 2).mean()
        return EnergyStep(memory._replace(chains=h), change, error)


def _draw(key: Array, probability: Array) -> Array:
    """Return units that are 1 with these probabilities."""
    return (jax.random.uniform(key, probability.shape, probability.dtype) < probability).astype(
        probability.dtype
    )
