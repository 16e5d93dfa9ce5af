"""The Hopfield network under Hebb's rule: the theory of Amit, Gutfreund and Sompolinsky."""

import math
from typing import NamedTuple

from canns.analyzer.theory._averages import response
from canns.analyzer.theory._retrieval import State, retrieve, spinodal
from canns.analyzer.theory._scipy import root
from canns.analyzer.theory._values import ArrayLike, Reals, each_tuple, reals, temperatures

__all__ = [
    "AGSState",
    "CriticalLoad",
    "ags_critical_load",
    "ags_overlap",
    "ags_state",
    "hebb",
    "spin_glass",
    "spin_glass_state",
]


class AGSState(NamedTuple):
    """Order parameters: overlap m, Edwards-Anderson q, and crosstalk r (its variance / alpha)."""

    m: Reals
    q: Reals
    r: Reals


class CriticalLoad(NamedTuple):
    """The load at which retrieval ends, and the overlap and y = m/sqrt(2 alpha r) there."""

    alpha: float
    m: float
    y: float


def hebb(C: float, q: float) -> float:
    """Return r: a crosstalk overlap feeds back on itself with gain C."""
    return q / (1 - C) ** 2


def ags_overlap(alpha: ArrayLike, temperature: ArrayLike = 0.0) -> Reals:
    r"""Return the overlap m of a retrieved pattern, in the limit of many neurons.

    .. math::
        m = \langle\tanh\beta(m + \sqrt{\alpha r} z)\rangle, \quad
        q = \langle\tanh^2\beta(m + \sqrt{\alpha r} z)\rangle, \quad
        r = \frac{q}{(1 - \beta(1-q))^2}

    Replica symmetric; weights :math:`W = X^T X/N` without diagonal, P = alpha N random patterns.
    With W divided by P instead, the temperature here is alpha times that of the network.

    Args:
        alpha: Load P/N, at least 0.
        temperature: T, at least 0.

    Returns:
        m, of the broadcast shape; 0 if no retrieval state exists.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> [round(m, 5) for m in ags_overlap([0.05, 0.1, 0.13, 0.14]).tolist()]
        [0.99999, 0.998, 0.98721, 0.0]
        >>> round(ags_overlap(0.1, 0.2), 6)
        0.989085

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530; (1987), Ann. Phys.
    173:30.
    """
    return ags_state(alpha, temperature).m


def ags_state(alpha: ArrayLike, temperature: ArrayLike = 0.0) -> AGSState:
    """Return m, q and r of the retrieval state, or of the spin glass if there is none.

    Args:
        alpha: Load P/N, at least 0.
        temperature: T, at least 0.

    Returns:
        The order parameters, each of the broadcast shape; see :func:`ags_overlap`.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> [round(value, 6) for value in ags_state(0.05, 0.5)]
        [0.904106, 0.833358, 1.874778]

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    loads = reals("alpha", alpha, low=0)
    return each_tuple(AGSState, 3, _order, loads, temperatures(temperature))


def _order(alpha: float, temperature: float) -> tuple[float, float, float]:
    state = retrieve(alpha, temperature, hebb) or spin_glass(alpha, temperature)
    return state.m, state.q, state.r


def spin_glass_state(alpha: ArrayLike, temperature: ArrayLike = 0.0) -> AGSState:
    """Return the state without overlap: a spin glass below T_g, a paramagnet (q = 0) above.

    Args:
        alpha: Load P/N, above 0.
        temperature: T, at least 0.

    Returns:
        m = 0, q and r, each of the broadcast shape; the equations are those of
        :func:`ags_overlap`.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> [round(value, 6) for value in spin_glass_state(0.1, 0.5)]
        [0.0, 0.628213, 9.553915]

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    loads = reals("alpha", alpha, low=0, open_low=True)

    def order(alpha: float, temperature: float) -> tuple[float, float, float]:
        state = spin_glass(alpha, temperature)
        return state.m, state.q, state.r

    return each_tuple(AGSState, 3, order, loads, temperatures(temperature))


def spin_glass(alpha: float, temperature: float) -> State:
    """Return the solution with m = 0.

    With u the spread of the field in units of T, q(u) is known and T = (1 - q) + sqrt(alpha q)/u.
    """
    if temperature >= 1 + math.sqrt(alpha):
        return State(alpha, 0.0, 0.0, 0.0, 1 / temperature, 0.0)
    if temperature == 0:
        growth = math.sqrt(2 / (math.pi * alpha))
        return State(alpha, 0.0, 1.0, (1 + growth) ** 2, growth / (1 + growth), 0.0)

    def excess(u: float) -> float:
        _, q, slope = response(0.0, u, 1.0)
        return slope + math.sqrt(alpha * q) / u - temperature

    u = root(excess, 1e-9, (1 + math.sqrt(alpha)) / temperature)
    _, q, slope = response(0.0, u, 1.0)
    return State(alpha, 0.0, q, (u * temperature) ** 2 / alpha, slope / temperature, 0.0)


def ags_critical_load() -> CriticalLoad:
    r"""Return the largest load with a retrieval state at T = 0, and m and y there.

    .. math::
        \sqrt{2\alpha_c} = \max_y \frac{\mathrm{erf}(y)}{y} - \frac{2}{\sqrt\pi} e^{-y^2}

    Returns:
        alpha, m and y.

    Example:
        >>> [round(value, 6) for value in ags_critical_load()]
        [0.137906, 0.967417, 1.511219]

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530.
    """
    state = spinodal(0.0, hebb)
    return CriticalLoad(state.alpha, state.m, state.y)
