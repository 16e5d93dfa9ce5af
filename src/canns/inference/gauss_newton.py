"""Gauss-Newton steps with Marquardt's damping through whole trajectories, for many members at once.

A member is a start of the unknowns and a weight for each experiment: restarts, the folds of a
cross-validation and the resamples of a bootstrap are members of one compiled program.
"""

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from canns._memory import check_memory
from canns.inference.damping import judged, propose, settled
from canns.inference.data import Data, Problem, observed_variance
from canns.inference.experiment import Observed
from canns.inference.likelihood import terms
from canns.inference.loss import mean_loss, predict_up_to
from canns.inference.members import Fitting, Members, Penalty, Search
from canns.inference.unknowns import Unknown, are_bounded, setup_at
from canns.plasticity import Setup
from canns.typing import Array

__all__ = ["minimise"]

_FIRST_DAMPING = 1e-3


def minimise(
    fitting: Fitting,
    members: Members,
    *,
    horizons: Sequence[int] = (),
    forced: bool = False,
    max_steps: int = 100,
) -> Search:
    """Return the search of each member once it has settled, or its steps or time are used up.

    Args:
        fitting: What is fitted to what.
        members: The members.
        horizons: Lengths of the trajectory that are fitted one after the other before the whole,
            so that a start far off is not lost in a run that explodes.
        forced: Whether each step starts from the weights observed.
        max_steps: The most steps at the whole length; a fifth of them at each shorter one.
    """
    problem, clock = fitting.problem, fitting.clock
    longest = int(problem.data.length.max())
    size = sum(unknown.size for unknown in fitting.unknowns)
    inner = int(np.prod(members.start.shape[2:])) if problem.free_starts else 0
    _check_memory(problem, len(members.weights), size + inner)
    search = _begin(members, size + inner)
    run = partial(
        _improve,
        problem.setup(fitting.rule),
        problem.data,
        penalty=fitting.penalty,
        forced=np.bool_(forced),
        scale=observed_variance(problem),
        unknowns=fitting.unknowns,
        kind=problem.kind,
        free_starts=problem.free_starts,
    )
    for horizon in [*(h for h in horizons if h < longest), longest]:
        search = _renewed(search)
        limit = max_steps if horizon == longest else max(max_steps // 5, 2)
        for _ in range(limit + 1):  # the first only finds out the loss
            search = run(search=search, horizon=np.int32(horizon))
            if not clock.tick(float(search.loss.min())) or settled(search).all():
                break
        if clock.timed_out:
            break
    return search


def _check_memory(problem: Problem, num_members: int, size: int) -> None:
    """Raise if the derivatives of all predictions by all unknowns do not fit into memory."""
    needed = 3 * 8 * num_members * problem.data.seen.size * size
    remedy = "Take fewer folds, fewer or shorter experiments, or method='descent'."
    check_memory("experiments", needed, "the derivatives of all predictions", remedy)


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
    bounded = are_bounded(unknowns)

    def member(search: Search) -> Search:
        step = propose(search, data.unknown_start, penalty, scale, bounded, free_starts)
        theta, start, promised = step
        tried = search.members._replace(theta=theta, start=start)
        found = _evaluate(setup, data, tried, horizon, forced, unknowns, kind, free_starts)
        value, number, slope, curvature, fine = found
        loss = mean_loss(tried, value, number, fine, penalty, scale, bounded)
        return judged(search, tried, loss, promised, (value, number, slope, curvature))

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
    """Return value, number, slope and curvature of each experiment, and if it stayed in range."""
    size = tried.theta.shape[0]

    def experiment(start: Array, data: Data) -> tuple[Array, Array, Array, Array, Array]:
        def predicted(numbers: Array) -> tuple[Array, tuple[Array, Array, Array]]:
            own = setup_at(setup, unknowns, numbers[:size])
            first = numbers[size:].reshape(start.shape) if free_starts else start
            found = predict_up_to(horizon, own, kind, first, data, forced)
            return found[0], found

        parts = (tried.theta, start.ravel()) if free_starts else (tried.theta,)
        slopes, told = jax.jacfwd(predicted, has_aux=True)(jnp.concatenate(parts))
        found, counted, fine = told
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
