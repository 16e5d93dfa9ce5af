"""Recalls that return every state on the way."""

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._buckets import bucket, fill
from canns._explain import explained
from canns._placement import host, native
from canns._precision import full_precision
from canns._validation import inside_trace
from canns.dynamics.network import Network
from canns.dynamics.recalling.load import Load, in_pieces, load_of, parts_of
from canns.dynamics.recalling.long_recall import part_conditions
from canns.dynamics.recalling.loop import NO_TRACE, Carry, Conditions, begin, update
from canns.dynamics.recalling.prepared import prepare
from canns.dynamics.recalling.recall import check_recall, conditions_of
from canns.dynamics.recalling.result import on_device
from canns.typing import AnyArray, Array, PyTree

__all__ = ["trajectory"]

_GROWTH = 8  # room for so many first pieces; the estimate makes the first one rather short


@explained
def trajectory(
    network: Network,
    weights: PyTree,
    cues: Array | AnyArray,
    *,
    key: Array,
    num_iter: int = 20,
    clamped: Array | NDArray[np.bool_] | None = None,
    temperatures: Array | AnyArray | None = None,
) -> Array:
    """Return the states of :func:`recall` before the first and after each update.

    The arguments are those of :func:`recall`. Like that, it works under JAX transformations. Graded
    dynamics can be run backwards: a cue that has stopped passes its derivative on unchanged.

    Returns:
        (num_iter + 1, B, N); a cue that has converged keeps its state, and one in a 2-cycle goes
        on.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import Hopfield
        >>> cycle = jnp.array([[0.0, 1.0], [1.0, 0.0]])
        >>> cue = jnp.array([[1.0, -1.0]])
        >>> trajectory(Hopfield(), cycle, cue, key=jax.random.key(0), num_iter=2)[:, 0].tolist()
        [[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0]]
    """
    weights, cues = native((weights, cues))
    check_recall(network, cues, num_iter)
    conditions = conditions_of(network, cues, 0.0, clamped, temperatures)
    if inside_trace(network, weights, cues, key, clamped, temperatures):
        path: Array = _record(network, weights, cues, len(cues), key, conditions, num_iter)
        return path
    load = load_of(network, weights, cues.shape[1])
    parts = parts_of(network, load, len(cues))
    length = bucket(parts[0].stop)
    rows = cues if len(parts) == 1 else host(cues)
    run = network, weights, key, num_iter, load
    paths = []
    for part in parts:
        count, own = part.stop - part.start, part_conditions(conditions, part, len(parts), length)
        here = fill(rows if len(parts) == 1 else rows[part], length)
        paths.append(_path(*run, here, count, own)[:, :count])
    return on_device(paths[0] if len(paths) == 1 else np.concatenate(paths, axis=1))


def _path(
    network: Network,
    weights: PyTree,
    key: Array,
    num_iter: int,
    load: Load,
    cues: Array | AnyArray,
    count: int,
    conditions: Conditions,
) -> AnyArray:
    """Return the states of the cues, from one compiled call, or several for a long run.

    Cues from ``count`` on are padding.
    """
    if load.is_short(len(cues), num_iter):
        return host(_record(network, weights, cues, count, key, conditions, num_iter))
    prepared = prepare(network, weights)
    width = min(num_iter, _GROWTH * load.first_piece(len(cues)))
    states = [host(cues)[None]]

    def run(carry: Carry, limit: int) -> Carry:
        done = int(carry.step)
        while done < limit:  # a piece may not be longer than the room for its states
            upto = min(done + width, limit)
            carry, seen = _record_piece(
                network, weights, prepared, carry, key, conditions, upto, width
            )
            states.append(host(seen)[: upto - done])
            done = upto
        return carry

    start = begin(network, weights, cues, count, NO_TRACE)
    in_pieces(run, start, num_iter, min(width, load.first_piece(len(cues))), lambda carry: True)
    return np.concatenate(states)


@jax.jit(static_argnames="num_iter")
@full_precision
def _record(
    network: Network,
    weights: PyTree,
    cues: Array,
    count: int,
    key: Array,
    conditions: Conditions,
    num_iter: int,
) -> Array:
    prepared, carry = network.prepare(weights), begin(network, weights, cues, count, NO_TRACE)

    def body(carry: Carry, _: None) -> tuple[Carry, Array]:
        carry = update(network, weights, prepared, carry, key, conditions, cycles_stop=False)
        return carry, carry.states

    _, states = jax.lax.scan(body, carry, length=num_iter)
    return jnp.concatenate([cues[None], states])


@jax.jit(static_argnames="width")
@full_precision
def _record_piece(
    network: Network,
    weights: PyTree,
    prepared: PyTree,
    carry: Carry,
    key: Array,
    conditions: Conditions,
    limit: int,
    width: int,
) -> tuple[Carry, Array]:
    """Return the cues after ``limit`` updates in total, and the states after each new update."""
    start = carry.step

    def body(place: tuple[Carry, Array]) -> tuple[Carry, Array]:
        carry, seen = place
        after = update(network, weights, prepared, carry, key, conditions, cycles_stop=False)
        return after, seen.at[carry.step - start].set(after.states)

    room = jnp.zeros((width, *carry.states.shape), carry.states.dtype)
    moved: tuple[Carry, Array] = jax.lax.while_loop(
        lambda place: place[0].step < limit, body, (carry, room)
    )
    return moved
