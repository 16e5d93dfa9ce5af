"""Data sets as samples: cut into chunks, and padded to few lengths, so few programs compile."""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
from numpy import typing as npt

from canns._buckets import bucket, fill
from canns._validation import is_traced
from canns.errors import ValidationError
from canns.plasticity.learning.loop import Samples
from canns.plasticity.learning.setup import Setup
from canns.typing import AnyArray

__all__ = ["chunk_length", "chunks", "pad", "run_length", "to_samples"]

_NUMBERS = 2**22  # numbers in a chunk
_SHORTEST, _LONGEST = 256, 4096  # samples in a chunk
_ONE_CALL = 2**19  # numbers in one call, if samples are learnt one by one
_LEAST = 8  # samples in the shortest padded run


def chunk_length(width: int) -> int:
    """Return how many samples of ``width`` numbers make a chunk.

    A power of two: about 2^22 numbers, but at least 256 and at most 4096 samples.

    Example:
        >>> [chunk_length(width) for width in (10, 784, 4000, 100_000)]
        [4096, 4096, 1024, 256]
    """
    return min(max(_fitting(_NUMBERS, width), _SHORTEST), _LONGEST)


def _fitting(numbers: int, width: int) -> int:
    """Return the largest power of two of samples that hold at most ``numbers`` numbers."""
    return 1 << (max(1, numbers // width).bit_length() - 1)


def run_length(setup: Setup, samples: Samples, *, by_events: bool = False) -> int:
    """Return how many samples run in one compiled call.

    A call copies the weights, which takes as long as hundreds of steps by events.

    If samples are learnt one by one, the length does not affect the result. If they are learnt at
    once, the length is that of a chunk, because cutting a sum elsewhere would round it differently.
    """
    length, width = samples.x.shape[-2:]
    if length <= _SHORTEST:
        return int(length)
    if not setup.at_once:
        return max(_fitting(_NUMBERS if by_events else _ONE_CALL, width), _SHORTEST)
    return int(length) if setup.needs_all else chunk_length(width)


def to_samples(
    inputs: npt.ArrayLike, rewards: npt.ArrayLike | None, dtype: np.dtype[np.floating]
) -> Samples:
    """Return the samples of a run, as NumPy arrays unless they are traced.

    Raises:
        ValidationError: If the inputs or the rewards have the wrong shape.
    """
    traced = not isinstance(inputs, np.ndarray) and is_traced((inputs, rewards))
    rows = jnp.asarray(inputs, dtype) if traced else np.asarray(inputs, dtype)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValidationError("inputs", "2-D and non-empty, (T, in)", f"shape {rows.shape}")
    if rewards is None:
        return Samples(rows)
    given = jnp.asarray(rewards, dtype) if traced else np.asarray(rewards, dtype)
    if given.shape != rows.shape[:1]:
        raise ValidationError("rewards", f"{len(rows)}, one a sample", f"shape {given.shape}")
    return Samples(rows, given)


def chunks(samples: Samples, length: int, axis: int = 0) -> Iterator[tuple[int, Samples]]:
    """Yield the samples, ``length`` at a time along an axis, with the number of the first."""
    if samples.x.shape[axis] <= length:
        return iter([(0, samples)])
    return _cut(samples, length, axis)


def _cut(samples: Samples, length: int, axis: int) -> Iterator[tuple[int, Samples]]:
    for start in range(0, samples.x.shape[axis], length):
        part = (slice(None),) * axis + (slice(start, start + length),)
        yield start, jax.tree.map(lambda rows, part=part: rows[part], samples)


def pad(samples: Samples, axis: int = 0) -> Samples:
    """Return the samples padded to one of a few lengths."""
    length = bucket(samples.x.shape[axis], _LEAST)
    rewards: AnyArray | None = samples.reward
    return Samples(
        fill(samples.x, length, axis), None if rewards is None else fill(rewards, length, axis)
    )
