"""Descent by an optimiser of optax through trajectories that grow, for rules of many numbers."""

from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from canns.inference.data import Data, observed_variance
from canns.inference.descent_steps import (
    BLOCK,
    Descent,
    begin_descent,
    default_optimizer,
    growing_horizons,
    take_steps,
)
from canns.inference.experiment import Observed
from canns.inference.likelihood import terms
from canns.inference.loss import mean_loss, predict_up_to
from canns.inference.members import Fitting, Members, Penalty
from canns.inference.unknowns import Unknown, are_bounded, setup_at
from canns.plasticity import Setup
from canns.typing import Array

if TYPE_CHECKING:
    import optax

__all__ = ["descend"]


def descend(
    fitting: Fitting,
    members: Members,
    optimizer: "optax.GradientTransformation | None",
    max_steps: int,
) -> Members:
    """Return each member at the lowest loss at full length that its descent came to.

    The trajectory grows from an eighth to its whole length in the first half of the steps. A step
    whose loss or gradient is not finite, because the weights exploded, is not made: the member goes
    back to its best, and the step after it is shorter.
    """
    problem, chosen = fitting.problem, optimizer or default_optimizer()
    longest = int(problem.data.length.max())
    numbers = np.array(members.theta), np.array(members.start)
    descents = jax.vmap(partial(begin_descent, optimizer=chosen))(numbers)
    for block in growing_horizons(max_steps, longest).reshape(-1, BLOCK):
        descents = _block(
            problem.setup(fitting.rule),
            problem.data,
            members,
            descents,
            block,
            fitting.penalty,
            observed_variance(problem),
            longest,
            optimizer=chosen,
            unknowns=fitting.unknowns,
            kind=problem.kind,
        )
        if not fitting.clock.tick(float(jnp.min(descents.lowest))):
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
    own, unforced = setup_at(setup, unknowns, theta), jnp.asarray(False)

    def experiment(start: Array, data: Data) -> tuple[Array, Array, Array]:
        found, counted, fine = predict_up_to(horizon, own, kind, start, data, unforced)
        return terms(kind, data.seen, found, counted).value.sum(), counted.sum(), fine

    value, number, fine = jax.vmap(experiment)(starts, data)
    tried = members._replace(theta=theta)
    return mean_loss(tried, value, number, fine, penalty, scale, are_bounded(unknowns))
