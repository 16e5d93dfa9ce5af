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
    """How far the sweep of one cue has come.

    Args:
        rank: Rank of the neuron that flips next, or LAST.
        states: States after the flips so far, (N,).
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

    Between two flips no field changes, so the next neuron to flip is found by examining all neurons
    at once. A cue costs O(N) per flip, while visiting each neuron and computing its field would
    cost :math:`N^2`.

    Args:
        respond: Returns the new state, given state, field, tolerance and noise.
        columns: The transpose of W: row j has the couplings from neuron j, (N, N).
        order: The order of the sweep.
        states: The states before the sweep, (B, N).
        field: Their local field, (B, N).
        tolerance: Fields within it count as zero, (N,).
        noise: (B, N), or (1, 1) if all neurons have the same.
        held: True for the neurons that hold their state, (B, N) or (B, 1).
    """

    def sweep(cue: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
        states, field, held, own_noise = cue
        noise = own_noise if shared is None else shared
        ranks = jnp.where(held, LAST, order.ranks)

        # A neuron that is still to be visited has its state from before the sweep. So only these
        # states are read, and XLA can write the new ones in place.
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
    # On a CPU run one cue after another, so that a cue with few flips ends early.
    one_by_one = jax.default_backend() == "cpu"
    after: tuple[Array, Array] = jax.lax.map(sweep, cues) if one_by_one else jax.vmap(sweep)(cues)
    return after
