"""A path from many terms to few: the weakest goes first, and held-out data say where to stop."""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from canns.inference.data import Problem
from canns.inference.folds import held_out
from canns.inference.gauss_newton import minimise
from canns.inference.members import Fitting, Members, Search
from canns.inference.uncertainty import scores
from canns.inference.unknowns import are_bounded
from canns.typing import BoolArray, FloatArray, IntArray

__all__ = ["Path", "choose", "eliminate"]

_STEPS = 4  # of Gauss and Newton after terms are taken out
_FASTEST = 0.1  # share of the terms that go at once while there are many
_BY_CHANCE = 0.01  # data sets in which a term without effect may be left
_FEW = 40  # terms, from which on they go one by one


class Path(NamedTuple):
    """The models on the way.

    Args:
        sizes: Number of coefficients, falling, (L,).
        scores: Held-out log-likelihood per observation of each experiment, (L, E).
        searches: Where the search ended with each.
    """

    sizes: IntArray
    scores: FloatArray
    searches: list[Search]


def eliminate(fitting: Fitting, search: Search, folds: IntArray) -> Path:
    """Take out one coefficient after the other, and fit the others anew.

    Each member takes out the one of the smallest ratio of size to standard error by its own data,
    so what is held out has no say in what is taken out.
    """
    problem, selectable = fitting.problem, ~are_bounded(fitting.unknowns)
    sizes, found, searches = [], [], []
    while True:
        free = np.asarray(search.members.free) > 0
        sizes.append(int(free[0].sum()))
        found.append(held_out(problem, search, folds))
        searches.append(search)
        left = int((free[0] & selectable).sum())
        if not left or fitting.clock.timed_out:
            return Path(np.asarray(sizes), np.asarray(found), searches)
        number = max(1, int(_FASTEST * left)) if left > _FEW else 1
        members = _without_weakest(problem, search, selectable, number)
        search = minimise(fitting, members, max_steps=_STEPS)


def _without_weakest(
    problem: Problem, search: Search, selectable: BoolArray, number: int
) -> Members:
    """Return the members, each without its weakest coefficients."""
    theta, free = np.array(search.members.theta), np.array(search.members.free)
    for m in range(len(free)):
        _, ratio, _ = scores(problem, search, m)
        candidates = np.flatnonzero((free[m] > 0) & selectable)
        weakest = candidates[np.argsort(ratio[candidates])[:number]]
        theta[m, weakest], free[m, weakest] = 0.0, 0.0
    return search.members._replace(theta=theta, free=free)


def choose(problem: Problem, path: Path) -> int:
    """Return the position of the model chosen.

    First that of the best held-out score. From there, terms go on to be taken out until each that
    is left differs from zero at a level at which one data set in a hundred keeps a term by chance
    (Bonferroni's, over all terms).
    """
    at = int(np.argmax(path.scores.mean(axis=1)))
    level = 1 - _BY_CHANCE / (2 * max(int(path.sizes[0]), 1))
    while at + 1 < len(path.sizes):
        search = path.searches[at]
        _, ratio, _ = scores(problem, search, 0)
        kept = np.asarray(search.members.free[0]) > 0
        freedom = max(problem.num_observations - int(kept.sum()), 1)
        gone = np.asarray(path.searches[at + 1].members.free[0]) == 0
        if (ratio[kept & gone] > stdtrit(freedom, level)).all():
            break
        at += 1
    return at
