"""Recalls of several compiled calls: long ones, and those with an ``on_step`` callback."""

import jax
import numpy as np

from canns._buckets import bucket, fill
from canns._callbacks import wants_stop
from canns._placement import host
from canns.dynamics.network import Network
from canns.dynamics.recalling.load import Load, in_pieces, parts_of
from canns.dynamics.recalling.loop import (
    Carry,
    Conditions,
    Ending,
    advance,
    advance_members,
    begin,
    begin_members,
    end,
    end_members,
)
from canns.dynamics.recalling.prepared import prepare
from canns.dynamics.recalling.result import OnStep, join_endings, progress_of
from canns.typing import AnyArray, Array, PyTree

__all__ = ["part_conditions", "settle_in_pieces", "settle_members_in_pieces"]


def settle_in_pieces(
    network: Network,
    weights: PyTree,
    prepared: PyTree,
    cues: Array | AnyArray,
    key: Array,
    conditions: Conditions,
    num_iter: int,
    room: int,
    load: Load,
    on_step: OnStep | None,
) -> Ending:
    """Return every cue at its end, or after ``num_iter`` updates, as ``settle`` does.

    If single updates take long, the batch is cut into parts. The parts run one after another; with
    ``on_step`` all parts take one update before any takes the next.
    """
    prepared = prepare(network, weights) if prepared is None else prepared
    conditions = conditions._replace(num_iter=num_iter)
    parts = parts_of(network, load, len(cues))
    counts = [part.stop - part.start for part in parts]
    length = bucket(counts[0])
    rows = cues if len(parts) == 1 else host(cues)
    held = [part_conditions(conditions, part, len(parts), length) for part in parts]

    def start(which: int) -> Carry:
        own = rows if len(parts) == 1 else rows[parts[which]]
        carry: Carry = begin(network, weights, fill(own, length), counts[which], room)
        return carry

    def move(which: int, carry: Carry, limit: int) -> Carry:
        after: Carry = advance(network, weights, prepared, carry, key, held[which], limit)
        return after

    def run(which: int) -> Ending:
        moved = in_pieces(
            lambda carry, limit: move(which, carry, limit),
            start(which),
            num_iter,
            load.first_piece(length),
            _runs,
        )
        ending: Ending = end(moved, counts[which])
        return ending

    if on_step is None:
        return join_endings([run(which) for which in range(len(parts))], counts)
    carries = [start(which) for which in range(len(parts))]
    for limit in range(1, num_iter + 1):
        carries = [move(which, carry, limit) for which, carry in enumerate(carries)]
        stopped = wants_stop(on_step, progress_of(carries, counts, limit))
        if stopped or not any(map(_runs, carries)):
            break
    return join_endings([end(*own) for own in zip(carries, counts, strict=True)], counts)


def settle_members_in_pieces(
    networks: Network,
    weights: PyTree,
    cues: Array | AnyArray,
    count: int,
    keys: Array,
    threshold: float,
    num_iter: int,
    room: int,
    first: int,
) -> Ending:
    """Return the cues of many networks at their ends, as ``settle_members`` does."""
    carries: Carry = in_pieces(
        lambda carries, limit: advance_members(
            networks, weights, carries, keys, threshold, num_iter, limit
        ),
        begin_members(networks, weights, cues, count, room),
        num_iter,
        first,
        _runs,
    )
    ending: Ending = end_members(carries, count)
    return ending


def part_conditions(conditions: Conditions, part: slice, parts: int, length: int) -> Conditions:
    """Return the conditions of a part of a batch, padded to ``length`` cues."""
    mask = conditions.clamped
    if mask is not None:
        mask = jax.device_put(fill(np.asarray(mask)[part], length))
    return conditions._replace(clamped=mask, first=None if parts == 1 else part.start)


def _runs(carry: Carry) -> bool:
    return bool(host(carry.running).any())
