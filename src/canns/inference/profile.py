"""Intervals by profile likelihood: how far a number may be moved if all others follow."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import OptimizeResult, brentq, least_squares

from canns.typing import FloatArray

__all__ = ["LeastSquares", "Profile", "profile_of"]

_FIRST = 0.1  # step outward, doubled until the fit is worse than the threshold
_CLOSE = 1e-4  # of a bound, in the same units
_BETTER = 1e-6  # relative decrease of chi square at which another optimum was found


class LeastSquares(NamedTuple):
    """A problem of least squares in bounds.

    Args:
        residuals: The deviations in standard errors, as a function of the numbers.
        slopes: Their derivatives.
        low: Lower bounds, (P,).
        high: Upper bounds, (P,).
    """

    residuals: Callable[[FloatArray], FloatArray]
    slopes: Callable[[FloatArray], FloatArray]
    low: FloatArray
    high: FloatArray

    def minimise(self, start: FloatArray, held: int | None = None) -> tuple[float, FloatArray]:
        """Return the least chi square from a start, and the numbers there.

        Args:
            start: Where to start, (P,).
            held: Position of a number that stays as it is; None for none.
        """
        free = np.arange(len(start)) != (-1 if held is None else held)
        if not free.any():
            return float((self.residuals(start) ** 2).sum()), start

        def whole(part: FloatArray) -> FloatArray:
            theta = np.array(start)
            theta[free] = part
            return theta

        inside = np.clip(start, self.low + _CLOSE, self.high - _CLOSE)[free]
        found: OptimizeResult = least_squares(
            lambda part: self.residuals(whole(part)),
            inside,
            lambda part: self.slopes(whole(part))[:, free],
            bounds=(self.low[free], self.high[free]),
            xtol=1e-10,
            ftol=1e-10,
        )
        return 2 * float(found.cost), whole(found.x)


class Profile(NamedTuple):
    """How far one number may be moved.

    Args:
        ends: The least and the largest value with a chi square below the threshold, (2,).
        passed: All numbers at places on the way, (K, P), within the threshold.
        better: Numbers with a smaller chi square than that of the fit, if any were met.
    """

    ends: FloatArray
    passed: FloatArray
    better: FloatArray | None


def profile_of(
    problem: LeastSquares, best: FloatArray, chi_square: float, threshold: float, which: int
) -> Profile:
    """Return the profile of one number.

    Args:
        problem: The problem.
        best: The numbers of the fit, (P,).
        chi_square: Chi square there.
        threshold: By how much it may rise.
        which: The position of the number.
    """
    ends, passed, better = np.empty(2), [best], None
    lowest = chi_square * (1 - _BETTER) - 1e-9
    for side, bound in enumerate((problem.low[which], problem.high[which])):
        walk = _Walk(problem, best, chi_square + threshold, which)
        ends[side] = walk.to_the_end(bound)
        passed += walk.passed
        if walk.lowest[0] < lowest:
            lowest, better = walk.lowest
    return Profile(ends, np.array(passed), better)


class _Walk:
    """A walk along a number, the others following, away from the fit."""

    def __init__(self, problem: LeastSquares, best: FloatArray, most: float, which: int) -> None:
        self.problem, self.most, self.which = problem, most, which
        self.best, self.last = best, best
        self.passed: list[FloatArray] = []
        self.lowest = (np.inf, best)

    def excess(self, place: float) -> float:
        """Return by how much chi square exceeds the most it may be, with the number at a place."""
        start = np.array(self.last)
        start[self.which] = place
        value, theta = self.problem.minimise(start, self.which)
        if value <= self.most:
            self.last = theta
            self.passed.append(theta)
        self.lowest = min(self.lowest, (value, theta), key=lambda each: each[0])
        return value - self.most

    def to_the_end(self, bound: float) -> float:
        """Return the place at which chi square reaches its most, or the bound if it does not.

        NaN if it is above its most where it starts: the problem is too badly scaled for its search.
        """
        here = float(self.best[self.which])
        if self.excess(here) > 0:
            return float("nan")
        outward, inner, step = np.sign(bound - here), here, _FIRST
        while abs(bound - inner) > 2 * _CLOSE:
            outer = inner + outward * min(step, abs(bound - inner) - _CLOSE)
            if self.excess(outer) > 0:
                return float(brentq(self.excess, inner, outer, xtol=1e-6, rtol=1e-9))
            inner, step = outer, 2 * step
        return bound
