"""Jitted single calls of the pure dynamics, which the models share."""

from typing import Any

import jax

from canns.dynamics._neuron import Activity, Neuron
from canns.dynamics._recall import Network
from canns.typing import Array

__all__ = ["network_energy", "neuron_step", "update_once"]


@jax.jit
def network_energy(network: Network, weights: Any, state: Array) -> Array:
    """Return the energy of one state, (N,), as a scalar."""
    states = state[None]
    return network.energy(states, network.local_field(weights, states))[0]


@jax.jit
def update_once(network: Network, weights: Any, state: Array, key: Array) -> Array:
    """Return one state, (N,), after one update."""
    states = state[None]
    field = network.local_field(weights, states)
    return network.step(weights, network.prepare(weights), states, field, key)[0]


@jax.jit
def neuron_step(neuron: Neuron, state: Any, weights: Array, x: Array) -> tuple[Any, Activity]:
    """Return ``neuron.step(state, weights, x)``."""
    return neuron.step(state, weights, x)
