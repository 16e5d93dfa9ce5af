"""Long runs in pieces, so that Ctrl-C stops them: Python hears it only between compiled calls."""

from collections.abc import Iterator
from threading import Event
from time import perf_counter

import jax
import numpy as np

from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.typing import Array

__all__ = ["is_short", "is_sound", "parts_of_chunk", "pieces", "seconds_of_sample", "steps_of_call"]

PIECE = 0.3  # seconds that a compiled call of a long run takes
_WHOLE = 0.05  # seconds up to which, by the estimate, a run is one call
_FIRST = 0.02  # of the first piece, by the estimate
_GROWTH = 8  # of a piece against the one before: the first one may have been compiled, too

# Seconds of a sample on a CPU, as most rules take. They decide only how a run is cut.
_A_SAMPLE, _A_WEIGHT = 2e-7, 1e-9


def seconds_of_sample(learner: Learner, members: int = 1) -> float:
    """Return about how long a sample takes that is learnt one by one.

    Args:
        learner: One learner, or several, stacked.
        members: How many.
    """
    weights = int(sum(map(np.size, jax.tree.leaves(learner.weights))))
    return members * _A_SAMPLE + _A_WEIGHT * weights


def is_short(seconds: float) -> bool:
    """Whether a run that takes so long by the estimate is one call."""
    return seconds <= _WHOLE


def steps_of_call(learner: Learner) -> int:
    """Return the most samples of a call whose length is part of the program, a power of two."""
    return 1 << max(1, int(2 * _WHOLE / seconds_of_sample(learner))).bit_length() - 1


def parts_of_chunk(
    setup: Setup, learner: Learner, count: int, *, members: int = 1, stop: Event | None = None
) -> Iterator[tuple[int, int]]:
    """Yield which of ``count`` samples each call takes: all if they are learnt at once."""
    if setup.at_once:
        return iter([(0, count)])
    return pieces(count, seconds_of_sample(learner, members), stop)


def is_sound(fine: Array) -> bool:
    """Whether a piece came out sound; this waits until it is done."""
    return bool(np.all(jax.device_get(fine)))


def pieces(total: int, each: float, stop: Event | None = None) -> Iterator[tuple[int, int]]:
    """Yield where each piece of ``total`` steps starts and stops; the caller runs and awaits it.

    A piece has as many steps as take about :data:`PIECE`, going by how long the one before took.
    The program should trace where a piece starts and stops, so that no piece is compiled anew.

    Args:
        total: Steps.
        each: About how many seconds a step takes.
        stop: Ends the pieces once it is set, as Ctrl-C cannot in a thread that is not the first.
    """
    # Processes that compute together must call alike, so that none may go by its own clock.
    alone = jax.process_count() == 1
    start, length = 0, total if is_short(each * total) else max(1, int(_FIRST / each))
    while start < total and not (stop is not None and stop.is_set()):
        end = min(start + length, total)
        began = perf_counter()
        yield start, end
        if alone:
            fitting = PIECE * (end - start) / max(perf_counter() - began, 1e-9)
            length = max(1, min(int(fitting), _GROWTH * (end - start)))
        start = end
