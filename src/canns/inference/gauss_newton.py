"""Gauss-Newton steps with Marquardt's damping through whole trajectories, for many members at once.

A member is a start of the unknowns and a weight for each experiment: restarts, the folds of a
cross-validation and the resamples of a bootstrap are members of one compiled program.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._memory import check_memory
from canns.inference.data import Data, Problem, observed_variance
from canns.inference.experiment import Observed
from canns.inference.likelihood import terms
from canns.inference.trajectory import predict
from canns.inference.unknowns import Unknown, put, to_values
from canns.plasticity import Rule, Setup
from canns.plasticity.learning import Samples
from canns.typing import Array, PyTree

__all__ = ["Clock", "Members", "Penalty", "Search", "minimise"]

_FIRST_DAMPING = 1e-3
_LAST_DAMPING = 1e12  # no smaller step would change anything
_SETTLED = 1e-9  # relative decrease of the loss at which a member has settled
_LONGEST = 2.0  # of a step of a number that is kept in range by exp or the logistic function
_TINY = 1e-12
_SPLIT = 1e-4  # below this size the L1 penalty is taken for a parabola
_PATIENCE = 2  # small decreases in a row


class Penalty(NamedTuple):
    """What is added to the loss per observation: l1 sum |theta| + l2/2 sum theta^2."""

    l1: float = 0.0
    l2: float = 0.0


class Members(NamedTuple):
    """Where each member starts, and what counts.

    Args:
        theta: The unknowns as real numbers without bounds, (M, P).
        start: The start weights, (M, E, out, in).
        weights: How much each experiment counts, (M, E).
        free: 1 for unknowns that may change, else 0, (M, P).
    """

    theta: PyTree
    start: PyTree
    weights: PyTree
    free: PyTree


class Search(NamedTuple):
    """Where the search of each member stands.

    Args:
        members: The members.
        loss: The loss per observation, with penalties, (M,).
        value: Sums of the log-likelihood terms, (M, E).
        number: Numbers of observations, (M, E).
        slope: Derivatives of the sums by unknowns and start weights, (M, E, P + n).
        curvature: Their Fisher information, (M, E, P + n, P + n).
        damping: Marquardt's lambda, (M,).
        growth: By what the damping grows when a step fails, (M,).
        calm: How many small decreases there were in a row, (M,).
        origin: Where the members started, to which those go back whose run explodes, (M, P).
    """

    members: Members
    loss: PyTree
    value: PyTree
    number: PyTree
    slope: PyTree
    curvature: PyTree
    damping: PyTree
    growth: PyTree
    calm: PyTree
    origin: PyTree


class Clock:
    """A limit on time, and a place to count steps."""

    def __init__(
        self, max_seconds: float | None = None, tell: Callable[[float], None] | None = None
    ):
        self._end = None if max_seconds is None else time.monotonic() + max_seconds
        self._tell = tell
        self.timed_out = False
        self.losses: list[float] = []

    def tick(self, loss: float) -> bool:
        """Note the loss after a step, and return whether there is time for another."""
        self.losses.append(loss)
        if self._tell is not None:
            self._tell(loss)
        self.timed_out = self._end is not None and time.monotonic() > self._end
        return not self.timed_out


def minimise(
    problem: Problem,
    rule: Rule,
    unknowns: Sequence[Unknown],
    members: Members,
    *,
    penalty: Penalty = Penalty(),  # noqa: B008  # frozen
    horizons: Sequence[int] = (),
    forced: bool = False,
    max_steps: int = 100,
    clock: Clock | None = None,
) -> Search:
    """Return the search of each member once it has settled, or its steps or time are used up.

    Args:
        problem: The experiments.
        rule: The rule.
        unknowns: Its unknown numbers.
        members: The members.
        penalty: The penalty.
        horizons: Lengths of the trajectory that are fitted one after the other before the whole,
            so that a start far off is not lost in a run that explodes.
        forced: Whether each step starts from the weights observed.
        max_steps: The most steps at the whole length; a fifth of them at each shorter one.
        clock: A limit on time.
    """
    clock = clock or Clock()
    longest = int(problem.data.length.max())
    size = sum(unknown.size for unknown in unknowns)
    inner = int(np.prod(members.start.shape[2:])) if problem.free_starts else 0
    _check_memory(problem, len(members.weights), size + inner)
    search = _begin(members, size + inner)
    run = partial(
        _improve,
        problem.setup(rule),
        problem.data,
        penalty=penalty,
        forced=np.bool_(forced),
        scale=observed_variance(problem),
        unknowns=tuple(unknowns),
        kind=problem.kind,
        free_starts=problem.free_starts,
    )
    for horizon in [*(h for h in horizons if h < longest), longest]:
        search = _renewed(search)
        limit = max_steps if horizon == longest else max(max_steps // 5, 2)
        for _ in range(limit + 1):  # the first only finds out the loss
            search = run(search=search, horizon=np.int32(horizon))
            if not clock.tick(float(search.loss.min())) or _settled(search):
                break
        if clock.timed_out:
            break
    return search


def _check_memory(problem: Problem, num_members: int, size: int) -> None:
    """Raise if the derivatives of all predictions by all unknowns do not fit into memory."""
    needed = 3 * 8 * num_members * problem.data.seen.size * size
    remedy = "Take fewer folds, fewer or shorter experiments, or method='descent'."
    check_memory("experiments", needed, "the derivatives of all predictions", remedy)


def _settled(search: Search) -> bool:
    calm = np.asarray(search.calm) >= _PATIENCE
    return bool((calm | (np.asarray(search.damping) > _LAST_DAMPING)).all())


def _begin(members: Members, size: int) -> Search:
    count, experiments = members.weights.shape
    zeros = np.zeros((count, experiments))
    return Search(
        Members(*map(np.asarray, members)),
        np.full(count, np.inf),
        zeros,
        zeros,
        np.zeros((count, experiments, size)),
        np.zeros((count, experiments, size, size)),
        np.full(count, _FIRST_DAMPING),
        np.full(count, 2.0),
        np.zeros(count),
        np.asarray(members.theta),
    )


def _renewed(search: Search) -> Search:
    """Return the search at another horizon: its losses and slopes are those of a first step."""
    return search._replace(
        loss=jnp.full_like(search.loss, jnp.inf),
        slope=jnp.zeros_like(search.slope),
        damping=jnp.full_like(search.damping, _FIRST_DAMPING),
        growth=jnp.full_like(search.growth, 2.0),
        calm=jnp.zeros_like(search.calm),
    )


@partial(jax.jit, static_argnames=("unknowns", "kind", "free_starts"))
def _improve(
    setup: Setup,
    data: Data,
    search: Search,
    *,
    penalty: Penalty,
    horizon: Array,
    forced: Array,
    scale: float,
    unknowns: tuple[Unknown, ...],
    kind: Observed,
    free_starts: bool,
) -> Search:
    """Return the search after one step of each member, which is kept if the loss falls."""
    bounded = jnp.concatenate([jnp.full(u.size, u.bounded) for u in unknowns])

    def member(search: Search) -> Search:
        step = _propose(search, data.unknown_start, penalty, scale, bounded, free_starts)
        theta, start, expected = step
        tried = search.members._replace(theta=theta, start=start)
        found = _evaluate(setup, data, tried, horizon, forced, unknowns, kind, free_starts)
        value, count, slope, curvature, fine = found
        loss = _loss(tried, value, count, fine, penalty, scale, bounded)
        return _judged(search, tried, loss, expected, (value, count, slope, curvature))

    after: Search = jax.vmap(member)(search)
    return after


def _evaluate(
    setup: Setup,
    data: Data,
    tried: Members,
    horizon: Array,
    forced: Array,
    unknowns: tuple[Unknown, ...],
    kind: Observed,
    free_starts: bool,
) -> tuple[Array, Array, Array, Array, Array]:
    """Return value, count, slope and curvature of each experiment, and if it stayed in range."""
    size = tried.theta.shape[0]

    def experiment(start: Array, data: Data) -> tuple[Array, Array, Array, Array, Array]:
        length = jnp.minimum(horizon, data.length)

        def predicted(numbers: Array) -> tuple[Array, tuple[Array, Array]]:
            values = to_values(unknowns, numbers[:size])
            own = Setup(put(setup.rule, unknowns, values), setup.neuron, setup.project)
            first = numbers[size:].reshape(start.shape) if free_starts else start
            samples = Samples(data.x, data.reward)
            found, fine = predict(own, kind, first, samples, data.seen, length, forced)
            return found, (found, fine)

        parts = (tried.theta, start.ravel()) if free_starts else (tried.theta,)
        slopes, (found, fine) = jax.jacfwd(predicted, has_aux=True)(jnp.concatenate(parts))
        steps = jnp.arange(len(data.x)).reshape(-1, *(1,) * (found.ndim - 1))
        counted = jnp.isfinite(data.seen) & (steps < length)
        each = terms(kind, data.seen, found, counted)
        flat = jnp.where(counted[..., None], slopes, 0.0).reshape(-1, slopes.shape[-1])
        weighed = flat * each.curvature.reshape(-1, 1)
        per = found.shape[-1] if kind == "choices" else 1
        return (
            each.value.sum(),
            counted.sum() / per,
            flat.T @ each.slope.ravel(),
            flat.T @ weighed,
            fine,
        )

    found: tuple[Array, Array, Array, Array, Array] = jax.vmap(experiment)(tried.start, data)
    return found


def _loss(
    tried: Members,
    value: Array,
    count: Array,
    fine: Array,
    penalty: Penalty,
    scale: float,
    bounded: Array,
) -> Array:
    weights, free = tried.weights, jnp.where(bounded, 0.0, tried.theta)
    total = -(weights * value).sum() / (scale * jnp.maximum((weights * count).sum(), _TINY))
    total += penalty.l2 / 2 * (free**2).sum() + penalty.l1 * jnp.abs(free).sum()
    sound = jnp.all(fine | (weights == 0)) & jnp.isfinite(total)
    return jnp.where(sound, total, jnp.inf)


def _propose(
    search: Search,
    unknown_start: Array,
    penalty: Penalty,
    scale: float,
    bounded: Array,
    free_starts: bool,
) -> tuple[Array, Array, Array]:
    """Return unknowns and start weights after a damped step, and the decrease that it promises."""
    members, size = search.members, search.members.theta.shape[0]
    weights, free = members.weights, members.free
    unit = weights / (scale * jnp.maximum((weights * search.number).sum(), _TINY))
    slope, curvature = search.slope * unit[:, None], search.curvature * unit[:, None, None]
    # |theta| is a parabola that touches it where theta is now (Hunter & Li 2005).
    pull = penalty.l2 + penalty.l1 / jnp.maximum(jnp.abs(members.theta), _SPLIT)
    pull = jnp.where(bounded, 0.0, pull)
    fisher = curvature[:, :size, :size].sum(axis=0) + jnp.diag(pull)
    upward = slope[:, :size].sum(axis=0) - pull * members.theta
    fisher = fisher * free[:, None] * free + jnp.diag(1 - free)
    upward *= free
    damped = fisher + search.damping * _diagonal(fisher)
    if not free_starts:
        step = _clipped(_solve(damped, upward), bounded)
        promised = upward @ step - step @ fisher @ step / 2
        return members.theta + step, members.start, promised
    own = unknown_start
    cross = curvature[:, :size, size:] * free[:, None] * own[:, None, None]
    inner = curvature[:, size:, size:] * own[:, None, None]
    inner = inner + (search.damping * _diagonal(inner) + _ridge(inner))
    pushed = slope[:, size:] * own[:, None]
    # The start weights of an experiment meet only its own observations: eliminate them one by one.
    sides = jnp.concatenate([jnp.swapaxes(cross, 1, 2), pushed[..., None]], axis=-1)
    solved = jnp.linalg.solve(inner, sides)
    left, alone = solved[..., :size], solved[..., size]
    reduced = damped - jnp.einsum("epn,enq->pq", cross, left)
    step = _clipped(_solve(reduced, upward - jnp.einsum("epn,en->p", cross, alone)), bounded)
    starts = alone - left @ step
    promised = (upward @ step + (pushed * starts).sum()) / 2
    return members.theta + step, members.start + starts.reshape(members.start.shape), promised


def _diagonal(matrix: Array) -> Array:
    """Return a diagonal matrix of the diagonal, which is nowhere zero."""
    found = jnp.diagonal(matrix, axis1=-2, axis2=-1)
    floor = _TINY * found.max(axis=-1, keepdims=True) + 1e-30
    kept: Array = jnp.maximum(found, floor)[..., None] * jnp.eye(matrix.shape[-1])
    return kept


def _ridge(matrix: Array) -> Array:
    """Return so small a multiple of the unit matrix that a singular matrix can be inverted."""
    most = jnp.diagonal(matrix, axis1=-2, axis2=-1).max(axis=-1)
    small: Array = (_TINY * most + 1e-30)[..., None, None] * jnp.eye(matrix.shape[-1])
    return small


def _solve(matrix: Array, vector: Array) -> Array:
    """Return the solution of scaled equations; zero if there is none."""
    size = jnp.sqrt(jnp.maximum(jnp.diagonal(matrix), 1e-30))
    found = jnp.linalg.solve(matrix / (size[:, None] * size), vector / size) / size
    kept: Array = jnp.where(jnp.isfinite(found).all(), found, 0.0)
    return kept


def _clipped(step: Array, bounded: Array) -> Array:
    return jnp.where(bounded, jnp.clip(step, -_LONGEST, _LONGEST), step)


def _judged(
    search: Search,
    tried: Members,
    loss: Array,
    promised: Array,
    found: tuple[Array, Array, Array, Array],
) -> Search:
    """Return the search with the step, if the loss falls by it, and the damping that is due."""
    better, first = loss < search.loss, ~jnp.isfinite(search.loss)
    gain = (search.loss - loss) / jnp.maximum(promised, 1e-300)
    # Nielsen's rule: the damping falls smoothly the better the quadratic model has foretold.
    lower = jnp.where(first, 1.0, jnp.maximum(1 / 5, 1 - (2 * jnp.minimum(gain, 1.0) - 1) ** 3))
    damping = search.damping * jnp.where(better, lower, search.growth)
    small = jnp.abs(search.loss - loss) <= _SETTLED * jnp.abs(search.loss)
    zero = better & (loss < 1e-25)
    calm = jnp.where(better & ~first, jnp.where(small, search.calm + 1, 0.0), search.calm)
    calm = jnp.where(zero, _PATIENCE, calm)
    taken = Search(tried, loss, *found, damping, jnp.asarray(2.0), calm, search.origin)
    # A run that was in range up to a shorter horizon may explode on the way to this one.
    halfway = jnp.where(first, (tried.theta + search.origin) / 2, search.members.theta)
    members = search.members._replace(theta=halfway)
    growth = jnp.where(first, search.growth, search.growth * 2)
    damping = jnp.where(first, search.damping, damping)
    stays = search._replace(members=members, damping=damping, growth=growth, calm=calm)
    after: Search = jax.tree.map(lambda new, old: jnp.where(better, new, old), taken, stays)
    return after
