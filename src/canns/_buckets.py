"""Pad arrays to a few standard lengths, so that a new length rarely needs a new compilation."""

import jax
import numpy as np

from canns.typing import AnyArray, Array, Rows

__all__ = ["bucket", "fill"]


def bucket(length: int, least: int = 1) -> int:
    """Return the smallest of 1, 4, 6, 8, 12, 16, 24, ... that is at least ``length``.

    At most a third of a bucket is padding, or half of a bucket of 4.

    Example:
        >>> [bucket(length) for length in (1, 5, 50, 60, 65)]
        [1, 6, 64, 64, 96]
    """
    length = max(length, least)
    if length <= 4:
        return 1 if length == 1 else 4
    power = 1 << (length - 1).bit_length()
    between = 3 * power // 4
    return between if length <= between else power


def fill(rows: Rows | Array, length: int, axis: int = 0) -> Array | AnyArray:
    """Return ``rows`` padded to ``length`` along ``axis`` with copies of the first row.

    Example:
        >>> fill([[1.0], [2.0]], 3).tolist()
        [[1.0], [2.0], [1.0]]
    """
    if isinstance(rows, jax.Array) and rows.shape[axis] == length:
        return rows  # leave it in place: it may be spread over devices
    given = np.asarray(rows)
    count, before = given.shape[axis], (slice(None),) * axis
    if count == length:
        return given
    filled = np.empty((*given.shape[:axis], length, *given.shape[axis + 1 :]), given.dtype)
    filled[(*before, slice(count))] = given
    filled[(*before, slice(count, None))] = given[(*before, slice(1))]
    return filled
