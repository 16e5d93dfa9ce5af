"""Norms of couplings stored as patterns, in NumPy, a block of neurons at a time."""

import weakref

import numpy as np

from canns.dynamics.couplings.bits import WORD, unpack_rows
from canns.dynamics.couplings.host_patterns import without_padding
from canns.dynamics.couplings.stored_patterns import StoredPatterns
from canns.typing import AnyArray

__all__ = ["norm_of", "norms_after"]

_MOST_PRODUCTS = 1e11
_BLOCK = 1 << 22  # numbers of a block of patterns that is converted to floats at a time

_squares: dict[int, float] = {}  # of couplings in use, by the id of their array `own`


def norm_of(stored: StoredPatterns) -> float:
    """Return the Frobenius norm of W, or NaN if its :math:`P^2 N` products are too many."""
    if _too_many(stored):
        return float("nan")
    return float(np.sqrt(max(_square_of(stored), 0.0)))


def norms_after(before: StoredPatterns, after: StoredPatterns) -> tuple[float, float]:
    r"""Return the norms of ``after - before`` and of ``after``, which begins with ``before``.

    .. math:: |A + B|^2 = |A|^2 + 2 \langle A, B \rangle + |B|^2

    with :math:`|A|^2` known from the call before, so that storing in pieces takes no longer than
    storing at once. Both are NaN if there are too many products.
    """
    if _too_many(after):
        return float("nan"), float("nan")
    if before.num_patterns == 0:
        whole = norm_of(after)
        return whole, whole
    first, added = without_padding(before), _since(before, after)
    change = _inner(added, added)
    square = _square_of(before) + 2 * _inner(first, added) + change
    _remember(after, square)
    return float(np.sqrt(max(change, 0.0))), float(np.sqrt(max(square, 0.0)))


def _too_many(stored: StoredPatterns) -> bool:
    return stored.num_patterns**2 * len(stored.diagonal) > _MOST_PRODUCTS


def _square_of(stored: StoredPatterns) -> float:
    if id(stored.own) not in _squares:
        plain = without_padding(stored)
        _remember(stored, _inner(plain, plain))
    return _squares[id(stored.own)]


def _remember(stored: StoredPatterns, square: float) -> None:
    key = id(stored.own)
    if key not in _squares:
        weakref.finalize(stored.own, _squares.pop, key, None)
    _squares[key] = square


def _since(before: StoredPatterns, after: StoredPatterns) -> StoredPatterns:
    """Return the couplings of the patterns of ``after`` that follow those of ``before``."""
    first, whole, count = without_padding(before), without_padding(after), before.num_patterns
    strengths = whole.strengths[count:]
    return StoredPatterns(
        whole.patterns[count:],
        whole.centres()[count:],
        strengths if strengths.ndim == 1 else strengths[:, count:],
        whole.diagonal - first.diagonal,
        whole.self_couplings() - first.self_couplings(),
        whole.row_norms,
    )


def _inner(a: StoredPatterns, b: StoredPatterns) -> float:
    r"""Return :math:`\sum_{ij} A_{ij} B_{ij} = \mathrm{tr}(K_a G K_b G^T)`, without the diagonals.

    with :math:`G = Y_a Y_b^T`.
    """
    products, sums_a, sums_b = _products(a, b)
    rho_a, rho_b = (np.asarray(s.centre, np.float64) for s in (a, b))
    size = len(a.diagonal)
    centred = products - np.outer(rho_a, sums_b) - np.outer(sums_a - size * rho_a, rho_b)
    left = _weigh(np.asarray(a.strengths, np.float64), centred)
    right = _weigh(np.asarray(b.strengths, np.float64), centred.T).T
    own_a, own_b, d_a, d_b = (
        np.asarray(x, np.float64) for x in (a.own, b.own, a.diagonal, b.diagonal)
    )
    return float(np.sum(left * right) + np.sum(d_a * d_b - own_a * d_b - own_b * d_a))


def _weigh(strengths: AnyArray, rows: AnyArray) -> AnyArray:
    weighed: AnyArray = strengths[:, None] * rows if strengths.ndim == 1 else strengths @ rows
    return weighed


def _products(a: StoredPatterns, b: StoredPatterns) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Return the products of the patterns as stored, (Pa, Pb), and the sum of each pattern."""
    count_a, count_b = len(a.patterns), len(b.patterns)
    products = np.zeros((count_a, count_b))
    sums_a, sums_b = np.zeros(count_a), np.zeros(count_b)
    width = max(WORD, _BLOCK // max(1, count_a + count_b) // WORD * WORD)
    for first in range(0, len(a.diagonal), width):
        x = _numbers(a, first, width)
        y = x if b is a else _numbers(b, first, width)  # NumPy then computes half of the products
        products += x @ y.T
        ones = np.ones(x.shape[1], x.dtype)
        sums_a += x @ ones
        sums_b += y @ ones
    return products, sums_a, sums_b


def _numbers(stored: StoredPatterns, first: int, width: int) -> AnyArray:
    """Return ``width`` neurons from ``first`` on as floats; ``first`` is the start of a word."""
    last, dtype = min(first + width, len(stored.diagonal)), stored.diagonal.dtype
    if not stored.packed:
        return np.asarray(stored.patterns[:, first:last]).astype(dtype)
    words = np.asarray(stored.patterns[:, first // WORD : -(-last // WORD)])
    return unpack_rows(words, last - first).astype(dtype)
