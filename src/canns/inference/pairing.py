"""Learning windows and triplet rules from slice data: least squares through the protocols."""

from collections.abc import Sequence
from typing import Any, Literal

import jax
import numpy as np
from numpy.typing import ArrayLike

from canns._validation import check_choice, check_real, check_size, check_vector
from canns.errors import ValidationError
from canns.inference.events import SpikeRule, checked_start, events_of, timed
from canns.inference.fitted_pairing import FittedPairing
from canns.inference.pairing_search import NOTHING, PairingTask, fitted, profiled, search
from canns.inference.protocols import Protocol
from canns.inference.unknowns import find_unknowns, labels_of
from canns.plasticity import PairSTDP, TripletSTDP

__all__ = ["fit_pairing", "fit_triplet", "fit_window"]

_MOST_STARTS = 10_000
_TRIPLET_FULL = ("A2_plus", "A3_plus", "A2_minus", "A3_minus", "tau_x", "tau_y")
_TRIPLET_MINIMAL = ("A3_plus", "A2_minus", "tau_y")


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
    rule = PairSTDP(1.0, max(reach, NOTHING), max(reach, NOTHING))
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
    start_weight: float | None = None,
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
        start_weight: The weight before in units of the rule; None if the rule's change does not
            depend on it.
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
    weight = checked_start(own, start_weight)
    check_real("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    check_size("num_starts", num_starts, high=_MOST_STARTS)
    check_size("seed", seed, low=0)
    unknowns = find_unknowns(own, fit)
    size = sum(unknown.size for unknown in unknowns)
    if count <= size:
        named = ", ".join(labels_of(own, unknowns))
        expected = f"more than {size}, the numbers to fit: {named}"
        raise ValidationError("protocols", expected, f"{count}")
    task = PairingTask(own, tuple(protocols), measured, known, errors is not None, weight, unknowns)
    with jax.enable_x64(True):
        problem = task.least_squares()
        found = search(task, problem, num_starts, seed)
        found, profiles = profiled(task, problem, found, confidence)
        return fitted(rule, task, problem, found, profiles, confidence)
