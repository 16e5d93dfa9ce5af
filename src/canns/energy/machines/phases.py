"""Both phases of a Boltzmann machine, by sampling."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns.energy.networks.boltzmann import Boltzmann, BoltzmannState, BoltzmannWeights
from canns.energy.networks.restricted import drawn
from canns.typing import Array, PyTree

__all__ = ["SampledPhases", "random_units", "sampled_phases"]


class SampledPhases(NamedTuple):
    """States that were sampled in two phases, and the last ones of the free network."""

    positive: BoltzmannState
    negative: BoltzmannState
    chains: Array


def sampled_phases(
    network: Boltzmann,
    weights: BoltzmannWeights,
    x: Array,
    key: Array,
    num_sweeps: int,
    *,
    num_chains: int | None = None,
    annealing: Array | None = None,
    chains: Array | None = None,
) -> SampledPhases:
    """Return states of both phases.

    Args:
        network: The network.
        weights: Its weights.
        x: Data to clamp the visible units to, (B, visible).
        key: Random key.
        num_sweeps: Number of sweeps in which states are counted.
        num_chains: Number of free chains; None for as many as data.
        annealing: Temperatures of the sweeps before these; None for none.
        chains: Where the free chains start, (chains, N); they are not annealed then. None for
            random units.
    """
    of_hidden, of_free, clamped_key, free_key = jax.random.split(key, 4)
    free = random_units(network, of_free, num_chains or len(x), x.dtype)
    hidden = random_units(network, of_hidden, len(x), x.dtype)[:, network.num_visible :]
    clamped = jnp.concatenate([x, hidden], axis=1)
    positive = BoltzmannState(clamped)
    if network.num_hidden:
        parts = network, weights, clamped, clamped_key, num_sweeps, annealing
        positive, _ = _relax(*parts, first=network.num_visible)
    if chains is not None:
        free, annealing = chains, None
    negative, last = _relax(network, weights, free, free_key, num_sweeps, annealing)
    return SampledPhases(positive, negative, last)


def random_units(network: Boltzmann, key: Array, count: int, dtype: PyTree) -> Array:
    """Return units that are on with probability 1/2, (count, N)."""
    return drawn(key, jnp.full((count, network.num_units), 0.5, dtype))


def _relax(
    network: Boltzmann,
    weights: BoltzmannWeights,
    s: Array,
    key: Array,
    num_sweeps: int,
    annealing: Array | None,
    first: int = 0,
) -> tuple[BoltzmannState, Array]:
    """Return the states of all sweeps after the annealing, as one batch, and the last ones."""
    hot, cold = jax.random.split(key)

    def cooled(s: Array, each: tuple[Array, Array]) -> tuple[Array, None]:
        own_key, temperature = each
        return network.gibbs(weights, s, own_key, temperature, first=first), None

    def counted(s: Array, own_key: Array) -> tuple[Array, Array]:
        s = network.gibbs(weights, s, own_key, first=first)
        return s, s

    if annealing is not None:
        steps = jax.random.split(hot, len(annealing)), jnp.asarray(annealing)
        s, _ = jax.lax.scan(cooled, s, steps)
    last, states = jax.lax.scan(counted, s, jax.random.split(cold, num_sweeps))
    return BoltzmannState(states.reshape(-1, network.num_units)), last
