"""Stored patterns on the host: packed, joined and cut in NumPy, so that nothing is compiled.

These functions return couplings of NumPy arrays; :func:`to_device` turns them into JAX arrays.
"""

from collections.abc import Iterator

import numpy as np
from numpy import typing as npt
from numpy.typing import NDArray

from canns._explain import explained
from canns._placement import host, on_device
from canns.dynamics.couplings.bits import pack_rows, unpack_rows
from canns.dynamics.couplings.stored_patterns import StoredPatterns
from canns.errors import ValidationError
from canns.typing import AnyArray, PyTree

__all__ = [
    "cut_stored",
    "in_numpy",
    "is_two_valued",
    "join_stored",
    "no_patterns",
    "numbers_of",
    "store",
    "to_device",
    "without_padding",
]

_BLOCK = 1 << 22
_ROWS = 32  # patterns that are compared at a time


@explained
def no_patterns(size: int, dtype: npt.DTypeLike) -> StoredPatterns:
    """Return couplings of ``size`` neurons without any patterns."""
    zeros = np.zeros(size, dtype)
    none = np.zeros(0, dtype)
    bits = pack_rows(np.zeros((0, size)))
    return to_device(in_numpy(bits, none, none, zeros, zeros, zeros))


def is_two_valued(rows: AnyArray) -> bool:
    """Whether ``rows``, (P, N), have just two values, so that they can be kept as bits."""
    low, high = rows.min(), rows.max()
    parts = (rows[i : i + _ROWS] for i in range(0, len(rows), _ROWS))
    return bool(low < high and all(((part == low) | (part == high)).all() for part in parts))


def store(
    rows: AnyArray, strengths: AnyArray, centre: float, *, hollow: bool, packed: bool
) -> StoredPatterns:
    """Return the couplings of patterns.

    Args:
        rows: The patterns, (P, N).
        strengths: K, (P, P), or its diagonal, (P,).
        centre: Rho.
        hollow: Remove self-couplings.
        packed: Keep patterns of two values as bits; else as int8 if that is exact, or as floats.

    Raises:
        ValidationError: If patterns with more than two values are to be packed.
    """
    given, shift = np.asarray(strengths, np.float64), centre
    if is_two_valued(rows):  # keep them as signs; the shift accounts for their values
        low, high = float(rows.min()), float(rows.max())
        middle, unit = (high + low) / 2, (high - low) / 2
        signs = 2 * (rows > middle).view(np.int8) - np.int8(1)
        # x - rho = unit (sigma - (rho - middle) / unit), with sigma the sign that is kept.
        shift, given = (centre - middle) / unit, given * unit**2
        own, norms = (_of_signs if given.ndim == 1 else _of_numbers)(signs, given, shift)
        kept: AnyArray = pack_rows(signs) if packed else signs
    elif packed:
        remedy = "Take method='factored'."
        raise ValidationError("patterns", "of two values, to be kept as bits", "more", remedy)
    else:
        own, norms = _of_numbers(rows, given, shift)
        kept = _smallest(rows)
    taken = own if hollow else np.zeros_like(own)
    fields = np.full(len(rows), shift), given, taken, own, norms
    return in_numpy(kept, *(field.astype(rows.dtype, copy=False) for field in fields))


def join_stored(first: StoredPatterns, second: StoredPatterns, *, hollow: bool) -> StoredPatterns:
    """Return the sum of two couplings, with room for more patterns behind them.

    A full array is doubled, like that of a list. So if patterns are stored k times, recall compiles
    for only about log2 k sizes.

    Args:
        first: The couplings so far.
        second: The couplings to add.
        hollow: Remove all self-couplings; else only those that ``first`` has removed.
    """
    if first.num_patterns == 0:
        return second
    room = len(first.patterns)
    first, second = without_padding(first), without_padding(second)
    total = len(first.patterns) + len(second.patterns)
    room = room if total <= room else 1 << (total - 1).bit_length()
    parts = [
        np.asarray(s.patterns) if first.packed and second.packed else numbers_of(s)
        for s in (first, second)
    ]
    own = np.asarray(first.own) + np.asarray(second.own)
    strengths = _joined(np.asarray(first.strengths), np.asarray(second.strengths))
    return in_numpy(
        _with_room(np.concatenate(parts), room, 1),  # int8 and floats make floats
        _with_room(np.concatenate([first.centre, second.centre]), room, 1),
        _with_room(strengths, room, strengths.ndim),
        own if hollow else np.asarray(first.diagonal),
        own,
        np.hypot(np.asarray(first.row_norms), np.asarray(second.row_norms)),
        np.asarray(total, np.int32),
    )


