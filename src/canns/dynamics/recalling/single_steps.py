"""Single jitted calls of the pure dynamics, shared by the models."""

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns._finite import finite_energies
from canns._placement import native
from canns._precision import full_precision
from canns.dynamics.network import Network
from canns.dynamics.neuron import Activity, Neuron
from canns.typing import AnyArray, Array, PyTree

__all__ = ["network_energies", "neuron_step", "update_once"]


@explained
def network_energies(network: Network, weights: PyTree, states: Array | AnyArray) -> Array:
    """Return the energy of each state, (B, N), as (B,).

    Raises:
        DivergenceError: If an energy is not finite, such as one that overflows.
    """
    return finite_energies(_energies(network, *native((weights, states))))


@jax.jit
@full_precision
def _energies(network: Network, weights: PyTree, states: Array) -> Array:
    return network.energy(states, network.local_field(weights, states))


@explained
def update_once(network: Network, weights: PyTree, state: Array | AnyArray, key: Array) -> Array:
    """Return one state, (N,), after one update."""
    after: Array = _update(network, *native((weights, state)), key)
    return after


@jax.jit
@full_precision
def _update(network: Network, weights: PyTree, state: Array, key: Array) -> Array:
    states = state[None]
    field = network.local_field(weights, states)
    stays = jnp.zeros((1, 1), bool)
    after, _ = network.advance(weights, network.prepare(weights), states, field, key, None, stays)
    return after[0]


@explained
def neuron_step(
    neuron: Neuron, state: PyTree, weights: PyTree, x: Array | AnyArray
) -> tuple[PyTree, Activity]:
    """Return ``neuron.step(state, weights, x)``."""
    after: tuple[PyTree, Activity] = _step(neuron, *native((state, weights, x)))
    return after


@jax.jit
@full_precision
def _step(neuron: Neuron, state: PyTree, weights: PyTree, x: Array) -> tuple[PyTree, Activity]:
    return neuron.step(state, weights, x)
