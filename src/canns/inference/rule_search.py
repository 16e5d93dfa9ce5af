"""Searches for the numbers of a rule by their loss: by gradient, or by CMA-ES."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._extras import require
from canns.inference.descent_steps import (
    BLOCK,
    Descent,
    begin_descent,
    growing_horizons,
    take_steps,
)
from canns.inference.outcomes import Objective, Tasks, losses
from canns.inference.unknowns import Unknown, are_bounded
from canns.plasticity import Setup
from canns.typing import Array, FloatArray

if TYPE_CHECKING:
    import optax

__all__ = ["Job", "by_cma", "by_gradient", "each_loss"]

_WORST = 1e12  # what CMA-ES is told of a rule under which weights explode


class Job(NamedTuple):
    """What is searched for, and where.

    Args:
        setup: The rule, neuron and constraint.
        unknowns: The numbers of the rule to find.
        tasks: The tasks of the search.
        objective: What judges the outcome.
        l1: Strength of a penalty on the absolute coefficients.
    """

    setup: Setup
    unknowns: tuple[Unknown, ...]
    tasks: Tasks
    objective: Objective
    l1: float


def by_gradient(
    job: Job,
    first: FloatArray,
    optimizer: "optax.GradientTransformation",
    max_steps: int,
    tell: Any,
) -> tuple[FloatArray, list[float]]:
    """Return the numbers at the least loss of a descent, and that loss after each block."""
    longest = job.tasks.inputs.shape[1]
    descent, curve = begin_descent(jnp.asarray(first, float), optimizer), []
    for horizons in growing_horizons(max_steps, longest).reshape(-1, BLOCK):
        descent = _block(
            job.setup,
            job.tasks,
            descent,
            horizons,
            job.l1,
            unknowns=job.unknowns,
            objective=job.objective,
            optimizer=optimizer,
        )
        curve.append(float(descent.lowest))
        tell(BLOCK, curve[-1])
    return np.asarray(descent.best), curve


@partial(jax.jit, static_argnames=("unknowns", "objective", "optimizer"))
def _block(
    setup: Setup,
    tasks: Tasks,
    descent: Descent,
    horizons: Array,
    l1: float,
    *,
    unknowns: tuple[Unknown, ...],
    objective: Objective,
    optimizer: "optax.GradientTransformation",
) -> Descent:
    def loss(theta: Array, horizon: Array) -> Array:
        each, _ = losses(setup, unknowns, theta, tasks, horizon, objective)
        total: Array = each.mean() + _penalty(unknowns, theta, l1)
        return total

    return take_steps(descent, horizons, loss, optimizer, tasks.inputs.shape[1])


def each_loss(job: Job, tasks: Tasks, candidates: FloatArray) -> FloatArray:
    """Return the loss of each candidate at each of some tasks, (candidates, E)."""
    kinds: dict[str, Any] = {"unknowns": job.unknowns, "objective": job.objective}
    return np.asarray(_each_loss(job.setup, tasks, candidates, **kinds), float)


@partial(jax.jit, static_argnames=("unknowns", "objective"))
def _each_loss(
    setup: Setup,
    tasks: Tasks,
    candidates: Array,
    *,
    unknowns: tuple[Unknown, ...],
    objective: Objective,
) -> Array:
    """Return the loss of each candidate at each task, (candidates, E)."""
    length = tasks.inputs.shape[1]

    def one(theta: Array) -> Array:
        return losses(setup, unknowns, theta, tasks, jnp.asarray(length), objective)[0]

    found: Array = jax.vmap(one)(candidates)
    return found


def by_cma(
    job: Job,
    first: FloatArray,
    spread: float,
    population: int | None,
    max_steps: int,
    seed: int,
    tell: Any,
) -> tuple[FloatArray, list[float]]:
    """Return the numbers that CMA-ES favours, and the least loss so far after each step."""
    cma = require("cma", "fit")
    options = {"seed": seed + 1, "verbose": -9, "maxiter": max_steps}  # 0 is "by the time"
    if population is not None:
        options["popsize"] = population
    search = cma.CMAEvolutionStrategy(first, spread, options)
    curve: list[float] = []
    while not search.stop():
        candidates = np.array(search.ask())
        # New noise in each step, so that no candidate is chosen for its luck with one.
        tasks = job.tasks._replace(key=jax.random.fold_in(job.tasks.key, len(curve)))
        each = each_loss(job, tasks, candidates).mean(axis=1)
        each += [float(_penalty(job.unknowns, theta, job.l1)) for theta in candidates]
        search.tell(candidates, np.where(np.isfinite(each), each, _WORST).tolist())
        curve.append(float(min(each.min(), curve[-1] if curve else np.inf)))
        tell(1, curve[-1])
    return np.asarray(search.result.xfavorite), curve


def _penalty(unknowns: tuple[Unknown, ...], theta: Any, l1: float) -> Any:
    return l1 * jnp.abs(jnp.where(are_bounded(unknowns), 0.0, theta)).sum()
