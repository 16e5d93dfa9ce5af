"""The search for the unknowns: starts, descent, Gauss-Newton and selection, one after the other."""

from typing import NamedTuple

import jax
import numpy as np

from canns.inference.data import Problem
from canns.inference.descent import descend
from canns.inference.folds import members_of
from canns.inference.gauss_newton import minimise
from canns.inference.members import Clock, Fitting, Members, Penalty, Search
from canns.inference.options import Options
from canns.inference.selection import Path, choose, eliminate
from canns.inference.unknowns import are_bounded, find_unknowns
from canns.plasticity import TaylorRule
from canns.typing import FloatArray, IntArray

__all__ = ["Found", "bootstrap", "no_plasticity", "search_for"]

_MOST = 200  # unknowns, beyond which the derivatives by each of them cost too much
_SHARES: tuple[float, ...] = (1 / 8, 1 / 4, 1 / 2)  # of the trajectory, fitted before the whole
_SHORTEST = 4  # samples in a horizon
_DESCENT = 1000  # steps of the optimiser
_FORCED = 20  # steps from each observed weight to the next


class Found(NamedTuple):
    """What a search found.

    Args:
        search: Where each member ended; the first is the fit to all experiments.
        path: The models of the selection, or None.
    """

    search: Search
    path: Path | None = None


def search_for(fitting: Fitting, theta: FloatArray, folds: IntArray, options: Options) -> Found:
    """Return the fit to all experiments, and to all but each fold.

    Args:
        fitting: What is fitted to what.
        theta: Where the unknowns start, as real numbers, (P,).
        folds: The fold of each experiment.
        options: How to search.
    """
    problem = fitting.problem
    members = members_of(problem, theta, np.ones_like(theta), folds)
    newton = options.method == "gauss_newton" or (options.method == "auto" and theta.size <= _MOST)
    if options.num_restarts > 1:
        members = _best_start(fitting, members, options, newton)
    if problem.kind == "weights" and newton:
        # From each observed weight to the next: for a rule linear in its unknowns this is linear.
        free = fitting._replace(penalty=Penalty())
        forced = minimise(free, members, forced=True, max_steps=_FORCED)
        members = _sound(forced.members, members)
    if not newton or options.optimizer is not None:
        steps = max(options.max_steps, _DESCENT) if options.method == "auto" else options.max_steps
        members = descend(fitting, members, options.optimizer, steps)
    if not newton:
        return Found(_where_they_stand(fitting, members))
    search = _through_horizons(fitting, members, options.max_steps)
    if not options.sparse:
        return Found(search)
    path = eliminate(fitting, search, folds)
    chosen = path.searches[choose(problem, path)].members
    return Found(minimise(fitting, chosen, max_steps=options.max_steps), path)


def _through_horizons(fitting: Fitting, members: Members, max_steps: int) -> Search:
    """Return the search by Newton's steps along longer and longer trajectories."""
    longest, shares = int(fitting.problem.data.length.max()), _SHARES
    if fitting.problem.kind in ("spikes", "choices"):
        shares = ()  # the rule reads what was observed, so a wrong one does not lead itself astray
    horizons = [int(share * longest) for share in shares if share * longest >= _SHORTEST]
    return minimise(fitting, members, horizons=horizons, max_steps=max_steps)


def _where_they_stand(fitting: Fitting, members: Members) -> Search:
    """Return the losses and slopes of the members, without a step."""
    return minimise(fitting, members, max_steps=0)


def _sound(found: Members, before: Members) -> Members:
    """Return the members found, save those that are not finite."""
    fine = np.isfinite(np.asarray(found.theta)).all(axis=1)
    theta = np.where(fine[:, None], found.theta, before.theta)
    return before._replace(theta=theta)


def _best_start(fitting: Fitting, members: Members, options: Options, newton: bool) -> Members:
    """Return the members at the best of several random starts, each fitted to all experiments."""
    width, rng = len(members.weights), np.random.default_rng(options.seed)
    first = np.asarray(members.theta[0])
    spread = np.where(are_bounded(fitting.unknowns), 1.0, 0.3)
    starts = first + spread * rng.normal(size=(options.num_restarts, first.size))
    starts[0] = first
    whole = np.broadcast_to(members.weights[0], members.weights.shape)
    best, lowest = first, np.inf
    for at in range(0, len(starts), width):
        part = np.resize(starts[at : at + width], (width, first.size))
        tried = members._replace(theta=part, weights=whole)
        if newton:
            search = _through_horizons(fitting, tried, options.max_steps)
        else:
            tried = descend(fitting, tried, options.optimizer, options.max_steps // 5)
            search = _where_they_stand(fitting, tried)
        losses = np.asarray(search.loss)
        if losses.min() < lowest:
            lowest = float(losses.min())
            best = np.asarray(search.members.theta[int(losses.argmin())])
    return members._replace(theta=np.broadcast_to(best, members.theta.shape))


def bootstrap(fitting: Fitting, search: Search, options: Options) -> FloatArray:
    """Return the unknowns, (B, P), of fits to experiments that are drawn with replacement."""
    members, width = search.members, len(search.members.weights)
    problem, count = fitting.problem, options.num_bootstrap
    num, rng = problem.num_experiments, np.random.default_rng([options.seed, 1])
    first = jax.tree.map(lambda leaf: np.broadcast_to(leaf[:1], leaf.shape), members)
    drawn = []
    for _ in range(0, count, width):
        weights = np.zeros(members.weights.shape)
        weights[:, :num] = rng.multinomial(num, np.full(num, 1 / num), size=width)
        if problem.free_starts:
            weights = np.maximum(weights, 1e-6)
        resampled = first._replace(weights=weights)
        again = minimise(fitting, resampled, max_steps=options.max_steps)
        drawn.append(np.asarray(again.members.theta))
        if fitting.clock.timed_out:
            break
    return np.concatenate(drawn)[:count]


def no_plasticity(problem: Problem, folds: IntArray) -> Search:
    """Return the search in which the weights stay as they start."""
    still = TaylorRule(("1",), np.zeros(1))
    fitting = Fitting(problem._replace(dt=None), still, find_unknowns(still), Clock())
    members = members_of(problem, np.zeros(1), np.zeros(1), folds)
    return minimise(fitting, members, max_steps=50 if problem.free_starts else 0)
