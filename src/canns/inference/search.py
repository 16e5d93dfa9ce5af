"""The search for the unknowns: starts, descent, Gauss-Newton and selection, one after the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import jax
import numpy as np

from canns.inference.data import Problem
from canns.inference.descent import descend
from canns.inference.folds import members_of
from canns.inference.gauss_newton import Clock, Members, Penalty, Search, minimise
from canns.inference.selection import Path, choose, eliminate
from canns.inference.unknowns import Unknown, find_unknowns
from canns.plasticity import Rule, TaylorRule
from canns.typing import FloatArray, IntArray

if TYPE_CHECKING:
    import optax

__all__ = [
    "METHODS",
    "Found",
    "Method",
    "Options",
    "bootstrap",
    "no_plasticity",
    "search_for",
    "settled",
]

Method = Literal["auto", "gauss_newton", "descent"]
METHODS: tuple[Method, ...] = ("auto", "gauss_newton", "descent")

_MOST = 200  # unknowns, beyond which the derivatives by each of them cost too much
_SHARES: tuple[float, ...] = (1 / 8, 1 / 4, 1 / 2)  # of the trajectory, fitted before the whole
_SHORTEST = 4  # samples in a horizon
_DESCENT = 1000  # steps of the optimiser
_CALM = 2


class Options(NamedTuple):
    """How to search; see :func:`canns.inference.fit`."""

    method: Method = "auto"
    optimizer: "optax.GradientTransformation | None" = None
    penalty: Penalty = Penalty()
    num_restarts: int = 1
    max_steps: int = 100
    sparse: bool = False
    seed: int = 0


class Found(NamedTuple):
    """What a search found.

    Args:
        search: Where each member ended; the first is the fit to all experiments.
        path: The models of the selection, or None.
    """

    search: Search
    path: Path | None = None


def search_for(
    problem: Problem,
    rule: Rule,
    unknowns: Sequence[Unknown],
    theta: FloatArray,
    folds: IntArray,
    options: Options,
    clock: Clock,
) -> Found:
    """Return the fit to all experiments, and to all but each fold.

    Args:
        problem: The experiments.
        rule: The rule.
        unknowns: Its unknowns.
        theta: Where they start, as real numbers, (P,).
        folds: The fold of each experiment.
        options: How to search.
        clock: A limit on time.
    """
    free = np.ones_like(theta)
    members = members_of(problem, theta, free, folds)
    newton = options.method == "gauss_newton" or (options.method == "auto" and theta.size <= _MOST)
    if options.num_restarts > 1:
        members = _best_start(problem, rule, unknowns, members, options, clock, newton)
    if problem.kind == "weights" and newton:
        # From each observed weight to the next: for a rule linear in its unknowns this is linear.
        forced = minimise(problem, rule, unknowns, members, forced=True, max_steps=20, clock=clock)
        members = _sound(forced.members, members)
    if not newton or options.optimizer is not None:
        steps = max(options.max_steps, _DESCENT) if options.method == "auto" else options.max_steps
        how = options.optimizer, options.penalty, steps, clock
        members = descend(problem, rule, unknowns, members, *how)
    if not newton:
        return Found(_at(problem, rule, unknowns, members, options, clock))
    search = _newton(problem, rule, unknowns, members, options, clock)
    if not options.sparse:
        return Found(search)
    path = eliminate(problem, rule, unknowns, search, folds, options.penalty, clock)
    chosen = choose(problem, path)
    last = minimise(
        problem,
        rule,
        unknowns,
        path.searches[chosen].members,
        penalty=options.penalty,
        max_steps=options.max_steps,
        clock=clock,
    )
    return Found(last, path)


def _newton(
    problem: Problem,
    rule: Rule,
    unknowns: Sequence[Unknown],
    members: Members,
    options: Options,
    clock: Clock,
) -> Search:
    longest, shares = int(problem.data.length.max()), _SHARES
    if problem.kind in ("spikes", "choices"):
        shares = ()  # the rule reads what was observed, so a wrong one does not lead itself astray
    return minimise(
        problem,
        rule,
        unknowns,
        members,
        penalty=options.penalty,
        horizons=[int(share * longest) for share in shares if share * longest >= _SHORTEST],
        max_steps=options.max_steps,
        clock=clock,
    )


def _at(
    problem: Problem,
    rule: Rule,
    unknowns: Sequence[Unknown],
    members: Members,
    options: Options,
    clock: Clock,
) -> Search:
    """Return where members stand, without a step of Newton's."""
    return minimise(
        problem, rule, unknowns, members, penalty=options.penalty, max_steps=0, clock=clock
    )


