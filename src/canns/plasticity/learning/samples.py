"""Data sets cut into chunks of one length, the last filled up, so that few are ever compiled."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from canns._buckets import bucket, fill
from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.plasticity.learning.loop import Samples
from canns.plasticity.projections import Projection
from canns.plasticity.rule import Rule

__all__ = [
    "ONE_CALL",
    "chunk_length",
    "chunks",
    "fill_up",
    "learns_at_once",
    "may_fill",
    "run_length",
    "to_samples",
]

_NUMBERS = 2**22  # in a chunk
_SHORTEST, _LONGEST = 256, 4096  # chunk
ONE_CALL = 2**19  # numbers that run in one call where samples are learnt one by one
_LEAST = 8  # a run is filled up to


def chunk_length(width: int) -> int:
    """Return how many samples of ``width`` numbers make a chunk.

    A power of two: as many as make 2^22 numbers, but 256 at least and 4096 at most.

    Example:
        >>> [chunk_length(width) for width in (10, 784, 4000, 100_000)]
        [4096, 4096, 1024, 256]
    """
    return min(max(_fitting(_NUMBERS, width), _SHORTEST), _LONGEST)


def _fitting(numbers: int, width: int) -> int:
    """Return the largest power of two of samples that have at most ``numbers``."""
    return 1 << (max(1, numbers // width).bit_length() - 1)


def run_length(rule: Rule, neuron: Neuron, project: Projection, samples: Samples) -> int:
    """Return how many samples run in one compiled call.

    Of those that are learnt one by one it makes no difference; of products it is one chunk, for
    where a sum is cut decides how it is rounded.
    """
    width = int(samples.x.shape[-1])
    if not learns_at_once(rule, neuron, project):
        return max(_fitting(ONE_CALL, width), _SHORTEST)
    if rule.whole or not project.distributes:
        return max(1, int(samples.x.size) // width)
    return chunk_length(width)


def learns_at_once(rule: Rule, neuron: Neuron, project: Projection) -> bool:
    """Whether one step learns a data set: where the rule asks for it, or it makes no difference."""
    return rule.whole or (rule.additive and neuron.clamped and project.once)


def may_fill(rule: Rule, neuron: Neuron, project: Projection) -> bool:
    """Whether samples behind the last make no difference."""
    if not learns_at_once(rule, neuron, project):
        return True
    stateless = not neuron.State._fields  # else the last sample is what stays
    return not rule.whole and rule.silence is not None and stateless


def to_samples(inputs: Any, rewards: Any, dtype: Any) -> Samples:
    """Return the samples of a run, or raise where they are none."""
    rows = np.asarray(inputs, dtype)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValidationError("inputs", "2-D and non-empty, (T, in)", f"shape {rows.shape}")
    if rewards is None:
        return Samples(rows)
    given = np.asarray(rewards, dtype)
    if given.shape != rows.shape[:1]:
        raise ValidationError("rewards", f"{len(rows)}, one a sample", f"shape {given.shape}")
    return Samples(rows, given)


def chunks(samples: Samples, length: int, axis: int = 0) -> Iterator[tuple[int, Samples]]:
    """Yield the samples, ``length`` at a time along an axis, each time with the first's number."""
    for start in range(0, samples.x.shape[axis], length):
        part = (slice(None),) * axis + (slice(start, start + length),)
        yield start, jax.tree.map(lambda rows, part=part: rows[part], samples)


def fill_up(samples: Samples, axis: int = 0) -> Samples:
    """Return the samples, filled up to one of a few lengths."""
    length = bucket(samples.x.shape[axis], _LEAST)

    def filled(rows: NDArray[Any]) -> NDArray[Any]:
        whole: NDArray[Any] = fill(rows, length, axis)
        return whole

    after: Samples = jax.tree.map(filled, samples)
    return after
