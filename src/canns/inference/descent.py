"""Descent by an optimiser of optax through trajectories that grow, for rules of many numbers."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from canns.inference.data import Data, Problem, observed_variance
from canns.inference.descent_steps import (
    BLOCK,
    Descent,
    begin_descent,
    default_optimizer,
    growing_horizons,
    take_steps,
)
from canns.inference.experiment import Observed
from canns.inference.gauss_newton import Clock, Members, Penalty
from canns.inference.likelihood import terms
from canns.inference.trajectory import predict
from canns.inference.unknowns import Unknown, put, to_values
from canns.plasticity import Rule, Setup
from canns.plasticity.learning import Samples
from canns.typing import Array

if TYPE_CHECKING:
    import optax

__all__ = ["descend"]


def descend(
    problem: Problem,
    rule: Rule,
    unknowns: Sequence[Unknown],
    members: Members,
    optimizer: "optax.GradientTransformation | None",
    penalty: Penalty,
    max_steps: int,
    clock: Clock,
) -> Members:
    """Return each member at the lowest loss at full length that its descent came to.

    The trajectory grows from an eighth to its whole length in the first half of the steps. A step
    whose loss or gradient is not finite, because the weights exploded, is not made: the member goes
    back to its best, and the step after it is shorter.
    """
    chosen = optimizer or default_optimizer()
    longest = int(problem.data.length.max())
    numbers = np.array(members.theta), np.array(members.start)
    descents = jax.vmap(partial(begin_descent, optimizer=chosen))(numbers)
    for block in growing_horizons(max_steps, longest).reshape(-1, BLOCK):
        descents = _block(
            problem.setup(rule),
            problem.data,
            members,
            descents,
            block,
            penalty,
            observed_variance(problem),
            longest,
            optimizer=chosen,
            unknowns=tuple(unknowns),
            kind=problem.kind,
        )
        if not clock.tick(float(jnp.min(descents.lowest))):
            break
    theta, start = descents.best
    return members._replace(theta=np.asarray(theta), start=np.asarray(start))


@partial(jax.jit, static_argnames=("optimizer", "unknowns", "kind"))
def _block(
    setup: Setup,
    data: Data,
    members: Members,
    descents: Descent,
    horizons: Array,
    penalty: Penalty,
    scale: float,
    longest: int,
    *,
    optimizer: "optax.GradientTransformation",
    unknowns: tuple[Unknown, ...],
    kind: Observed,
) -> Descent:
    """Return the descent of each member after some steps."""

    def member(members: Members, descent: Descent) -> Descent:
        def loss(numbers: Any, horizon: Array) -> Array:
            return _loss(setup, data, members, numbers, horizon, penalty, scale, unknowns, kind)

        def masked(slope: Any) -> Any:
            return slope[0] * members.free, slope[1] * data.unknown_start[:, None, None]

        return take_steps(descent, horizons, loss, optimizer, longest, masked)

    found: Descent = jax.vmap(member)(members, descents)
    return found


def _loss(
    setup: Setup,
    data: Data,
    members: Members,
    numbers: Any,
    horizon: Array,
    penalty: Penalty,
    scale: float,
    unknowns: tuple[Unknown, ...],
    kind: Observed,
) -> Array:
    """Return the loss per observation up to the horizon; not finite if the weights explode."""
    theta, starts = numbers
    own = Setup(put(setup.rule, unknowns, to_values(unknowns, theta)), setup.neuron, setup.project)
    unforced = jnp.asarray(False)

    def experiment(start: Array, data: Data) -> tuple[Array, Array, Array]:
        length = jnp.minimum(horizon, data.length)
        samples = Samples(data.x, data.reward)
        found, fine = predict(own, kind, start, samples, data.seen, length, unforced)
        steps = jnp.arange(len(data.x)).reshape(-1, *(1,) * (found.ndim - 1))
        counted = jnp.isfinite(data.seen) & (steps < length)
        return terms(kind, data.seen, found, counted).value.sum(), counted.sum(), fine

    value, count, fine = jax.vmap(experiment)(starts, data)
    total = -(members.weights * value).sum()
    total /= scale * jnp.maximum((members.weights * count).sum(), 1e-12)
    bounded = np.concatenate([np.full(u.size, u.bounded) for u in unknowns])
    free = jnp.where(bounded, 0.0, theta)
    total += penalty.l2 / 2 * (free**2).sum() + penalty.l1 * jnp.abs(free).sum()
    return jnp.where(jnp.all(fine | (members.weights == 0)), total, jnp.inf)
