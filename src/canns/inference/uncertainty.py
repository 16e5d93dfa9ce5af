"""How well data determine the unknowns: covariance by curvature, and intervals."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy.special import stdtrit

from canns._warnings import warn
from canns.inference.data import Problem, observed_variance
from canns.inference.members import Search
from canns.inference.unknowns import Unknown, are_bounded, to_values
from canns.typing import FloatArray

__all__ = ["Uncertainty", "scores", "uncertainty_of", "warn_undetermined"]

_SINGULAR = 1e-11  # of an eigenvalue of the information, scaled to a diagonal of 1
_ROUNDING = 1e-16  # least variance of residuals, in units of the variance of the data
_SHARE = 0.3  # of a direction that the data leave open, at which a number is named


class Uncertainty(NamedTuple):
    """The uncertainty of the values of the unknowns.

    Args:
        standard_error: Standard errors, (P,); infinite if the data say nothing, 0 if held.
        interval: Confidence intervals, (P, 2).
        noise: Standard deviation of the residuals, NaN for spikes and choices.
        open_directions: Directions that the data leave open, (K, P).
    """

    standard_error: FloatArray
    interval: FloatArray
    noise: float
    open_directions: FloatArray


def information(problem: Problem, search: Search, member: int, size: int) -> FloatArray:
    """Return the Fisher information of the unknowns, once the start weights are eliminated."""
    weights = np.asarray(search.members.weights[member])
    curvature = np.asarray(search.curvature[member])
    whole = curvature[:, :size, :size].copy()
    if problem.free_starts:
        cross, inner = curvature[:, :size, size:], curvature[:, size:, size:]
        for e in np.flatnonzero(problem.data.unknown_start):
            whole[e] -= cross[e] @ np.linalg.pinv(inner[e], hermitian=True) @ cross[e].T
    found: FloatArray = (whole * weights[:, None, None]).sum(axis=0)
    return found


def noise_of(problem: Problem, search: Search, member: int, num_free: int) -> tuple[float, int]:
    """Return the variance of the residuals, 1 for spikes and choices, and degrees of freedom."""
    weights = np.asarray(search.members.weights[member])
    count = float((weights * np.asarray(search.number[member])).sum())
    starts = int(problem.data.unknown_start.sum()) * problem.data.start[0].size
    freedom = max(int(count) - num_free - starts, 1)
    if problem.kind in ("spikes", "choices"):
        return 1.0, freedom
    squares = -2 * float((weights * np.asarray(search.value[member])).sum())
    return max(squares / freedom, _ROUNDING * observed_variance(problem)), freedom


def scores(
    problem: Problem, search: Search, member: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return covariance, (P, P), size over error of each real number, and open directions."""
    free = np.asarray(search.members.free[member]) > 0
    theta = np.asarray(search.members.theta[member])
    size = len(theta)
    variance, _ = noise_of(problem, search, member, int(free.sum()))
    fisher = information(problem, search, member, size)[np.ix_(free, free)]
    length = np.sqrt(np.maximum(np.diagonal(fisher), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(fisher / np.outer(length, length))
    seen = values > _SINGULAR
    inner = (vectors[:, seen] / values[seen]) @ vectors[:, seen].T / np.outer(length, length)
    covariance, lost = np.zeros((size, size)), np.zeros((int((~seen).sum()), size))
    covariance[np.ix_(free, free)] = variance * inner
    lost[:, free] = vectors[:, ~seen].T
    error = np.sqrt(np.maximum(np.diagonal(covariance), 0))
    error = np.where((np.abs(lost) > _SHARE).any(axis=0), np.inf, error)
    ratio = np.where(free, np.abs(theta) / np.maximum(error, np.finfo(float).tiny), 0.0)
    return covariance, ratio, lost


def uncertainty_of(
    problem: Problem,
    search: Search,
    unknowns: Sequence[Unknown],
    confidence: float,
    resamples: FloatArray,
) -> Uncertainty:
    """Return the uncertainty of the first member.

    The intervals are Student's t in the transformed numbers, so they stay in range. With
    resamples, (B, P) of values, the errors and intervals are theirs.
    """
    theta = np.asarray(search.members.theta[0])
    free = np.asarray(search.members.free[0]) > 0
    covariance, _, lost = scores(problem, search, 0)
    variance, freedom = noise_of(problem, search, 0, int(free.sum()))
    hidden = (np.abs(lost) > _SHARE).any(axis=0)
    error = np.where(hidden, np.inf, np.sqrt(np.maximum(np.diagonal(covariance), 0)))
    reach = np.where(free, float(stdtrit(freedom, (1 + confidence) / 2)) * error, 0.0)
    ends = [_values(unknowns, theta + sign * reach) for sign in (-1, 1)]
    interval = np.sort(np.stack(ends, axis=1), axis=1)
    slopes = _slopes(unknowns, theta)
    spread = np.where(free, np.abs(slopes) * error, 0.0)
    if len(resamples):
        spread = resamples.std(axis=0, ddof=1)
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        interval = np.quantile(resamples, tails, axis=0).T
    gaussian = problem.kind in ("weights", "activity")
    return Uncertainty(spread, interval, float(np.sqrt(variance)) if gaussian else np.nan, lost)


def _values(unknowns: Sequence[Unknown], theta: FloatArray) -> FloatArray:
    finite = np.clip(theta, -1e3, 1e3) if any(u.bounded for u in unknowns) else theta
    values: FloatArray = np.asarray(to_values(unknowns, jnp.asarray(finite)))
    return np.where(np.isinf(theta) & ~are_bounded(unknowns), theta, values)


def _slopes(unknowns: Sequence[Unknown], theta: FloatArray) -> FloatArray:
    """Return the derivative of each value by its real number."""
    step = 1e-6
    both = [_values(unknowns, theta + sign * step) for sign in (-1, 1)]
    found: FloatArray = (both[1] - both[0]) / (2 * step)
    return found


def warn_undetermined(labels: Sequence[str], found: Uncertainty) -> None:
    """Warn of numbers that the data leave open, alone or together."""
    if not len(found.open_directions):
        return
    named = np.flatnonzero((np.abs(found.open_directions) > _SHARE).any(axis=0))
    listed = ", ".join(labels[int(k)] for k in named)
    warn(
        f"These data do not determine {listed or 'all of the coefficients'}: other values explain "
        "them as well.",
        "Take fewer terms or fewer hyperparameters, or inputs that vary more.",
    )
