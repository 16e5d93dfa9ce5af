"""Patterns of +-1 as bits, 32 in a word."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike
from numpy.typing import NDArray

from canns.typing import AnyArray, Array

__all__ = [
    "WORD",
    "overlaps_of_bits",
    "pack_columns",
    "pack_rows",
    "pack_signs",
    "sum_of_signs",
    "unpack_rows",
    "unpack_signs",
]

WORD = 32  # bits
_TOGETHER = 16  # words, or patterns; of 8 words the loop takes longer than of one


def pack_rows(rows: AnyArray) -> NDArray[np.uint32]:
    """Return the signs of ``rows``, (P, N), as bits, (P, N/32 rounded up), in NumPy for storage.

    Example:
        >>> pack_rows(np.array([[1.0, -1.0, 1.0]])).tolist()
        [[5]]
    """
    bits = np.packbits(rows > 0, axis=1, bitorder="little")
    padded = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 4)))
    return np.ascontiguousarray(padded).view("<u4").astype(np.uint32, copy=False)


def unpack_rows(bits: NDArray[np.uint32], size: int) -> NDArray[np.int8]:
    """Return ``bits``, (P, words), as +-1, (P, N), in NumPy for storage.

    Example:
        >>> unpack_rows(np.array([[5]], np.uint32), 3).tolist()
        [[1, -1, 1]]
    """
    octets = np.ascontiguousarray(bits).astype("<u4").view(np.uint8)
    ones = np.unpackbits(octets, axis=1, count=size, bitorder="little")
    return 2 * ones.astype(np.int8) - 1


def pack_signs(states: Array) -> Array:
    """Return the signs of ``states``, (B, N), as bits, (B, N/32 rounded up).

    Example:
        >>> pack_signs(jnp.array([[1.0, -1.0, 1.0]])).tolist()
        [[5]]
    """
    missing = -states.shape[1] % WORD
    on = jnp.pad(states > 0, ((0, 0), (0, missing))).reshape(
        len(states), (states.shape[1] + missing) // WORD, WORD
    )
    value = jnp.uint32(1) << jnp.arange(WORD, dtype=jnp.uint32)
    return jnp.sum(jnp.where(on, value, jnp.uint32(0)), axis=-1, dtype=jnp.uint32)


def pack_columns(rows: Array) -> Array:
    """Return the signs of the columns of ``rows``, (P, N), as bits, (P/32 rounded up, N).

    Example:
        >>> pack_columns(jnp.array([[1.0, -1.0], [-1.0, -1.0], [1.0, 1.0]])).tolist()
        [[5, 4]]
    """
    on = jnp.pad(rows > 0, ((0, -len(rows) % WORD), (0, 0))).reshape(-1, WORD, rows.shape[1])
    value = jnp.uint32(1) << jnp.arange(WORD, dtype=jnp.uint32)[:, None]
    return jnp.sum(jnp.where(on, value, jnp.uint32(0)), axis=1, dtype=jnp.uint32)


def sum_of_signs(bits: Array, weights: Array, centre: Array) -> Array:
    """Return the weighted sum of centred +-1 patterns, (32 words,), without unpacking them.

    Args:
        bits: The patterns as bits, (P, words).
        weights: The weight of each pattern, (P,).
        centre: The number that is subtracted from each pattern's entries, (P,).

    Example:
        >>> bits, weights = jnp.array([[5], [1]], jnp.uint32), jnp.array([2.0, 1.0])
        >>> sum_of_signs(bits, weights, jnp.array([0.0, -1.0]))[:3].tolist()
        [4.0, -2.0, 2.0]
    """
    places = jnp.arange(WORD, dtype=jnp.uint32)

    def add(total: Array, pattern: tuple[Array, Array, Array]) -> tuple[Array, None]:
        words, high, low = pattern
        on = (words[:, None] >> places) & 1
        return total + jnp.where(on == 1, high, low), None

    start = jnp.zeros((bits.shape[1], WORD), weights.dtype)
    entries = weights * (1 - centre), weights * (-1 - centre)
    total, _ = jax.lax.scan(add, start, (bits, *entries), unroll=_TOGETHER)
    return total.reshape(-1)


def unpack_signs(bits: Array, dtype: DTypeLike) -> Array:
    """Return ``bits``, (P, words), as +-1, (P, 32 words).

    Example:
        >>> unpack_signs(jnp.array([[5]], jnp.uint32), float)[0, :4].tolist()
        [1.0, -1.0, 1.0, -1.0]
    """
    on = (bits[..., None] >> jnp.arange(WORD, dtype=jnp.uint32)) & 1
    return (2 * on.astype(dtype) - 1).reshape(len(bits), bits.shape[1] * WORD)


def overlaps_of_bits(
    patterns: Array, states: Array, size: int | Array, together: int | None = None
) -> Array:
    """Return the product of each state with each pattern, (B, P), of integers.

    Args:
        patterns: Bits, (P, words); bits beyond N are 0.
        states: Bits, (B, words); bits beyond N are 0.
        size: N, which may be traced.
        together: Number of words counted in one loop over the pairs; None to choose it.

    Example:
        >>> a, b = jnp.array([[5]], jnp.uint32), jnp.array([[4]], jnp.uint32)
        >>> overlaps_of_bits(a, b, 3).tolist()
        [[1]]
    """
    # Word by word, for all pairs at once: a CPU adds 16 of these integers at a time. If there are
    # many words, 16 share one loop over the pairs, so that sums go through memory less often.
    if together is None:
        together = _TOGETHER if patterns.shape[1] >= 4 * _TOGETHER else 1

    def add(different: Array, words: tuple[Array, Array]) -> tuple[Array, None]:
        state, pattern = words
        unlike = jax.lax.population_count(state[:, None] ^ pattern)
        return different + unlike.astype(jnp.int32), None

    start = jnp.zeros((len(states), len(patterns)), jnp.int32)
    different, _ = jax.lax.scan(add, start, (states.T, patterns.T), unroll=together)
    return size - 2 * different
