"""Overlap of sparse patterns whose activity is held at the coding level."""

import math
from typing import NamedTuple

import numpy as np

from canns.analyzer.theory._scipy import root, special
from canns.analyzer.theory._values import ArrayLike, Floats, Reals, each_tuple, reals, together

__all__ = ["SparseOverlap", "sparse_overlap"]

_WIDEST = 40.0  # sum of the margins from which on no errors are left in double precision


class SparseOverlap(NamedTuple):
    """Overlap in equilibrium, and if neurons leave their pattern only when they must."""

    equilibrium: Reals
    metastable: Reals


def sparse_overlap(alpha: ArrayLike, coding_level: ArrayLike) -> SparseOverlap:
    r"""Return the overlap at T = 0 of patterns with f N ones, if f N neurons are active.

    .. math::
        \sigma = C\sigma + \sqrt{\alpha f (1-f)}, \qquad
        C\sigma = f \phi(a) + (1-f)\, \phi(b), \qquad m = \Phi(a) - \Phi(-b), \qquad
        f \Phi(a) + (1-f) \Phi(-b) = f

    with margins a and b of the neurons to be active and silent. In equilibrium
    :math:`a + b = m/\sigma`. Through the other neurons a neuron feels its own state with weight
    :math:`\Gamma = \alpha C/(1-C)`, so updates at T = 0 that start from the pattern may keep
    neurons there beyond equilibrium, at most as if :math:`a + b = (m + \Gamma)/\sigma`. For
    unbiased +-1 patterns the two hardly differ; here simulations lie between them.

    Args:
        alpha: P/N, > 0.
        coding_level: f, in (0, 0.5].

    Returns:
        Both overlaps, each of the broadcast shape; 0 if there is no such state.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> [round(m, 3) for m in sparse_overlap(0.39, 0.1)]
        [0.979, 0.983]

    Source: Tsodyks & Feigelman (1988), Europhys. Lett. 6:101; Perez-Vicente & Amit (1989), J. Phys.
    A 22:559, for the equilibrium.
    """
    loads = reals("alpha", alpha, low=0, open_low=True)
    levels = reals("coding_level", coding_level, low=0, high=0.5, open_low=True)
    return each_tuple(SparseOverlap, 2, _overlaps, *together(loads, levels))


def _overlaps(load: float, level: float) -> tuple[float, float]:
    return _overlap(load, level, held=False), _overlap(load, level, held=True)


def _overlap(load: float, level: float, *, held: bool) -> float:
    """Return the overlap of the state with the widest margins, or 0."""

    def excess(width: float) -> float:
        """How much wider the margins could be than they are."""
        m, slope = _state(width, level)
        free = math.sqrt(load * level * (1 - level))
        gamma = load * slope / free if held else 0.0
        return (m + gamma) / (slope + free) - width

    # From wide margins downwards, to the first width that sustains itself.
    widths: Floats = np.linspace(_WIDEST, 0.5, 400)
    holds = [excess(width) > 0 for width in widths]
    if not any(holds):
        return 0.0
    first = holds.index(True)
    wide, narrow = widths[max(first - 1, 0)], widths[first]
    return _state(root(excess, narrow, wide), level)[0]


def _state(width: float, level: float) -> tuple[float, float]:
    """Return m and C sigma for margins that add up to ``width`` and an activity of f."""

    def missing(a: float) -> float:
        active = level * special.ndtr(a) + (1 - level) * special.ndtr(a - width)
        return level - float(active)

    a = root(missing, -_WIDEST, _WIDEST)
    b = width - a
    m = float(special.ndtr(a) - special.ndtr(-b))
    slope = level * math.exp(-a * a / 2) + (1 - level) * math.exp(-b * b / 2)
    return m, slope / math.sqrt(2 * math.pi)
