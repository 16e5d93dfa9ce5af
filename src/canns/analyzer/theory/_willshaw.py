"""Willshaw's network: a binary weight is set once both its neurons were active together."""

import numpy as np

from canns.analyzer.theory._scipy import special
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

__all__ = ["willshaw_bits", "willshaw_capacity", "willshaw_false_positives", "willshaw_fill"]


def willshaw_fill(num_neurons: ArrayLike, num_active: ArrayLike, num_patterns: ArrayLike) -> Reals:
    r"""Return the share of weights that are set.

    .. math:: p_1 = 1 - (1 - k^2/n^2)^P

    Args:
        num_neurons: n, neurons of the input and of the output, at least 1.
        num_active: k active neurons a pattern, from 1 to n.
        num_patterns: P, at least 1.

    Returns:
        p1, of the broadcast shape.

    Raises:
        ValidationError: If an argument is not a whole number or out of range.

    Example:
        >>> round(willshaw_fill(1024, 10, 7268), 5)
        0.50001

    Source: Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960.
    """
    return plain(_fill(*_network(num_neurons, num_active, num_patterns)))


def _network(
    num_neurons: ArrayLike, num_active: ArrayLike, num_patterns: ArrayLike = 1
) -> tuple[Floats, ...]:
    neurons, active, patterns = together(
        counts("num_neurons", num_neurons),
        counts("num_active", num_active),
        counts("num_patterns", num_patterns),
    )
    if (active > neurons).any():
        raise ValidationError("num_active", "at most num_neurons", f"{active.max():g}")
    return neurons, active, patterns


def _fill(neurons: Floats, active: Floats, patterns: Floats) -> Floats:
    with np.errstate(divide="ignore"):  # with all neurons active, all weights are set
        fill: Floats = -np.expm1(patterns * np.log1p(-((active / neurons) ** 2)))
    return fill


def willshaw_capacity(
    num_neurons: ArrayLike, num_active: ArrayLike, fill: ArrayLike = 0.5
) -> Reals:
    r"""Return the number of patterns that set a given share of the weights.

    .. math:: P = \frac{\ln(1-p_1)}{\ln(1 - k^2/n^2)} \approx \ln 2\,(n/k)^2
        \text{ at } p_1 = \tfrac12

    Args:
        num_neurons: n, at least 1.
        num_active: k active neurons a pattern, from 1 to n.
        fill: p1, in (0, 1); at 1/2 a weight carries most information.

    Returns:
        P, not rounded, of the broadcast shape.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> round(willshaw_capacity(1024, 10))
        7268

    Source: Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960.
    """
    shares = reals("fill", fill, low=0, high=1, open_low=True, open_high=True)
    neurons, active, _ = _network(num_neurons, num_active)
    neurons, active, shares = together(neurons, active, shares)
    with np.errstate(divide="ignore"):
        return plain(np.log1p(-shares) / np.log1p(-((active / neurons) ** 2)))


def willshaw_false_positives(
    num_neurons: ArrayLike, num_active: ArrayLike, num_patterns: ArrayLike
) -> Reals:
    r"""Return the expected number of neurons that are active but should not be.

    .. math:: (n - k) \left[(1 - \tfrac kn) I + \tfrac kn H\right]^{P-1}_{k,0}

    for a threshold of k, which misses no neuron of the pattern. :math:`H_{uv}` is the chance that k
    random neurons leave v of u given ones out: a neuron takes part in each further pattern with
    probability k/n, and fires if these leave no neuron of the cue out. This is exact; the usual
    :math:`(n - k) p_1^k` is lower, and is the limit for large networks.

    Args:
        num_neurons: n, at least 1.
        num_active: k active neurons a pattern, from 1 to n; the time grows as k^3 ln P.
        num_patterns: P, at least 1.

    Returns:
        The number, of the broadcast shape.

    Raises:
        ValidationError: If an argument is not a whole number or out of range.

    Example:
        >>> round(willshaw_false_positives(1024, 10, 7268), 3)
        1.274

    Source: Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960; Buckingham & Willshaw
    (1992), Network 3:407, for the spread of the number of patterns per neuron.
    """
    return each(_false_positives, *_network(num_neurons, num_active, num_patterns))


def _false_positives(neurons: float, active: float, patterns: float) -> float:
    share = active / neurons
    left_out = _left_out(neurons, int(active))
    step = (1 - share) * np.eye(len(left_out)) + share * left_out
    return float((neurons - active) * np.linalg.matrix_power(step, int(patterns) - 1)[-1, 0])


def _left_out(neurons: float, active: int) -> Floats:
    """Return H, (k + 1, k + 1): hypergeometric, and built up one given neuron at a time."""
    out = np.zeros((active + 1, active + 1))
    out[0, 0] = 1
    for given in range(active):
        left = np.arange(given + 1)
        hit = (active - given + left) / (neurons - given)  # the chance to be among the k
        out[given + 1, : given + 1] = out[given, : given + 1] * hit
        out[given + 1, 1 : given + 2] += out[given, : given + 1] * (1 - hit)
    return out


def willshaw_bits(num_neurons: ArrayLike, num_active: ArrayLike, num_patterns: ArrayLike) -> Reals:
    r"""Return the information that the outputs hold, in bits per weight.

    .. math:: \frac{P}{n^2} \log_2\binom{n}{k}

    The loss by false positives is not subtracted. With half of the weights set and k = log2 n there
    is about one false positive, and the information tends to ln 2 slowly as n grows.

    Args:
        num_neurons: n, at least 1.
        num_active: k active neurons a pattern, from 1 to n.
        num_patterns: P, at least 1.

    Returns:
        Bits per weight, of the broadcast shape.

    Raises:
        ValidationError: If an argument is not a whole number or out of range.

    Example:
        >>> round(willshaw_bits(1024, 10, 7268), 3)
        0.542

    Source: Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960.
    """
    neurons, active, patterns = _network(num_neurons, num_active, num_patterns)
    nats = -special.betaln(neurons - active + 1, active + 1) - np.log1p(neurons)
    return plain(patterns * nats / np.log(2) / neurons**2)
