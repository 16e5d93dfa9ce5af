"""Exact averages of small Boltzmann machines, over all states."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.energy.networks.boltzmann import Boltzmann, BoltzmannState, BoltzmannWeights
from canns.errors import ValidationError
from canns.typing import Array

__all__ = ["MOST_UNITS", "Phases", "all_states", "check_units", "exact_phases", "index_of"]

MOST_UNITS = 20  # a million states, which with their energies take a few hundred megabytes


class Phases(NamedTuple):
    """Both phases of a Boltzmann machine, exactly.

    Args:
        positive: All states, and their probabilities with the visible units clamped to the data.
        negative: All states, and their probabilities in the free network.
        log_visible: Logarithm of the probability of each visible configuration, (2^visible,).
    """

    positive: BoltzmannState
    negative: BoltzmannState
    log_visible: Array


def check_units(name: str, num_units: int, remedy: str) -> None:
    """Raise if so many units have too many states to list."""
    if num_units > MOST_UNITS:
        expected = f"at most {MOST_UNITS} units, whose states can be listed"
        raise ValidationError(name, expected, f"{num_units}", remedy)


def all_states(num_units: int, dtype: "jnp.dtype[jnp.floating] | type") -> Array:
    """Return all states of units 0 and 1, (2^N, N); the first unit changes most slowly."""
    places = jnp.arange(num_units - 1, -1, -1)
    return (jnp.arange(2**num_units)[:, None] >> places & 1).astype(dtype)


def index_of(states: Array) -> Array:
    """Return the row of :func:`all_states` in which each of the states is, (B,)."""
    places = jnp.arange(states.shape[-1] - 1, -1, -1)
    return (states.astype(jnp.int32) << places).sum(axis=-1)


@full_precision
def exact_phases(network: Boltzmann, weights: BoltzmannWeights, visible: Array) -> Phases:
    """Return both phases, over all 2^N states.

    Args:
        network: A network of at most 20 units.
        weights: Its weights.
        visible: Probability of each visible configuration in the data, (2^visible,).
    """
    states = all_states(network.num_units, weights.W.dtype)
    log_weight = -network.energy(weights, BoltzmannState(states)) / network.temperature
    joint = log_weight.reshape(2**network.num_visible, 2**network.num_hidden)
    of_visible = jax.nn.logsumexp(joint, axis=1)
    log_partition = jax.nn.logsumexp(of_visible)
    clamped = visible[:, None] * jnp.exp(joint - of_visible[:, None])
    return Phases(
        BoltzmannState(states, clamped.ravel()),
        BoltzmannState(states, jnp.exp(log_weight - log_partition)),
        of_visible - log_partition,
    )
