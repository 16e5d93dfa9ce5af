"""How long recalls take, by an estimate, and how long ones are cut into parts and pieces."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import jax
import numpy as np

from canns._buckets import bucket
from canns._pieces import PIECE, pieces, wait
from canns.dynamics.network import Network
from canns.typing import PyTree

__all__ = ["Load", "in_pieces", "load_of", "parts_of"]

S = TypeVar("S")

_FIRST = 0.1  # seconds of the first call, by an estimate
_WHOLE = 0.8  # a run of at most so many seconds, by the estimate, is one call
_FEWEST = 16  # cues in a part; with fewer, reading the weights would take most of the time

# Seconds per operation on one or two cores, rather too long. They only decide how runs are cut.
_A_WEIGHT, _A_NEURON = 1.5e-10, 2e-8  # synchronous updates
_A_WEIGHT_IN_TURN, _A_NEURON_IN_TURN, _A_VISIT = 1e-9, 3e-7, 3e-6


class Load(NamedTuple):
    """Estimated seconds of an update: per cue, and the overhead of all cues together."""

    each: float
    overhead: float

    def seconds(self, rows: int) -> float:
        """Return the estimated seconds of an update of ``rows`` cues."""
        return self.overhead + rows * self.each

    def is_short(self, rows: int, updates: int) -> bool:
        """Whether ``updates`` updates are short enough for one call."""
        return updates * (self.overhead + rows * self.each) <= _WHOLE

    def first_piece(self, rows: int) -> int:
        """Return the number of updates in the first call of a long run."""
        return max(1, int(_FIRST / self.seconds(rows)))

    def first_updates(self, rows: int, updates: int) -> int:
        """Return the number of updates in the first call: all of them in a short run."""
        return updates if self.is_short(rows, updates) else self.first_piece(rows)


def load_of(network: Network, weights: PyTree, size: int) -> Load:
    """Estimate how long an update of ``size`` neurons takes."""
    if isinstance(weights, jax.Array):
        numbers = weights.size
    else:
        numbers = sum(map(np.size, jax.tree.leaves(weights)))
    if getattr(network, "asynchronous", False):
        each = _A_WEIGHT_IN_TURN * numbers + _A_NEURON_IN_TURN * size
        return Load(each, _A_VISIT * size)
    return Load(_A_WEIGHT * numbers + _A_NEURON * size, 0.0)


def parts_of(network: Network, load: Load, rows: int) -> list[slice]:
    """Return the parts of a batch of ``rows`` cues, each with short updates."""
    room = int((PIECE - load.overhead) / load.each)
    if not network.splits_by_cue or load.seconds(rows) <= 2 * PIECE:
        return [slice(0, rows)]
    length = max(_FEWEST, room)
    length = bucket(length) if bucket(length) <= length else 1 << (length.bit_length() - 1)
    return [slice(start, min(start + length, rows)) for start in range(0, rows, length)]


def in_pieces(
    run: Callable[[S, int], S],
    state: S,
    total: int,
    first: int,
    unfinished: Callable[[S], bool],
) -> S:
    """Return ``state`` after ``total`` updates, or as soon as it is no longer unfinished.

    Args:
        run: Given a state and a number, returns the state after so many updates in total.
        state: The state at the start.
        total: Number of updates.
        first: Number of updates in the first call.
        unfinished: Whether a state needs more updates.
    """
    for _, limit in pieces(total, first):
        state = run(state, limit)
        wait(state)
        if not unfinished(state):
            break
    return state
