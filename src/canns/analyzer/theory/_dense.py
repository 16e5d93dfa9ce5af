"""Dense associative memories, whose energy is a higher power or an exponential of the overlaps."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from canns.analyzer.theory._scipy import special
from canns.analyzer.theory._values import (
    ArrayLike,
    Floats,
    Reals,
    counts,
    pick,
    plain,
    reals,
    together,
)

__all__ = [
    "DenseCriterion",
    "dense_capacity",
    "dense_error",
    "exponential_capacity",
    "exponential_load",
]

DenseCriterion = Literal["all_exact", "most_exact", "crosstalk"]


def dense_error(num_neurons: ArrayLike, num_patterns: ArrayLike, order: ArrayLike) -> Reals:
    r"""Return the share of a pattern's neurons that are wrong after one update.

    .. math::
        P_{err} = \tfrac12 \mathrm{erfc}\sqrt{\frac{N^{n-1}}{2(2n-3)!!\,K}}

    in the network of energy :math:`-\sum_\mu (\xi^\mu \cdot s)^n`; n = 2 is Hopfield's.

    Args:
        num_neurons: N, at least 1.
        num_patterns: K, at least 1.
        order: n, at least 2.

    Returns:
        The error probability, of the broadcast shape.

    Raises:
        ValidationError: If an argument is not a whole number or too small.

    Example:
        >>> round(dense_error(200, 1852, 3), 5)
        0.00365

    Source: Krotov & Hopfield (2016), NeurIPS 29.
    """
    neurons, patterns, orders = together(
        counts("num_neurons", num_neurons),
        counts("num_patterns", num_patterns),
        counts("order", order, low=2),
    )
    with np.errstate(over="ignore"):  # an infinite signal has no error
        signal = np.exp(_log_signal(neurons, orders) - np.log(patterns))
    return plain(special.erfc(np.sqrt(signal / 2)) / 2)


def _log_signal(neurons: Floats, order: Floats) -> Floats:
    """Return ln(N^(n-1)/(2n-3)!!), the squared signal over the variance of one pattern's noise."""
    log_factorial = (order - 1) * np.log(2) + special.gammaln(order - 0.5) - np.log(np.pi) / 2
    signal: Floats = (order - 1) * np.log(neurons) - log_factorial
    return signal


def dense_capacity(
    num_neurons: ArrayLike,
    order: ArrayLike,
    criterion: DenseCriterion = "all_exact",
    *,
    error_probability: ArrayLike = 0.01,
) -> Reals:
    r"""Return the number of random patterns that a dense memory of order n holds.

    .. math:: K = \frac{N^{n-1}}{(2n-3)!!\, x^2}

    Args:
        num_neurons: N, at least 2.
        order: n, at least 2.
        criterion: "all_exact": every pattern is an exact fixed point, x^2 = 2 n ln N. "most_exact":
            most are, x^2 = 2 ln N. "crosstalk": a neuron of a pattern is wrong after one update
            with ``error_probability``, the probability of a Gaussian above x.
        error_probability: For the criterion "crosstalk", in (0, 0.5).

    Returns:
        K, not rounded, of the broadcast shape. At n = 2 it equals
        :func:`~canns.analyzer.theory.storage_capacity`.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> [round(dense_capacity(200, n, "most_exact")) for n in (2, 3, 4)]
        [19, 1258, 50330]

    Source: Krotov & Hopfield (2016), NeurIPS 29. "all_exact" follows from it: N K errors are rare.
    """
    neurons, orders = counts("num_neurons", num_neurons, low=2), counts("order", order, low=2)
    errors = reals(
        "error_probability", error_probability, low=0, high=0.5, open_low=True, open_high=True
    )
    neurons, orders, errors = together(neurons, orders, errors)
    squares: Mapping[DenseCriterion, Floats] = {
        "all_exact": 2 * orders * np.log(neurons),
        "most_exact": 2 * np.log(neurons),
        "crosstalk": special.ndtri(errors) ** 2,
    }
    return plain(np.exp(_log_signal(neurons, orders)) / pick("criterion", criterion, squares))


def exponential_load(rho: ArrayLike = 0.0) -> Reals:
    r"""Return the load up to which the exponential memory attracts from a distance rho N.

    .. math::
        \alpha = \tfrac12 I(1 - 2\rho), \qquad
        I(x) = \tfrac12\left[(1+x)\ln(1+x) + (1-x)\ln(1-x)\right]

    Up to :math:`M = e^{\alpha N}` patterns, a pattern with rho N neurons flipped is restored by one
    update of each neuron with a probability that tends to 1.

    Args:
        rho: Share of flipped neurons, in [0, 0.5).

    Returns:
        alpha, of the shape of ``rho``; the bound, which is not itself reached.

    Raises:
        ValidationError: If ``rho`` is out of range.

    Example:
        >>> exponential_load([0.0, 0.1, 0.25]).round(4).tolist()
        [0.3466, 0.184, 0.0654]

    Source: Demircigil, Heusel, Löwe, Upgang & Vermet (2017), J. Stat. Phys. 168:288.
    """
    shares = reals("rho", rho, low=0, high=0.5, open_high=True)
    entropy = special.entr(shares) + special.entr(1 - shares)
    return plain((np.log(2) - entropy) / 2)


def exponential_capacity(num_neurons: ArrayLike, rho: ArrayLike = 0.0) -> Reals:
    r"""Return the number of patterns of the exponential memory, :math:`e^{\alpha N}`.

    Args:
        num_neurons: N, at least 1.
        rho: Share of flipped neurons that is restored, in [0, 0.5).

    Returns:
        M, not rounded, of the broadcast shape; :math:`2^{N/2}` at rho = 0, and infinite if a float
        cannot hold it.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> round(exponential_capacity(40)), round(exponential_capacity(100, 0.1))
        (1048576, 98268134)

    Source: Demircigil, Heusel, Löwe, Upgang & Vermet (2017), J. Stat. Phys. 168:288.
    """
    neurons, loads = together(counts("num_neurons", num_neurons), np.asarray(exponential_load(rho)))
    with np.errstate(over="ignore"):
        return plain(np.exp(loads * neurons))
