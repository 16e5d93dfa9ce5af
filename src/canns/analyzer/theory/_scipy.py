"""SciPy, and the searches that the theory makes with it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import integrate, optimize, special

__all__ = ["integral", "maximum", "minimum", "root", "special"]


def integral(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the integral of a smooth function from ``low`` to ``high``."""
    return float(integrate.quad(function, low, high, epsabs=0, epsrel=1e-11, limit=200)[0])


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the zero of a function that falls from ``low`` to ``high``.

    If there is no zero between them, return the end at which the function is nearest to zero.
    """
    if function(low) <= 0:
        return low
    if function(high) >= 0:
        return high
    zero = optimize.brentq(function, low, high, xtol=1e-300, rtol=1e-14, maxiter=1000)
    return float(zero)


def maximum(function: Callable[[float], float], low: float, high: float) -> float:
    """Return the position of a function's only maximum between ``low`` and ``high``."""
    found = optimize.minimize_scalar(
        lambda x: -function(x), bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


def minimum(
    function: Callable[[NDArray[np.float64]], float], start: Sequence[float]
) -> list[float]:
    """Return the position of a minimum of a function of a few numbers, downhill from ``start``."""
    options = {"xatol": 1e-9, "fatol": 1e-14, "maxiter": 2000}
    found = optimize.minimize(function, start, method="Nelder-Mead", options=options)
    return [float(x) for x in found.x]
