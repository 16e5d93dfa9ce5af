"""Recall by many networks of the same shape at once."""

import jax

from canns._buckets import bucket, fill
from canns._explain import explained
from canns._pieces import PIECE
from canns.dynamics.network import Network
from canns.dynamics.recalling.load import load_of
from canns.dynamics.recalling.long_recall import settle_members_in_pieces
from canns.dynamics.recalling.loop import Ending, room_for, settle_members
from canns.dynamics.recalling.result import RecallResult, result_of
from canns.typing import AnyArray, Array, PyTree

__all__ = ["recall_members"]


@explained
def recall_members(
    networks: Network,
    weights: PyTree,
    cues: Array | AnyArray,
    *,
    keys: Array,
    num_iter: int,
    threshold: float,
) -> list[RecallResult]:
    """Run :func:`recall` for many networks of the same shape in one compiled call.

    A long run takes several calls, so that Ctrl-C works.

    Args:
        networks: Validated and stacked dynamics: each hyperparameter has a leading axis.
        weights: The stacked weights.
        cues: The cues, (members, B, N).
        keys: One key per member.
        num_iter: See :func:`recall`.
        threshold: See :func:`recall`.

    Returns:
        One result per member.
    """
    members, count, size = cues.shape
    load = load_of(networks, jax.tree.map(lambda leaf: leaf[0], weights), size)
    if load.seconds(members * count) > 2 * PIECE and members > 1:
        half = members // 2
        return [
            result
            for part in (slice(0, half), slice(half, members))
            for result in recall_members(
                *jax.tree.map(lambda leaf, part=part: leaf[part], (networks, weights, cues)),
                keys=keys[part],
                num_iter=num_iter,
                threshold=threshold,
            )
        ]
    room = room_for(num_iter)
    filled = fill(cues, bucket(count), axis=1)
    run = networks, weights, filled, count, keys, threshold, num_iter, room
    if load.is_short(members * count, room):
        ending = settle_members(*run)
    else:
        ending = settle_members_in_pieces(*run, load.first_piece(members * count))
    held = jax.device_get(ending)
    endings = [Ending(*(leaf[m] for leaf in held)) for m in range(members)]
    return [result_of(own, count).result for own in endings]
