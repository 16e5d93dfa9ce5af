"""Recall of many probes: most stop early, a few late."""

import math

import jax
import numpy as np

from canns.dynamics import Couplings, Network, recall
from canns.typing import AnyArray, Array

__all__ = ["COMPILE_WORTH", "settle"]

#: Size of an array from which on it pays to compile again for a smaller one.
COMPILE_WORTH = 1 << 22

_STAGE = 25  # updates after which probes that have stopped are dropped


def settle(
    network: Network, weights: Couplings, cues: Array, key: Array, num_iter: int
) -> AnyArray:
    """Return the final states of :func:`~canns.dynamics.recall`, (B, N).

    A large network runs in stages, each with only the probes that are still moving.
    """
    stage = _STAGE if weights.size > COMPILE_WORTH else num_iter
    states, moving = np.array(cues), np.arange(len(cues))
    for done in range(0, num_iter, stage):
        batch = np.resize(moving, _batch_size(len(cues), len(moving)))
        updates = min(stage, num_iter - done)
        step_key = jax.random.fold_in(key, done)
        result = recall(network, weights, states[batch], key=step_key, num_iter=updates)
        states[moving] = np.asarray(result.states)[: len(moving)]
        # A cue in a 2-cycle goes on, to end in the right one of its two states.
        moving = moving[result.outcome[: len(moving)] != "converged"]
        if len(moving) == 0:
            break
    return states


def _batch_size(most: int, needed: int) -> int:
    """Return the least of most, most/4, most/16, ... from ``needed`` on: few to compile."""
    size = most
    while math.ceil(size / 4) >= needed and size > 1:
        size = math.ceil(size / 4)
    return size
