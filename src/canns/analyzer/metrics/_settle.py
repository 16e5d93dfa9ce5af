"""Recall of many probes, of which most stop early and a few late."""

import math
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import Couplings, Network, recall
from canns.typing import Array

__all__ = ["COMPILE_WORTH", "settle"]

#: Numbers in an array from which on a smaller array is worth a compilation of its own.
COMPILE_WORTH = 1 << 22

_STAGE = 25  # updates after which the probes that have stopped are let go


def settle(
    network: Network, weights: Couplings, cues: Array, key: Array, num_iter: int
) -> NDArray[Any]:
    """Return where :func:`~canns.dynamics.recall` ends, (B, N).

    In a large network it goes by stages, each with the probes that are still moving.
    """
    stage = _STAGE if weights.size > COMPILE_WORTH else num_iter
    states, moving = np.array(cues), np.arange(len(cues))
    for done in range(0, num_iter, stage):
        batch = np.resize(moving, _batch_size(len(cues), len(moving)))
        updates = min(stage, num_iter - done)
        step_key = jax.random.fold_in(key, done)
        result = recall(network, weights, states[batch], key=step_key, num_iter=updates)
        states[moving] = np.asarray(result.states)[: len(moving)]
        moving = moving[result.outcome[: len(moving)] == "budget"]
        if len(moving) == 0:
            break
    return states


def _batch_size(most: int, needed: int) -> int:
    """Return the least of ``most``, a quarter of it, … that holds ``needed``: few are compiled."""
    size = most
    while math.ceil(size / 4) >= needed and size > 1:
        size = math.ceil(size / 4)
    return size
