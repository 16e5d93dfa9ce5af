"""Asynchronous sweeps from flip to flip, with the local field kept up to date."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns.typing import Array

__all__ = ["sweep_by_flips"]

Respond = Callable[[Array, Array, Array, Array], Array]


class _Place(NamedTuple):
    """How far the sweep of one cue has come: to the neuron that flips next."""

    rank: Array
    states: Array
    field: Array


def sweep_by_flips(
    respond: Respond,
    columns: Array,
    order: Array,
    states: Array,
    field: Array,
    tolerance: Array,
    noise: Array,
    held: Array,
) -> tuple[Array, Array]:
    """Return states and field after every neuron was updated once, in ``order``.

    Between two flips no field changes, so that whoever would flip next is found by looking at all
    neurons at once. A cue costs O(N) a flip, where to visit each neuron and form its field costs
    :math:`N^2`.

    Args:
        respond: Gives the new state from state, field, tolerance and noise.
        columns: W with the couplings from a neuron in a row, (N, N).
        order: The neurons in the order of the sweep, (N,).
        states: (B, N).
        field: Their local field, (B, N).
        tolerance: What counts as zero field, (N,).
        noise: (B, N).
        held: Which neurons hold their state, (B, N).
    """
    size = len(order)
    ranks = jnp.zeros(size, jnp.int32).at[order].set(jnp.arange(size, dtype=jnp.int32))

    def sweep(cue: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
        states, field, noise, held = cue

        def next_flip(states: Array, field: Array, first: Array | int) -> Array:
            due = (respond(states, field, tolerance, noise) != states) & ~held & (ranks >= first)
            return jnp.min(jnp.where(due, ranks, size))

        def flip(place: _Place) -> _Place:
            rank, states, field = place
            i = order[rank]
            response = respond(states[i], field[i], tolerance[i], noise[i])
            field = field + (response - states[i]) * columns[i]
            states = states.at[i].set(response)
            return _Place(next_flip(states, field, rank + 1), states, field)

        start = _Place(next_flip(states, field, 0), states, field)
        end = jax.lax.while_loop(lambda place: place.rank < size, flip, start)
        return end.states, end.field

    cues = states, field, noise, held
    # On a CPU one cue after another, so that one which has few flips is done with them soon.
    one_by_one = jax.default_backend() == "cpu"
    after: tuple[Array, Array] = jax.lax.map(sweep, cues) if one_by_one else jax.vmap(sweep)(cues)
    return after