def cut_stored(stored: StoredPatterns, size: int) -> StoredPatterns:
    """Return the couplings among the first ``size`` neurons."""
    stored = without_padding(stored)
    kept = numbers_of(stored)[:, :size]
    each = (np.asarray(part)[:size] for part in (stored.diagonal, stored.own, stored.row_norms))
    packed = pack_rows(kept) if stored.packed else np.ascontiguousarray(kept)
    return in_numpy(packed, np.asarray(stored.centre), np.asarray(stored.strengths), *each)


def without_padding(stored: StoredPatterns) -> StoredPatterns:
    """Return the same couplings in NumPy arrays, without padding rows."""
    count = stored.num_patterns
    strengths = host(stored.strengths)[:count]
    return in_numpy(
        host(stored.patterns)[:count],
        host(stored.centre)[:count],
        strengths if strengths.ndim == 1 else strengths[:, :count],
        *(host(part) for part in (stored.diagonal, stored.own, stored.row_norms)),
    )


def numbers_of(stored: StoredPatterns) -> AnyArray:
    """Return the stored patterns as numbers, (P, N)."""
    kept = np.asarray(stored.patterns)[: stored.num_patterns]
    return unpack_rows(kept, len(stored.diagonal)) if stored.packed else kept


def in_numpy(*fields: PyTree) -> StoredPatterns:
    """Return couplings of NumPy arrays, which :func:`to_device` later makes JAX arrays."""
    return StoredPatterns(*fields)


def to_device(stored: StoredPatterns) -> StoredPatterns:
    """Return the couplings in JAX arrays, transferred in one call."""
    there: StoredPatterns = on_device(stored)
    return there


def _with_room(array: AnyArray, room: int, axes: int) -> AnyArray:
    """Return ``array`` padded with zeros to ``room`` along each of its first ``axes``."""
    shape = (room,) * axes + array.shape[axes:]
    wide = np.zeros(shape, array.dtype)
    wide[tuple(slice(n) for n in array.shape)] = array
    return wide


def _joined(first: AnyArray, second: AnyArray) -> AnyArray:
    if first.ndim == second.ndim == 1:
        return np.concatenate([first, second])
    a, b = (x if x.ndim == 2 else np.diag(x) for x in (first, second))
    joined = np.zeros((len(a) + len(b),) * 2, a.dtype)
    joined[: len(a), : len(a)], joined[len(a) :, len(a) :] = a, b
    return joined


def _smallest(rows: AnyArray) -> AnyArray:
    """Return ``rows`` as int8 if that is exact, else a copy."""
    if np.abs(rows).max() <= 127 and all(np.all(row == np.rint(row)) for row in rows):
        return rows.astype(np.int8)
    return np.array(rows)


def _of_numbers(rows: AnyArray, strengths: AnyArray, centre: float) -> tuple[AnyArray, AnyArray]:
    """Return the diagonal of ``Y' K Y``, and its rows' norms for orthogonal patterns, both (N,)."""
    own, norms = np.empty(rows.shape[1]), np.empty(rows.shape[1])
    squares = sum((((b - centre) ** 2).sum(axis=1) for _, b in _blocks(rows)), np.zeros(len(rows)))
    for part, block in _blocks(rows):
        centred = block - centre
        weighted = strengths[:, None] * centred if strengths.ndim == 1 else strengths @ centred
        own[part] = np.sum(centred * weighted, axis=0)
        norms[part] = np.sqrt(squares @ weighted**2)
    return own, norms


def _of_signs(
    signs: NDArray[np.int8], strengths: AnyArray, shift: float
) -> tuple[AnyArray, AnyArray]:
    """Return the result of :func:`_of_numbers` for signs less ``shift``, from one product.

    A sign less the shift has one of two squares. The product sums the factors of the signs farther
    from the shift, and the rest is the total less that sum. So squares of zero add exactly zero.
    """
    size, even = signs.shape[1], 1 + shift**2
    squares = size * even - 2 * shift * signs.sum(axis=1, dtype=np.int64)
    factors = np.stack([strengths, strengths**2 * squares])
    far, total = np.zeros((2, size)), factors.sum(axis=1)[:, None]
    side = -1 if shift > 0 else 1
    if shift != 0:
        for part, block in _blocks(signs):
            far[:, part] = factors @ (block == side)
    own, norms = (side - shift) ** 2 * far + (side + shift) ** 2 * (total - far)
    return own, np.sqrt(np.maximum(norms, 0))


def _blocks(rows: AnyArray) -> Iterator[tuple[slice, AnyArray]]:
    """Yield slices of neurons, and their columns of ``rows`` in double precision."""
    width = max(1, _BLOCK // max(1, len(rows)))
    for first in range(0, rows.shape[1], width):
        part = slice(first, first + width)
        yield part, rows[:, part].astype(np.float64)
