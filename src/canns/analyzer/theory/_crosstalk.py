"""Errors of one update from a stored pattern, with Gaussian crosstalk."""

from typing import NamedTuple

import numpy as np

from canns.analyzer.theory._scipy import special
from canns.analyzer.theory._values import ArrayLike, Floats, Reals, counts, plain, reals, together

__all__ = [
    "FixedPointProbability",
    "crosstalk_error",
    "crosstalk_load",
    "fixed_point_probability",
]


class FixedPointProbability(NamedTuple):
    """Probability that one pattern, and that every pattern, is an exact fixed point."""

    pattern: Reals
    all_patterns: Reals


def crosstalk_error(alpha: ArrayLike) -> Reals:
    r"""Return the share of a pattern's neurons that are wrong after one update.

    .. math:: P_{err} = \tfrac12 \mathrm{erfc}\sqrt{1/2\alpha}

    Args:
        alpha: Load P/N, at least 0.

    Returns:
        The error probability, of the shape of ``alpha``.

    Raises:
        ValidationError: If ``alpha`` is negative or not finite.

    Example:
        >>> round(crosstalk_error(0.1385), 5)
        0.0036

    Source: Hertz, Krogh & Palmer (1991), Introduction to the Theory of Neural Computation, ch. 2.
    """
    return plain(_tail(reals("alpha", alpha, low=0)))


def _tail(noise: Floats) -> Floats:
    """Return the probability that a signal of 1 is below Gaussian noise of this variance."""
    with np.errstate(divide="ignore", over="ignore"):
        tail: Floats = special.erfc(np.sqrt(1 / (2 * noise))) / 2
    return tail


def crosstalk_load(error_probability: ArrayLike) -> Reals:
    """Return the load at which a neuron is wrong after one update with a given probability.

    Args:
        error_probability: In (0, 0.5).

    Returns:
        alpha, the inverse of :func:`crosstalk_error`, of the same shape.

    Raises:
        ValidationError: If the probability is out of range.

    Example:
        >>> round(crosstalk_load(0.01), 4)
        0.1848

    Source: Hertz, Krogh & Palmer (1991), Introduction to the Theory of Neural Computation, ch. 2.
    """
    errors = reals(
        "error_probability", error_probability, low=0, high=0.5, open_low=True, open_high=True
    )
    return plain(special.ndtri(errors) ** -2.0)


def fixed_point_probability(
    num_neurons: ArrayLike, num_patterns: ArrayLike
) -> FixedPointProbability:
    r"""Return the probability that random patterns are exact fixed points of a Hopfield network.

    .. math::
        p = \tfrac12 \mathrm{erfc}\sqrt{\frac{N-1}{2(P-1)}}, \qquad
        \Pr(\text{one}) = (1-p)^N, \quad \Pr(\text{all}) = (1-p)^{NP}

    for Hebb's rule without diagonal. The neurons are taken as independent. In fact errors cluster:
    at N = 1000, P = 72 simulations find .923 for one pattern, and this formula gives .916.

    Args:
        num_neurons: N, at least 2.
        num_patterns: P, at least 1.

    Returns:
        The two probabilities, each of the broadcast shape.

    Raises:
        ValidationError: If an argument is not a whole number or too small.

    Example:
        >>> [round(value, 3) for value in fixed_point_probability(1000, 72)]
        [0.916, 0.002]

    Source: McEliece, Posner, Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33:461.
    """
    neurons = counts("num_neurons", num_neurons, low=2)
    patterns = counts("num_patterns", num_patterns)
    neurons, patterns = together(neurons, patterns)
    right = neurons * np.log1p(-_tail((patterns - 1) / (neurons - 1)))
    return FixedPointProbability(plain(np.exp(right)), plain(np.exp(patterns * right)))
