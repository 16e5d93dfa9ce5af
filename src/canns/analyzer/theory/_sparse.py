"""Sparse patterns under the covariance rule: 0/1 neurons with the best threshold."""

import math
from typing import NamedTuple

import numpy as np

from canns._validation import check_flag
from canns.analyzer.theory._scipy import minimum, special
from canns.analyzer.theory._values import ArrayLike, Floats, Reals, each_tuple, plain, reals

__all__ = ["SparseCriticalLoad", "sparse_asymptote", "sparse_critical_load"]


class SparseCriticalLoad(NamedTuple):
    """The load at which retrieval ends; overlap, active share and threshold there."""

    alpha: Reals
    m: Reals
    activity: Reals
    threshold: Reals


def sparse_critical_load(coding_level: ArrayLike, *, exact: bool = False) -> SparseCriticalLoad:
    r"""Return the largest load with a retrieval state at T = 0 and the best threshold.

    .. math::
        W_{ij} = \frac{\sum_\mu (\xi_i^\mu - f)(\xi_j^\mu - f)}{f(1-f)N}, \qquad
        m = \Phi(a) - \Phi(-b), \quad q = f\Phi(a) + (1-f)\Phi(-b)

    for neurons that are 0 or 1. An effective threshold lies :math:`a\sigma` below the field
    :math:`(1-f)m` of the pattern's active neurons and :math:`b\sigma` above that of the others,
    :math:`-fm`, where

    .. math::
        \sigma^2 = \frac{\alpha q}{(1-C)^2}, \qquad
        C = \frac{f\varphi(a) + (1-f)\varphi(b)}{\sigma}

    so that :math:`\alpha = (\sigma - C\sigma)^2/q` is a function of a and b, here at its maximum.
    Through the other neurons a neuron acts on itself with the weight
    :math:`\Gamma = \alpha C/(1-C)`; the threshold of the neurons is the effective one plus
    :math:`\Gamma/2`.

    For f above 0.06 that threshold may be constant. Below 0.06 the active share must be held, for
    example by letting the neurons with the largest fields win; at a constant threshold retrieval
    ends earlier, by less than 1 % at f = 0.05 and by 6 % at f = 0.01.

    Args:
        coding_level: f, the share of active neurons in a pattern, in (0, 0.5].
        exact: Whether every pattern has exactly f N active neurons, instead of f N on average. The
            weights then sum to zero, q in the noise becomes q(1 - q), and more patterns fit.

    Returns:
        alpha = P/N, m, the active share q and the threshold, each of the shape of ``coding_level``.
        At f = 0.5 alpha is that of +1/-1 neurons if ``exact``, else half of it, because 0/1 neurons
        have a random threshold.

    Raises:
        ValidationError: If ``coding_level`` is out of range.

    Example:
        >>> sparse_critical_load([0.1, 0.05, 0.01]).alpha.round(3).tolist()
        [0.441, 0.943, 4.368]

    Source: Tsodyks & Feigelman (1988), Europhys. Lett. 6:101; Perez-Vicente & Amit (1989), J. Phys.
    A 22:559.
    """
    correction = 1.0 if check_flag("exact", exact) else 0.0

    def critical(level: float) -> tuple[float, float, float, float]:
        return _critical(level, correction)

    return each_tuple(SparseCriticalLoad, 4, critical, _levels(coding_level))


def sparse_asymptote(coding_level: ArrayLike) -> Reals:
    r"""Return the limit of the capacity for sparse patterns, :math:`1/(2f|\ln f|)`.

    The limit is approached very slowly: at f = 1e-10 :func:`sparse_critical_load` is 0.6 of it.

    Args:
        coding_level: f, in (0, 0.5].

    Returns:
        alpha, of the shape of ``coding_level``.

    Raises:
        ValidationError: If ``coding_level`` is out of range.

    Example:
        >>> round(sparse_asymptote(0.01), 2)
        10.86

    Source: Tsodyks & Feigelman (1988), Europhys. Lett. 6:101.
    """
    levels = _levels(coding_level)
    return plain(-1 / (2 * levels * np.log(levels)))


def _levels(coding_level: ArrayLike) -> Floats:
    return reals("coding_level", coding_level, low=0, high=0.5, open_low=True)


def _critical(level: float, correction: float) -> tuple[float, float, float, float]:
    def loss(margins: Floats) -> float:
        _, sigma, free, q = _solution(level, *margins)
        if free <= 0 or sigma <= 0:
            return math.inf
        return math.log(q * (1 - correction * q)) - 2 * math.log(free)

    start = [0.7, math.sqrt(-2 * math.log(level)) + 0.5]
    a, b = minimum(loss, start)
    m, sigma, free, q = _solution(level, a, b)
    alpha = math.exp(-loss(np.array([a, b])))
    gain = sigma / free - 1  # C/(1 - C)
    return alpha, m, q, (1 - level) * m - a * sigma + alpha * gain / 2


def _solution(level: float, a: float, b: float) -> tuple[float, float, float, float]:
    """Return m, sigma, (1 - C) sigma and q."""
    hits, alarms = float(special.ndtr(a)), float(special.ndtr(-b))
    m = hits - alarms
    sigma = m / (a + b)
    slope = level * math.exp(-a * a / 2) + (1 - level) * math.exp(-b * b / 2)
    return m, sigma, sigma - slope / math.sqrt(2 * math.pi), level * hits + (1 - level) * alarms
