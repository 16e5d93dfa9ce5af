r"""The retrieval state of a network with Gaussian crosstalk, for any noise law R(C, q).

.. math::
    m = \langle\tanh\beta(m + \sigma z)\rangle, \quad q = \langle\tanh^2\rangle, \quad
    C = \beta(1-q), \quad \sigma^2 = \alpha R(C, q)

Given :math:`y = m/\sqrt{2}\sigma` and the temperature, m is the one zero of a falling function and
:math:`\alpha = \sigma^2/R` follows. The load rises from 0 as y falls from infinity, up to the
spinodal at its maximum: the retrieval state is the branch with the larger y.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from canns.analyzer.theory._averages import response
from canns.analyzer.theory._scipy import maximum, root

__all__ = ["Noise", "State", "retrieve", "spinodal"]

Noise: TypeAlias = Callable[[float, float], float]  # R of the susceptibility C and of q


class State(NamedTuple):
    """A solution: the load, the order parameters, the susceptibility, and the signal to noise."""

    alpha: float
    m: float
    q: float
    r: float
    C: float
    y: float


def _state(y: float, temperature: float, noise: Noise) -> State:
    """Return the solution of a given y, at the load that it belongs to."""
    m = _overlap(y, temperature)
    sigma = m / (math.sqrt(2) * y)
    _, q, C = response(m, sigma, temperature)
    r = noise(C, q)
    return State(sigma**2 / r, m, q, r, C, y)


def _overlap(y: float, temperature: float) -> float:
    cold = math.erf(y)
    if temperature == 0:
        return cold
    ratio = math.sqrt(2) * y

    def excess(m: float) -> float:
        return response(m, m / ratio, temperature).mean / m - 1

    return root(excess, 1e-12 * cold, cold)


@lru_cache(maxsize=1024)
def spinodal(temperature: float, noise: Noise) -> State:
    """Return the state of the largest load at a temperature below 1."""
    y = maximum(lambda y: _state(y, temperature, noise).alpha, 0.0, 4.0)
    if y > 1e-5:
        return _state(y, temperature, noise)
    return _state(1e-7, temperature, noise)._replace(m=0.0, y=0.0)  # the overlap goes to zero


def retrieve(alpha: float, temperature: float, noise: Noise) -> State | None:
    """Return the retrieval state, or None if there is none."""
    if temperature >= 1:
        return None
    if alpha == 0:
        return _noiseless(temperature, noise)
    edge = spinodal(temperature, noise)
    if alpha > edge.alpha:
        return None

    def missing(inverse: float) -> float:
        return math.sqrt(alpha) - math.sqrt(_state(1 / inverse, temperature, noise).alpha)

    # q >= m^2 makes alpha <= 1/(2 y^2); the square roots are nearly proportional to 1/y.
    low = math.sqrt(2 * alpha) * (1 - 1e-9)
    return _state(1 / root(missing, low, 1 / max(edge.y, 1e-7)), temperature, noise)


def _noiseless(temperature: float, noise: Noise) -> State:
    """Return m = tanh(m/T)."""
    if temperature == 0:
        return State(0.0, 1.0, 1.0, noise(0.0, 1.0), 0.0, math.inf)
    m = root(lambda m: math.tanh(m / temperature) / m - 1, 1e-12, 1.0)
    _, q, C = response(m, 0.0, temperature)
    return State(0.0, m, q, noise(C, q), C, math.inf)
