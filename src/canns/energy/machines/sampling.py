"""Gibbs sampling of whole batches, in calls that Ctrl-C can end."""

import jax

from canns._pieces import pieces, wait
from canns._precision import full_precision
from canns.energy.networks.boltzmann import Boltzmann, BoltzmannWeights
from canns.energy.networks.restricted import (
    RestrictedBoltzmann,
    RestrictedWeights,
    drawn,
)
from canns.typing import Array

__all__ = ["sample_boltzmann", "sample_restricted"]

_FIRST = 8  # sweeps in the first call


def sample_boltzmann(
    network: Boltzmann,
    weights: BoltzmannWeights,
    s: Array,
    key: Array,
    temperatures: Array,
    clamped: Array | None = None,
) -> Array:
    """Return the states after a sweep at each of the temperatures.

    Args:
        network: The machine.
        weights: Its weights.
        s: The states at the start, (B, N).
        key: Random key.
        temperatures: One for each sweep, (sweeps,).
        clamped: True for the units that keep their state, (B, N); None for none.
    """
    for start, end in pieces(len(temperatures), _FIRST):
        s = _sweep(network, weights, s, key, temperatures, clamped, start, end)
        wait(s)
    return s


@jax.jit
@full_precision
def _sweep(
    network: Boltzmann,
    weights: BoltzmannWeights,
    s: Array,
    key: Array,
    temperatures: Array,
    clamped: Array | None,
    start: int | Array,
    end: int | Array,
) -> Array:
    def sweep(i: Array, s: Array) -> Array:
        own_key = jax.random.fold_in(key, i)
        return network.gibbs(weights, s, own_key, temperatures[i], clamped)

    swept: Array = jax.lax.fori_loop(start, end, sweep, s)
    return swept


def sample_restricted(
    network: RestrictedBoltzmann, weights: RestrictedWeights, v: Array, key: Array, num_sweeps: int
) -> Array:
    """Return the visible units, (B, visible), after steps of Gibbs sampling from ``v``."""
    for start, end in pieces(num_sweeps, _FIRST):
        v = _steps(network, weights, v, key, start, end)
        wait(v)
    return v


@jax.jit
@full_precision
def _steps(
    network: RestrictedBoltzmann,
    weights: RestrictedWeights,
    v: Array,
    key: Array,
    start: int | Array,
    end: int | Array,
) -> Array:
    def step(i: Array, v: Array) -> Array:
        of_hidden, of_visible = jax.random.split(jax.random.fold_in(key, i))
        h = drawn(of_hidden, network.hidden(weights, v))
        return drawn(of_visible, network.visible(weights, h))

    stepped: Array = jax.lax.fori_loop(start, end, step, v)
    return stepped
