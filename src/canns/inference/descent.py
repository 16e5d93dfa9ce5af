"""Descent by an optimiser of optax through trajectories that grow, for rules of many numbers."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from canns._extras import require
from canns.inference.data import Data, Problem, observed_variance
from canns.inference.experiment import Observed
from canns.inference.gauss_newton import Clock, Members, Penalty
from canns.inference.likelihood import terms
from canns.inference.trajectory import predict
from canns.inference.unknowns import Unknown, put, to_values
from canns.plasticity import Rule, Setup
from canns.plasticity.learning import Samples
from canns.typing import Array, FloatArray

if TYPE_CHECKING:
    import optax

__all__ = ["default_optimizer", "descend"]

_BLOCK = 20  # steps of a compiled call
_GROWING = 0.5  # share of the steps in which the trajectory grows
_SHORTEST = 1 / 8  # of the trajectory, at first
_RATE = 0.02


def default_optimizer() -> "optax.GradientTransformation":
    """Return Adam, with gradients clipped to a norm of 1."""
    library = require("optax", "fit")
    clipped = library.clip_by_global_norm(1.0)
    found: optax.GradientTransformation = library.chain(clipped, library.adam(_RATE))
    return found


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
    growing = max(int(_GROWING * max_steps), 1)
    share = np.minimum(_SHORTEST + (1 - _SHORTEST) * np.arange(max_steps) / growing, 1.0)
    horizons = np.maximum(np.round(share * longest), 2).astype(np.int32)
    numbers = _numbers(members)
    best = numbers
    lowest = np.full(len(members.weights), np.inf)
    state = jax.vmap(chosen.init)(numbers)
    carry: Any = numbers, state, best, lowest, np.ones(len(members.weights))
    for at in range(0, max_steps, _BLOCK):
        block = horizons[at : at + _BLOCK]
        if len(block) < _BLOCK:
            block = np.concatenate([block, np.full(_BLOCK - len(block), longest, np.int32)])
        carry = _block(
            problem.setup(rule),
            problem.data,
            members,
            carry,
            block,
            penalty,
            observed_variance(problem),
            longest,
            optimizer=chosen,
            unknowns=tuple(unknowns),
            kind=problem.kind,
        )
        if not clock.tick(float(jnp.min(carry[3]))):
            break
    theta, start = carry[2]
    return members._replace(theta=np.asarray(theta), start=np.asarray(start))


def _numbers(members: Members) -> tuple[FloatArray, FloatArray]:
    return np.array(members.theta), np.array(members.start)


@partial(jax.jit, static_argnames=("optimizer", "unknowns", "kind"))
def _block(
    setup: Setup,
    data: Data,
    members: Members,
    carry: Any,
    horizons: Array,
    penalty: Penalty,
    scale: float,
    longest: int,
    *,
    optimizer: "optax.GradientTransformation",
    unknowns: tuple[Unknown, ...],
    kind: Observed,
) -> Any:
    """Return the members after some steps, with the best and its loss so far."""

    def member(members: Members, carry: Any) -> Any:
        def loss(numbers: Any, horizon: Array) -> Array:
            return _loss(setup, data, members, numbers, horizon, penalty, scale, unknowns, kind)

        def step(carry: Any, horizon: Array) -> Any:
            numbers, state, best, lowest, pace = carry
            value, slope = jax.value_and_grad(loss)(numbers, horizon)
            slope = slope[0] * members.free, slope[1] * data.unknown_start[:, None, None]
            finite = jnp.isfinite(value)
            for leaf in jax.tree.leaves(slope):
                finite &= jnp.isfinite(leaf).all()
            safe = jax.tree.map(lambda leaf: jnp.where(finite, leaf, 0.0), slope)
            change, after = optimizer.update(safe, state, numbers)
            improved = finite & (horizon >= longest) & (value < lowest)
            best = _where(improved, numbers, best)
            lowest = jnp.where(improved, value, lowest)
            moved = jax.tree.map(lambda number, by: number + pace * by, numbers, change)
            pace = jnp.where(finite, jnp.minimum(pace * 1.05, 1.0), pace / 2)
            return (_where(finite, moved, best), after, best, lowest, pace), None

        return jax.lax.scan(step, carry, horizons)[0]

    return jax.vmap(member)(members, carry)


def _where(condition: Array, new: Any, old: Any) -> Any:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), new, old)


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
