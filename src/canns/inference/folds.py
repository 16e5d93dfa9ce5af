"""Cross-validation over experiments: who is held out when, and how well it is predicted."""

import numpy as np

from canns.inference.data import Problem, observed_variance
from canns.inference.likelihood import log_likelihoods
from canns.inference.members import Members, Search
from canns.typing import FloatArray, IntArray

__all__ = ["assign_folds", "fold_weights", "held_out", "members_of", "random_scores"]

_LAPSE = 0.01  # chance that an experiment follows no rule
_FAINT = 1e-6  # weight of a held-out experiment whose start weights are inferred too


def assign_folds(count: int, num_folds: int, seed: int) -> IntArray:
    """Return the fold of each experiment, (E,); none, of length 0, if there are too few."""
    folds = min(num_folds, count)
    if folds < 2:
        return np.zeros(0, int)
    return np.random.default_rng(seed).permutation(np.arange(count) % folds)


def fold_weights(problem: Problem, folds: IntArray) -> FloatArray:
    """Return what counts for all experiments, and for all but one fold each, (1 + K, E).

    If start weights are inferred, experiments that are held out count a millionth, so that those
    of theirs are found too.
    """
    count, padded = problem.num_experiments, len(problem.data.x)
    num_folds = int(folds.max()) + 1 if len(folds) else 0
    weights = np.zeros((1 + num_folds, padded))
    weights[:, :count] = 1.0
    for k in range(num_folds):
        weights[1 + k, :count][folds == k] = _FAINT if problem.free_starts else 0.0
    return weights


def members_of(problem: Problem, theta: FloatArray, free: FloatArray, folds: IntArray) -> Members:
    """Return members that start alike: all experiments first, and then all but one fold each.

    Args:
        problem: The experiments.
        theta: Where they start, (P,).
        free: 1 for unknowns that may change, (P,).
        folds: The fold of each experiment.
    """
    weights = fold_weights(problem, folds)
    count = len(weights)
    spread = [np.broadcast_to(each, (count, *each.shape)) for each in (theta, problem.data.start)]
    return Members(spread[0], spread[1], weights, np.broadcast_to(free, (count, len(free))))


def held_out(problem: Problem, search: Search, folds: IntArray) -> FloatArray:
    """Return the log-likelihood of each experiment per observation when it was held out, (E,).

    Without folds, the log-likelihood of the fit to all. With a chance of 1 % an experiment is taken
    to follow no rule, as :func:`random_scores` describes it; else a single one whose run explodes
    would decide everything.
    """
    count = problem.num_experiments
    values, counts = np.asarray(search.value), np.asarray(search.number)
    train = np.asarray(search.members.weights)
    train = np.where(train > _FAINT, train, 0.0)
    scale = observed_variance(problem)
    each = log_likelihoods(problem.kind, values, counts, train, scale)[:, :count]
    lost = ~np.isfinite(np.asarray(search.loss))
    each = np.where(lost[:, None], -np.inf, each)  # the run of this member explodes
    own = each[1 + folds, np.arange(count)] if len(folds) else each[0]
    random, _ = random_scores(problem, folds)
    number = np.maximum(counts[0, :count], 1)
    ruled = np.log1p(-_LAPSE) + number * own
    found: FloatArray = np.logaddexp(ruled, np.log(_LAPSE) + number * random) / number
    return found


def random_scores(problem: Problem, folds: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the held-out log-likelihoods, (E,), of a neuron that ignores its input.

    It answers at random, with the mean and variance of the other experiments.

    Returns:
        The log-likelihoods, and the mean squared distances from the mean, both per observation.
    """
    count, kind, seen = problem.num_experiments, problem.kind, problem.data.seen
    scores, squares = np.zeros(count), np.zeros(count)
    for e in range(count):
        others = np.ones(count, bool) if not len(folds) else folds != folds[e]
        train, own = seen[:count][others], seen[e]
        if kind in ("weights", "activity"):
            mean, variance = np.nanmean(train), np.nanvar(train)
            squares[e] = np.nanmean((own - mean) ** 2)
            scores[e] = -0.5 * (np.log(2 * np.pi * variance) + squares[e] / variance)
        else:
            several = kind == "choices" and seen.shape[-1] > 1
            p = np.clip(np.nanmean(train, axis=(0, 1)), 1e-9, 1 - 1e-9)
            taken = own * np.log(p) + (0 if several else (1 - own) * np.log1p(-p))
            scores[e] = np.nanmean(taken) * (seen.shape[-1] if several else 1)
    return scores, squares
