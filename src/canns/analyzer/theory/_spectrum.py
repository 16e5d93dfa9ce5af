"""The spectrum of Hebbian weights: the law of Marchenko and Pastur."""

from typing import NamedTuple

import numpy as np

from canns._validation import check_flag
from canns.analyzer.theory._values import ArrayLike, Floats, Reals, plain, reals, together

__all__ = [
    "MarchenkoPasturSupport",
    "marchenko_pastur_density",
    "marchenko_pastur_support",
]


class MarchenkoPasturSupport(NamedTuple):
    """Edges of the continuous part; the eigenvalue of all others, and their share."""

    low: Reals
    high: Reals
    atom: Reals
    atom_mass: Reals


def marchenko_pastur_density(
    x: ArrayLike, alpha: ArrayLike, *, zero_diagonal: bool = False
) -> Reals:
    r"""Return the density of eigenvalues of :math:`W = X^T X/N` for large N.

    .. math::
        \rho(x) = \frac{\sqrt{(x_+ - x)(x - x_-)}}{2\pi x}, \qquad x_\pm = (1 \pm \sqrt\alpha)^2

    for X of P = alpha N random patterns of N neurons, each +1 or -1 (or any of unit variance).

    Args:
        x: Eigenvalues.
        alpha: Load P/N, above 0.
        zero_diagonal: Whether the diagonal of W is removed. All its entries are alpha, so every
            eigenvalue shifts by -alpha.

    Returns:
        The density of the continuous part, of the broadcast shape, 0 outside the edges. Its
        integral is min(1, alpha); :func:`marchenko_pastur_support` gives the rest.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> marchenko_pastur_density([0.1, 1.0, 2.0], 0.25).round(4).tolist()
        [0.0, 0.1541, 0.0526]

    Source: Marchenko & Pastur (1967), Math. USSR Sb. 1:457.
    """
    points, loads = together(reals("x", x), _loads(alpha))
    low, high = (1 - np.sqrt(loads)) ** 2, (1 + np.sqrt(loads)) ** 2
    shifted = points + loads if check_flag("zero_diagonal", zero_diagonal) else points
    inside = (shifted > low) & (shifted < high)
    value = np.where(inside, shifted, high)  # an edge: its density is 0
    return plain(np.sqrt((high - value) * (value - low)) / (2 * np.pi * value))


def marchenko_pastur_support(
    alpha: ArrayLike, *, zero_diagonal: bool = False
) -> MarchenkoPasturSupport:
    """Return the edges of the spectrum of Hebbian weights and the mass outside them.

    Args:
        alpha: Load P/N, above 0.
        zero_diagonal: Whether the diagonal of W is removed.

    Returns:
        The edges; the eigenvalue of the directions that the patterns do not span, 0 (or -alpha);
        and its share of all N, max(0, 1 - alpha). Each of the shape of ``alpha``.

    Raises:
        ValidationError: If ``alpha`` is out of range.

    Example:
        >>> marchenko_pastur_support(0.25)
        MarchenkoPasturSupport(low=0.25, high=2.25, atom=0.0, atom_mass=0.75)

    Source: Marchenko & Pastur (1967), Math. USSR Sb. 1:457.
    """
    loads = _loads(alpha)
    shift = loads if check_flag("zero_diagonal", zero_diagonal) else np.zeros_like(loads)
    low, high = (1 - np.sqrt(loads)) ** 2, (1 + np.sqrt(loads)) ** 2
    mass = np.maximum(0.0, 1 - loads)
    return MarchenkoPasturSupport(*map(plain, (low - shift, high - shift, 0.0 - shift, mass)))


def _loads(alpha: ArrayLike) -> Floats:
    return reals("alpha", alpha, low=0, open_low=True)
