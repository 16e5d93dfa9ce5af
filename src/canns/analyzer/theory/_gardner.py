"""Capacity of the best weights: Gardner's volume and Cover's count."""

import math

import numpy as np

from canns.analyzer.theory._scipy import root, special
from canns.analyzer.theory._values import (
    ArrayLike,
    Floats,
    Reals,
    counts,
    each,
    plain,
    reals,
    together,
)
from canns.errors import ValidationError

__all__ = ["gardner_load", "gardner_stability", "separable_probability"]


def gardner_load(kappa: ArrayLike = 0.0, coding_level: ArrayLike = 0.5) -> Reals:
    r"""Return the largest load that any weights can store with stability kappa.

    .. math::
        \frac1{\alpha_c} = \min_M\; f \int_{M-k}^\infty Dt\,(t + k - M)^2
            + (1-f) \int_{-M-k}^\infty Dt\,(t + k + M)^2, \quad
        k = \frac{\kappa}{2\sqrt{f(1-f)}}

    where neurons are +1 with probability f and -1 otherwise, in patterns as in outputs, and
    :math:`\xi_i (\sum_j J_{ij}\xi_j/\sqrt{N} - \theta) > \kappa` with :math:`\sum_j J_{ij}^2 = N`.
    At f = 0.5, M is 0.

    Args:
        kappa: Stability, at least 0; below 0 the replica-symmetric theory fails.
        coding_level: f, in (0, 1).

    Returns:
        alpha_c, of the broadcast shape.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> gardner_load([0.0, 0.5, 1.0]).round(4).tolist()
        [2.0, 0.9612, 0.5196]
        >>> round(gardner_load(0.0, 0.05), 3)
        6.083

    Source: Gardner (1988), J. Phys. A 21:257.
    """
    return each(_load, reals("kappa", kappa, low=0), _levels(coding_level))


def gardner_stability(alpha: ArrayLike, coding_level: ArrayLike = 0.5) -> Reals:
    """Return the largest stability that any weights can reach at a load.

    Args:
        alpha: Load, above 0 and at most ``gardner_load(0, coding_level)``.
        coding_level: f, in (0, 1).

    Returns:
        kappa, the inverse of :func:`gardner_load`, of the broadcast shape.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> round(gardner_stability(1.0), 4)
        0.4707

    Source: Gardner (1988), J. Phys. A 21:257.
    """
    loads = reals("alpha", alpha, low=0, open_low=True)
    return each(_stability, loads, _levels(coding_level))


def _levels(coding_level: ArrayLike) -> Floats:
    return reals("coding_level", coding_level, low=0, high=1, open_low=True, open_high=True)


def _load(kappa: float, level: float) -> float:
    margin = kappa / (2 * math.sqrt(level * (1 - level)))

    def slope(bias: float) -> float:
        return level * _first(margin - bias) - (1 - level) * _first(margin + bias)

    # Beyond these bounds the moment of the wrong side is below rounding.
    bias = root(slope, -40.0 - margin, 40.0 + margin)
    return 1 / (level * _second(margin - bias) + (1 - level) * _second(margin + bias))


def _first(shift: float) -> float:
    """Return the mean of max(t + shift, 0)."""
    return float(shift * special.ndtr(shift) + _density(shift))


def _second(shift: float) -> float:
    """Return the mean square of max(t + shift, 0)."""
    return float((1 + shift**2) * special.ndtr(shift) + shift * _density(shift))


def _density(t: float) -> float:
    return math.exp(-t * t / 2) / math.sqrt(2 * math.pi)


def _stability(alpha: float, level: float) -> float:
    largest = _load(0.0, level)
    if alpha > largest * (1 + 1e-12):
        raise ValidationError("alpha", f"at most gardner_load(0, f) = {largest:g}", f"{alpha:g}")
    # alpha_c < 1/kappa^2
    return root(lambda kappa: _load(kappa, level) - alpha, 0.0, 1 / math.sqrt(alpha))


def separable_probability(num_patterns: ArrayLike, num_inputs: ArrayLike) -> Reals:
    r"""Return the probability that a perceptron without threshold separates random patterns.

    .. math:: 2^{1-P} \sum_{k=0}^{N-1} \binom{P-1}{k}

    It is 1 up to P = N and 1/2 at P = 2N, whatever the patterns, if they are in general position.

    Args:
        num_patterns: P, at least 1.
        num_inputs: N, at least 1.

    Returns:
        The probability, of the broadcast shape.

    Raises:
        ValidationError: If an argument is not a whole number or too small.

    Example:
        >>> separable_probability([3, 4, 6], 3).tolist()
        [1.0, 0.875, 0.5]

    Source: Cover (1965), IEEE Trans. Electron. Comput. EC-14:326.
    """
    patterns, inputs = together(
        counts("num_patterns", num_patterns), counts("num_inputs", num_inputs)
    )
    # The binomial sum as an incomplete beta function; up to P = N it is the whole sum.
    part = special.betainc(np.maximum(patterns - inputs, 1), inputs, 0.5)
    return plain(np.where(patterns > inputs, part, 1.0))
