"""Asynchronous sweeps from flip to flip, with the local field kept up to date."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.networks.order import LAST, Order
from canns.typing import Array

__all__ = ["sweep_by_flips"]

Respond = Callable[[Array, Array, Array, Array], Array]


class _Place(NamedTuple):
    """How far the sweep of one cue has come: to the neuron that flips next.

    Args:
        rank: Of that neuron, or LAST.
        states: After the flips so far, (N,).
        field: Their local field, (N,).
    """

    rank: Array
    states: Array
    field: Array


def sweep_by_flips(
    respond: Respond,
    columns: Array,
    order: Order,
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
        order: Of the sweep.
        states: (B, N).
        field: Their local field, (B, N).
        tolerance: What counts as zero field, (N,).
        noise: (B, N), or (1, 1) for all the same.
        held: Which neurons hold their state, (B, N) or (B, 1).
    """

    def sweep(cue: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
        states, field, held, own_noise = cue
        noise = own_noise if shared is None else shared
        ranks = jnp.where(held, LAST, order.ranks)

        # Who is still to be visited has the state that the sweep began with; so nothing but that is
        # read, and what is written needs no copy.
        def next_flip(field: Array, first: Array) -> Array:
            due = (respond(states, field, tolerance, noise) != states) & (ranks >= first)
            return jnp.min(jnp.where(due, ranks, LAST))

        def flip(place: _Place) -> _Place:
            i = order.neuron_at(place.rank)
            own = noise[i] if shared is None else shared
            response = respond(states[i], place.field[i], tolerance[i], own)
            field = place.field + (response - states[i]) * columns[i]
            after = place.states.at[i].set(response)
            return _Place(next_flip(field, place.rank + 1), after, field)

        start = _Place(next_flip(field, jnp.uint32(0)), states, field)
        end = jax.lax.while_loop(lambda place: place.rank < LAST, flip, start)
        return end.states, end.field

    shared = noise[0, 0] if noise.size == 1 else None
    each = jnp.broadcast_to(noise, (len(states), noise.shape[1]))
    cues = states, field, held, each
    # On a CPU one cue after another, so that one which has few flips is done with them soon.
    one_by_one = jax.default_backend() == "cpu"
    after: tuple[Array, Array] = jax.lax.map(sweep, cues) if one_by_one else jax.vmap(sweep)(cues)
    return after
