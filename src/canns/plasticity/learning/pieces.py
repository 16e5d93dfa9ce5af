"""Long runs in pieces, so that Ctrl-C stops them: Python handles it only between compiled calls."""

from collections.abc import Iterator
from threading import Event
from time import perf_counter

import jax
import numpy as np

from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.typing import Array

__all__ = ["is_short", "is_sound", "parts_of_chunk", "pieces", "seconds_of_sample", "steps_of_call"]

PIECE = 0.3  # seconds that each compiled call of a long run should take
_WHOLE = 0.05  # a run of at most so many estimated seconds is one call
_FIRST = 0.02  # estimated seconds of the first piece
_GROWTH = 32  # largest growth from one piece to the next

# Typical seconds on a CPU: for a sample, and for each weight. They only decide how a run is cut.
_A_SAMPLE, _A_WEIGHT = 2e-7, 1e-9


def seconds_of_sample(learner: Learner, members: int = 1) -> float:
    """Return the estimated time of a sample, if samples are learnt one by one.

    Args:
        learner: One learner, or several learners, stacked.
        members: Number of learners.
    """
    weights = int(sum(map(np.size, jax.tree.leaves(learner.weights))))
    return members * _A_SAMPLE + _A_WEIGHT * weights


def is_short(seconds: float) -> bool:
    """Whether a run that takes ``seconds`` by the estimate is one call."""
    return seconds <= _WHOLE


def steps_of_call(learner: Learner) -> int:
    """Return the maximal samples of a call whose length is compiled in: a power of two."""
    return 1 << max(1, int(2 * _WHOLE / seconds_of_sample(learner))).bit_length() - 1


def parts_of_chunk(
    setup: Setup, learner: Learner, count: int, *, members: int = 1, stop: Event | None = None
) -> Iterator[tuple[int, int]]:
    """Yield the first sample and the end of each call; one call if samples are learnt at once."""
    if setup.at_once:
        return iter([(0, count)])
    return pieces(count, seconds_of_sample(learner, members), stop)


def is_sound(fine: Array) -> bool:
    """Whether a piece ended healthy; this waits for the end of the piece."""
    return bool(np.all(jax.device_get(fine)))


def pieces(total: int, each: float, stop: Event | None = None) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each piece of ``total`` steps; the caller runs and awaits it.

    A piece should take about :data:`PIECE` seconds; the time of the previous piece determines how
    many steps that is. The caller's program should trace start and end, so that pieces of all
    lengths share one compilation.

    Args:
        total: Number of steps.
        each: Estimated seconds per step.
        stop: Ends the pieces once it is set. Threads need it, because Ctrl-C reaches only the main
            thread.
    """
    # Processes that compute together must make the same calls, so none may use its own clock.
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
