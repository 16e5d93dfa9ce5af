"""Single jitted calls of the pure dynamics, shared by the models."""

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.dynamics.network import Network
from canns.dynamics.neuron import Activity, Neuron
from canns.typing import Array, PyTree

__all__ = ["network_energies", "neuron_step", "update_once"]


@jax.jit
@full_precision
def network_energies(network: Network, weights: PyTree, states: Array) -> Array:
    """Return the energy of each state, (B, N), as (B,)."""
    return network.energy(states, network.local_field(weights, states))


@jax.jit
@full_precision
def update_once(network: Network, weights: PyTree, state: Array, key: Array) -> Array:
    """Return one state, (N,), after one update."""
    states = state[None]
    field = network.local_field(weights, states)
    stays = jnp.zeros((1, 1), bool)
    after, _ = network.advance(weights, network.prepare(weights), states, field, key, None, stays)
    return after[0]


@jax.jit
@full_precision
def neuron_step(neuron: Neuron, state: PyTree, weights: Array, x: Array) -> tuple[PyTree, Activity]:
    """Return ``neuron.step(state, weights, x)``."""
    return neuron.step(state, weights, x)
