"""Learning windows and triplet rules from slice data: least squares through the protocols."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri, fdtri

from canns._validation import check_choice, check_real, check_size, check_vector
from canns._warnings import warn
from canns.errors import ValidationError
from canns.inference.events import Events, SpikeRule, changes_by, events_of, timed
from canns.inference.fitted_pairing import FittedPairing
from canns.inference.profile import LeastSquares, Profile, profile_of
from canns.inference.protocols import Protocol
from canns.inference.unknowns import Unknown, find_unknowns, labels_of, put, start_of, to_values
from canns.plasticity import PairSTDP, TripletSTDP
from canns.typing import Array, BoolArray, FloatArray

__all__ = ["fit_pairing", "fit_triplet", "fit_window"]

_SHORT, _LONG = 0.1, 1e4  # ms; no protocol tells time constants beyond from these
_NOTHING = 1e-12  # an amplitude that is as good as zero
_TRIPLET_FULL = ("A2_plus", "A3_plus", "A2_minus", "A3_minus", "tau_x", "tau_y")
_TRIPLET_MINIMAL = ("A3_plus", "A2_minus", "tau_y")
_LARGE = 50.0  # a logarithm, or a number of either sign, beyond which nothing is searched
_SPREAD = 1.0  # in natural logarithms, of the random starts
_ROUNDS = 5  # in which profiles may better the fit
_UNLIKELY = 1e-3


def fit_window(
    lags: ArrayLike,
    changes: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    frequency: float = 1.0,
    repeats: int = 60,
    confidence: float = 0.95,
    num_starts: int = 8,
    seed: int = 0,
) -> FittedPairing:
    r"""Fit the window of pair STDP to the changes that pairs of spikes have made.

    .. math::
        \Delta w(s) = n \begin{cases} A_+ e^{-s/\tau_+} & s > 0 \\ -A_- e^{s/\tau_-} & s < 0
        \end{cases}

    for n pairs far apart. Near pairs interact, so the fit runs the rule through the protocol.

    Args:
        lags: Times s of the postsynaptic spike after the presynaptic one in ms, (P,), of both
            signs.
        changes: Changes of the weight as a share of the weight before, (P,).
        errors: Their standard errors, (P,); None if they are alike and not known.
        frequency: Pairs a second, in Hz.
        repeats: n, the number of pairs in the experiment.
        confidence: Confidence of the intervals.
        num_starts: Starts of the search, all but the first of them random.
        seed: Seed of the random starts.

    Returns:
        The rule :class:`~canns.plasticity.PairSTDP`, with amplitudes per pair.

    Raises:
        ValidationError: If there are too few data or lags of one sign only, or an argument is out
            of range.

    Example:
        >>> lags = np.array([-60.0, -30.0, -10.0, -5.0, 5.0, 10.0, 30.0, 60.0])
        >>> exact = np.where(lags > 0, 0.8 * np.exp(-lags / 17), -0.3 * np.exp(lags / 34))
        >>> found = fit_window(lags, exact, np.full(8, 0.05))
        >>> round(found.rule.tau_plus, 2), round(60 * found.rule.A_plus, 3)
        (17.0, 0.8)

    Source: Bi & Poo (1998), J. Neurosci. 18:10464; profile likelihood: Raue et al. (2009),
    Bioinformatics 25:1923.
    """
    times = check_vector("lags", lags)
    if (times == 0).any() or not (times.min() < 0 < times.max()):
        expected = "of both signs, and none 0, which is on neither side of the window"
        raise ValidationError("lags", expected, f"{times.min():g} to {times.max():g} ms")
    protocols = [Protocol.pair(lag, frequency=frequency, repeats=repeats) for lag in times]
    reach = float(np.abs(check_vector("changes", changes, len(times))).max()) / repeats
    rule = PairSTDP(1.0, max(reach, _NOTHING), max(reach, _NOTHING))
    names = ("A_plus", "A_minus", "tau_plus", "tau_minus")
    options: dict[str, Any] = {"confidence": confidence, "num_starts": num_starts, "seed": seed}
    return fit_pairing(rule, protocols, changes, errors, fit=names, **options)


def fit_triplet(
    protocols: Sequence[Protocol],
    changes: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    terms: Literal["minimal", "full"] = "minimal",
    pairing: Literal["all", "nearest"] = "all",
    confidence: float = 0.95,
    num_starts: int = 16,
    seed: int = 0,
) -> FittedPairing:
    """Fit the triplet rule to changes by pairs, triplets, quadruplets, or pairs by frequency.

    The time constants of pairs stay at 16.8 and 33.7 ms, as in the paper; to fit others, or other
    amplitudes, take :func:`fit_pairing`.

    Args:
        protocols: The protocols, (P,).
        changes: Changes of the weight as a share of the weight before, (P,).
        errors: Their standard errors, (P,); None if they are alike and not known.
        terms: "minimal": A3_plus, A2_minus and tau_y, which describe visual cortex. "full": all
            four amplitudes, tau_x and tau_y.
        pairing: Which spikes count; see :class:`~canns.plasticity.TripletSTDP`.
        confidence: Confidence of the intervals.
        num_starts: Starts of the search, all but the first of them random.
        seed: Seed of the random starts.

    Returns:
        The rule, and the sets of numbers that do about as well.

    Raises:
        ValidationError: If there are fewer data than numbers, or an argument is out of range.

    Example:
        >>> from canns.inference import SJOSTROM_2001 as data
        >>> found = fit_triplet(data.protocols, data.changes, data.errors, num_starts=4)
        >>> round(found.error, 2), round(found.rule.tau_y)
        (0.32, 231)

    Source: Pfister & Gerstner (2006), J. Neurosci. 26:9673.
    """
    names = {"minimal": _TRIPLET_MINIMAL, "full": _TRIPLET_FULL}
    chosen = names[check_choice("terms", terms, names)]
    rule = TripletSTDP(pairing=check_choice("pairing", pairing, ("all", "nearest")))
    options: dict[str, Any] = {"confidence": confidence, "num_starts": num_starts, "seed": seed}
    return fit_pairing(rule, protocols, changes, errors, fit=chosen, **options)


def fit_pairing(
    rule: SpikeRule,
    protocols: Sequence[Protocol],
    changes: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    fit: str | Sequence[str] | None = None,
    start_weight: float = 1.0,
    confidence: float = 0.95,
    num_starts: int = 8,
    seed: int = 0,
) -> FittedPairing:
    r"""Fit numbers of a rule of spikes to the changes by pairing protocols, by least squares.

    .. math::
        \hat\theta = \arg\min_\theta \chi^2, \qquad
        \chi^2 = \sum_n \left( \frac{\Delta w_\theta(n) - \Delta w_n}{\sigma_n} \right)^2

    The rule runs through each protocol, from one spike to the next. Positive numbers are searched
    in their logarithm. The interval of a number holds all values at which, if the others follow,
    chi square rises by no more than its quantile of one degree of freedom.

    Args:
        rule: The rule, whose numbers are the first guess: :class:`~canns.plasticity.PairSTDP`,
            :class:`~canns.plasticity.TripletSTDP` or :class:`~canns.plasticity.BasisSTDP`.
        protocols: The protocols, (N,).
        changes: Changes of the weight as a share of the weight before, (N,).
        errors: Their standard errors, (N,); None if they are alike and not known: the residuals
            then tell the error, and chi square is not reported.
        fit: Names of the numbers to fit; None for all.
        start_weight: The weight before in units of the rule, for rules whose change depends on it.
        confidence: Confidence of the intervals.
        num_starts: Starts of the search, all but the first of them random.
        seed: Seed of the random starts.

    Returns:
        The rule, with intervals and the sets of numbers that do about as well.

    Raises:
        ValidationError: If there are no more data than numbers, or an argument is out of range.

    Example:
        >>> from canns.inference import Protocol, fit_pairing, weight_changes
        >>> from canns.plasticity import PairSTDP
        >>> lags = [Protocol.pair(lag) for lag in (-40.0, -10.0, 5.0, 10.0, 40.0)]
        >>> made = weight_changes(PairSTDP(1.0, 0.01, 0.005, 15.0, 30.0), lags)
        >>> found = fit_pairing(PairSTDP(), lags, made, [0.05] * 5, fit=("A_plus", "tau_plus"))
        >>> round(found.rule.tau_plus, 2)
        15.0

    Source: Pfister & Gerstner (2006), J. Neurosci. 26:9673; profile likelihood: Raue et al. (2009),
    Bioinformatics 25:1923.
    """
    own, count = timed(rule), len(events_of(protocols).pre)
    measured = check_vector("changes", changes, count, remedy="Give one for each protocol.")
    if measured.max() == measured.min():
        raise ValidationError("changes", "of two values or more", f"all {measured[0]:g}")
    known = np.ones(count) if errors is None else check_vector("errors", errors, count)
    if not (known > 0).all():
        remedy = "Leave out errors if they are not known."
        raise ValidationError("errors", "above 0", f"{known.min():g}", remedy)
    check_real("start_weight", start_weight, low=0, open_low=True)
    check_real("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    check_size("num_starts", num_starts)
    check_size("seed", seed, low=0)
    unknowns = find_unknowns(own, fit)
    size = sum(unknown.size for unknown in unknowns)
    if count <= size:
        named = ", ".join(labels_of(own, unknowns))
        expected = f"more than {size}, the numbers to fit: {named}"
        raise ValidationError("protocols", expected, f"{count}")
    task = _Task(own, tuple(protocols), measured, known, errors is not None, start_weight, unknowns)
    with jax.enable_x64(True):
        found = _search(task, num_starts, seed)
        found, profiles = _profiled(task, found, confidence)
        return _result(rule, task, found, profiles, confidence)


class _Task(NamedTuple):
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
        low = np.where(times, np.log(_SHORT), np.log(_NOTHING))
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


class _Found(NamedTuple):
    """The fit: the real numbers, chi square, and where all searches ended."""

    theta: FloatArray
    chi_square: float
    others: list[tuple[float, FloatArray]]


def _search(task: _Task, num_starts: int, seed: int) -> _Found:
    """Return the best of several searches; those after the first start at random."""
    problem, first = task.least_squares(), start_of(task.rule, task.unknowns)
    first = np.clip(first, problem.low, problem.high)
    spread = np.random.default_rng(seed).normal(size=(num_starts, len(first)))
    spread[0] = 0.0
    ends = [problem.minimise(first + _SPREAD * each) for each in spread]
    chi_square, theta = min(ends, key=lambda end: end[0])
    return _Found(theta, chi_square, ends)


def _profiled(task: _Task, found: _Found, confidence: float) -> tuple[_Found, list[Profile]]:
    """Return the profiles of all numbers, and the fit, which a profile may have bettered."""
    problem = task.least_squares()
    for _ in range(_ROUNDS):
        rise = task.threshold(found.chi_square, confidence)
        profiles = []
        for which in range(len(found.theta)):
            profile = profile_of(problem, found.theta, found.chi_square, rise, which)
            profiles.append(profile)
            if profile.better is not None:
                chi_square, theta = problem.minimise(profile.better)
                found = _Found(theta, chi_square, [*found.others, (chi_square, theta)])
                break
        else:
            return found, profiles
    warn(
        f"The search found a better fit {_ROUNDS} times while it computed intervals.",
        "Take more num_starts, or fit fewer numbers.",
    )
    return found, profiles


def _result(
    rule: SpikeRule, task: _Task, found: _Found, profiles: list[Profile], confidence: float
) -> FittedPairing:
    problem, count = task.least_squares(), len(task.changes)
    freedom = count - len(found.theta)
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
    fitted: Any = put(rule, task.unknowns, best)  # of the class of the rule
    return FittedPairing(
        rule=fitted,
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
