"""How long runs take, by an estimate, and how long ones are cut into pieces."""

from collections.abc import Iterator
from threading import Event

import jax
import numpy as np

from canns._pieces import pieces, wait
from canns._placement import host
from canns.dynamics import Synapses
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.typing import Array, PyTree

__all__ = [
    "is_short",
    "is_sound",
    "parts_of_chunk",
    "pieces_of",
    "seconds_by_events",
    "seconds_of_sample",
    "steps_of_call",
]

_WHOLE = 0.05  # a run of at most so many estimated seconds is one call
_FIRST = 0.02  # estimated seconds of the first piece

# Typical seconds on a CPU: for a sample, and for each weight. They only decide how a run is cut.
_A_SAMPLE, _A_WEIGHT = 2e-7, 1e-9
_A_STEP, _A_NEURON = 1e-5, 5e-9  # by events


def seconds_of_sample(learner: Learner, members: int = 1) -> float:
    """Return the estimated time of a sample, if samples are learnt one by one.

    Args:
        learner: One learner, or several learners, stacked.
        members: Number of learners.
    """
    if isinstance(learner.weights, Synapses):
        return seconds_by_events(learner.weights)
    weights = int(sum(map(np.size, jax.tree.leaves(learner.weights))))
    return members * _A_SAMPLE + _A_WEIGHT * weights


def seconds_by_events(weights: PyTree) -> float:
    """Return the estimated time of a sample in a run by events, in which few neurons are active."""
    return float(_A_STEP + _A_NEURON * sum(weights.shape))


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
    return pieces_of(count, seconds_of_sample(learner, members), stop)


def pieces_of(total: int, each: float, stop: Event | None = None) -> Iterator[tuple[int, int]]:
    """Yield the pieces of ``total`` steps of ``each`` estimated seconds; see :func:`pieces`."""
    first = total if each * total <= _WHOLE else max(1, int(_FIRST / each))
    return pieces(total, first, stop)


def is_sound(fine: Array) -> bool:
    """Whether a piece ended healthy; this waits for its end."""
    wait(fine)
    return bool(host(fine).all())
