"""Least squares for pairing data: the search, the profiles, and the result."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import chdtrc, chdtri, fdtri

from canns._warnings import warn
from canns.inference.events import Events, SpikeRule, changes_by, events_of
from canns.inference.fitted_pairing import FittedPairing
from canns.inference.profile import LeastSquares, Profile, profile_of
from canns.inference.protocols import Protocol
from canns.inference.unknowns import Unknown, labels_of, put, start_of, to_values
from canns.typing import Array, BoolArray, FloatArray

__all__ = ["NOTHING", "Found", "PairingTask", "fitted", "profiled", "search"]

NOTHING = 1e-12  # an amplitude that is as good as zero
_SHORT, _LONG = 0.1, 1e4  # ms; no protocol tells time constants beyond from these
_LARGE = 50.0  # a logarithm, or a number of either sign, beyond which nothing is searched
_SPREAD = 1.0  # in natural logarithms, of the random starts
_ROUNDS = 5  # in which profiles may better the fit
_UNLIKELY = 1e-3


class PairingTask(NamedTuple):
    """Checked data and unknowns.

    Args:
        rule: The rule, for spikes at exact times.
        protocols: The protocols, (N,).
        changes: What was measured, (N,).
        errors: Standard errors, (N,); ones if they are not known.
        known: Whether they are known.
        start_weight: The weight before.
        unknowns: The numbers to find.
    """

    rule: SpikeRule
    protocols: tuple[Protocol, ...]
    changes: FloatArray
    errors: FloatArray
    known: bool
    start_weight: float
    unknowns: tuple[Unknown, ...]

    @property
    def logarithmic(self) -> BoolArray:
        """Whether each number is searched in its logarithm, (P,)."""
        each = [(u.low, u.high) == (0, np.inf) for u in self.unknowns for _ in range(u.size)]
        return np.array(each)

    def threshold(self, chi_square: float, confidence: float) -> float:
        """Return by how much chi square may rise within the interval of one number."""
        if self.known:
            return float(chdtri(1, 1 - confidence))
        freedom = len(self.changes) - len(self.logarithmic)
        return chi_square / freedom * float(fdtri(1, freedom, confidence))

    def least_squares(self) -> LeastSquares:
        """Return the problem in real numbers: logarithms of positive ones."""
        events = events_of(self.protocols)
        run = partial(_predicted, self.rule, events, self.start_weight, unknowns=self.unknowns)
        turn = partial(_slopes, self.rule, events, self.start_weight, unknowns=self.unknowns)
        times = np.array(["tau" in u.name for u in self.unknowns for _ in range(u.size)])
        low = np.where(times, np.log(_SHORT), np.log(NOTHING))
        high = np.where(times, np.log(_LONG), _LARGE)
        return LeastSquares(
            lambda theta: (np.asarray(run(theta)) - self.changes) / self.errors,
            lambda theta: np.asarray(turn(theta)) / self.errors[:, None],
            np.where(self.logarithmic, low, -_LARGE),
            np.where(self.logarithmic, high, _LARGE),
        )


@partial(jax.jit, static_argnames="unknowns")
def _predicted(
    rule: SpikeRule, events: Events, weight: Array, theta: Array, *, unknowns: tuple[Unknown, ...]
) -> Array:
    return changes_by(put(rule, unknowns, to_values(unknowns, theta)), events, weight)


_slopes = jax.jit(jax.jacfwd(_predicted, argnums=3), static_argnames="unknowns")


class Found(NamedTuple):
    """The fit: the real numbers, chi square, and where all searches ended."""

    theta: FloatArray
    chi_square: float
    others: list[tuple[float, FloatArray]]


def search(task: PairingTask, problem: LeastSquares, num_starts: int, seed: int) -> Found:
    """Return the best of several searches; those after the first start at random."""
    first = np.clip(start_of(task.rule, task.unknowns), problem.low, problem.high)
    spread = np.random.default_rng(seed).normal(size=(num_starts, len(first)))
    spread[0] = 0.0
    ends = [problem.minimise(first + _SPREAD * each) for each in spread]
    chi_square, theta = min(ends, key=lambda end: end[0])
    return Found(theta, chi_square, ends)


def profiled(
    task: PairingTask, problem: LeastSquares, found: Found, confidence: float
) -> tuple[Found, list[Profile]]:
    """Return the profiles of all numbers, and the fit, which a profile may have bettered."""
    for _ in range(_ROUNDS):
        rise = task.threshold(found.chi_square, confidence)
        point = found.theta, found.chi_square, rise
        profiles = [profile_of(problem, *point, which) for which in range(len(found.theta))]
        met = [profile.better for profile in profiles if profile.better is not None]
        if not met:
            return found, profiles
        ends = [problem.minimise(theta) for theta in met]
        before, (chi_square, theta) = found, min(ends, key=lambda end: end[0])
        found = Found(theta, chi_square, [*found.others, *ends])
    warn(
        f"The search found a better fit {_ROUNDS} times while it computed intervals.",
        "Take more num_starts, or fit fewer numbers.",
    )
    return before, profiles  # the fit that these profiles belong to


def fitted(
    rule: SpikeRule,
    task: PairingTask,
    problem: LeastSquares,
    found: Found,
    profiles: list[Profile],
    confidence: float,
) -> FittedPairing:
    """Return the result, and warn of numbers that are open and of a rule that does not fit."""
    freedom = len(task.changes) - len(found.theta)
    labels = labels_of(task.rule, task.unknowns)

    def values(theta: FloatArray) -> FloatArray:
        return np.asarray(to_values(task.unknowns, jnp.asarray(theta)))

    ends = np.stack([profile.ends for profile in profiles])
    free = np.stack([problem.low, problem.high], axis=1) == ends
    limits = np.where(task.logarithmic[:, None], [0.0, np.inf], [-np.inf, np.inf])
    interval = np.where(free, limits, np.stack([values(each) for each in ends.T], axis=1))
    slopes = problem.slopes(found.theta)
    unit = 1.0 if task.known else found.chi_square / freedom
    rise = task.threshold(found.chi_square, confidence)
    near = [end for chi_square, end in found.others if chi_square <= found.chi_square + rise]
    sets = np.concatenate([near, *(profile.passed for profile in profiles)])
    p_value = float(chdtrc(freedom, found.chi_square)) if task.known else np.nan
    _warn(labels, free, p_value)
    best = values(found.theta)
    own: Any = put(rule, task.unknowns, best)  # of the class of the rule
    return FittedPairing(
        rule=own,
        labels=labels,
        values=best,
        interval=interval,
        positive=task.logarithmic.astype(int),
        covariance=unit * np.linalg.pinv(slopes.T @ slopes, hermitian=True),
        alternatives=np.stack([values(each) for each in sets]),
        protocols=task.protocols,
        changes=task.changes,
        errors=task.errors * np.sqrt(unit),
        predicted=task.changes + task.errors * problem.residuals(found.theta),
        chi_square=found.chi_square if task.known else np.nan,
        p_value=p_value,
        conditions={
            "confidence": confidence,
            "start_weight": task.start_weight,
        },
    )


def _warn(labels: Sequence[str], free: BoolArray, p_value: float) -> None:
    """Warn of numbers without a limit on a time constant, and of a rule that does not fit."""
    open_ = [label for label, own in zip(labels, free, strict=True) if own[1]]
    if open_:
        warn(
            f"These data set no upper limit to {', '.join(open_)}.",
            "Fit fewer numbers, or add protocols in which these matter.",
        )
    if p_value < _UNLIKELY:
        warn(
            f"The changes deviate from the best rule by more than their errors allow "
            f"(p = {p_value:.1g}).",
            "Another rule, or other numbers of this one, may explain them.",
        )