def _sound(found: Members, before: Members) -> Members:
    """Return the members found, save those that are not finite."""
    fine = np.isfinite(np.asarray(found.theta)).all(axis=1)
    theta = np.where(fine[:, None], found.theta, before.theta)
    return before._replace(theta=theta)


def _best_start(
    problem: Problem,
    rule: Rule,
    unknowns: Sequence[Unknown],
    members: Members,
    options: Options,
    clock: Clock,
    newton: bool,
) -> Members:
    """Return the members at the best of several random starts, each fitted to all experiments."""
    width, rng = len(members.weights), np.random.default_rng(options.seed)
    first = np.asarray(members.theta[0])
    spread = np.concatenate([np.full(u.size, 1.0 if u.bounded else 0.3) for u in unknowns])
    starts = first + spread * rng.normal(size=(options.num_restarts, first.size))
    starts[0] = first
    whole = np.broadcast_to(members.weights[0], members.weights.shape)
    best, lowest = first, np.inf
    for at in range(0, len(starts), width):
        part = np.resize(starts[at : at + width], (width, first.size))
        tried = members._replace(theta=part, weights=whole)
        if newton:
            search = _newton(problem, rule, unknowns, tried, options, clock)
        else:
            how = options.optimizer, options.penalty, options.max_steps // 5, clock
            tried = descend(problem, rule, unknowns, tried, *how)
            search = _at(problem, rule, unknowns, tried, options, clock)
        losses = np.asarray(search.loss)
        if losses.min() < lowest:
            lowest = float(losses.min())
            best = np.asarray(search.members.theta[int(losses.argmin())])
    return members._replace(theta=np.broadcast_to(best, members.theta.shape))


def bootstrap(
    problem: Problem,
    rule: Rule,
    unknowns: Sequence[Unknown],
    search: Search,
    count: int,
    options: Options,
    clock: Clock,
) -> FloatArray:
    """Return the unknowns, (B, P), of fits to experiments that are drawn with replacement."""
    members, width = search.members, len(search.members.weights)
    num, rng = problem.num_experiments, np.random.default_rng([options.seed, 1])
    first = jax.tree.map(lambda leaf: np.broadcast_to(leaf[:1], leaf.shape), members)
    drawn = []
    for _ in range(0, count, width):
        weights = np.zeros(members.weights.shape)
        weights[:, :num] = rng.multinomial(num, np.full(num, 1 / num), size=width)
        again = minimise(
            problem,
            rule,
            unknowns,
            first._replace(weights=np.maximum(weights, 1e-6) if problem.free_starts else weights),
            penalty=options.penalty,
            max_steps=options.max_steps,
            clock=clock,
        )
        drawn.append(np.asarray(again.members.theta))
        if clock.timed_out:
            break
    return np.concatenate(drawn)[:count]


def settled(search: Search) -> bool:
    """Whether the fit to all experiments has settled."""
    return bool(np.asarray(search.calm)[0] >= _CALM or np.asarray(search.damping)[0] > 1e12)


def no_plasticity(problem: Problem, folds: IntArray) -> Search:
    """Return the search in which the weights stay as they start."""
    still = TaylorRule(("1",), np.zeros(1))
    unknowns = find_unknowns(still)
    members = members_of(problem, np.zeros(1), np.zeros(1), folds)
    steps = 50 if problem.free_starts else 0
    return minimise(problem._replace(dt=None), still, unknowns, members, max_steps=steps)
