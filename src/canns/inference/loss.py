"""The loss of a member, and the predictions that it is made of, whoever makes it small."""

import jax.numpy as jnp

from canns.inference.data import Data
from canns.inference.experiment import Observed
from canns.inference.members import Members, Penalty
from canns.inference.trajectory import predict
from canns.plasticity import Setup
from canns.plasticity.learning import Samples
from canns.typing import Array, BoolArray

__all__ = ["mean_loss", "predict_up_to"]

_TINY = 1e-12


def predict_up_to(
    horizon: Array, setup: Setup, kind: Observed, start: Array, data: Data, forced: Array
) -> tuple[Array, Array, Array]:
    """Return the predictions along one experiment, which of them count, and if all went well.

    Args:
        horizon: Number of samples to run.
        setup: The rule, neuron and constraint.
        kind: What was observed.
        start: The start weights, (out, in).
        data: The experiment.
        forced: Whether each step starts from the weights observed.
    """
    length = jnp.minimum(horizon, data.length)
    samples = Samples(data.x, data.reward)
    found, fine = predict(setup, kind, start, samples, data.seen, length, forced)
    steps = jnp.arange(len(data.x)).reshape(-1, *(1,) * (found.ndim - 1))
    return found, jnp.isfinite(data.seen) & (steps < length), fine


def mean_loss(
    member: Members,
    value: Array,
    number: Array,
    fine: Array,
    penalty: Penalty,
    scale: float,
    bounded: BoolArray,
) -> Array:
    """Return the loss of a member per observation, with penalties; infinite if weights explode.

    Args:
        member: The member.
        value: The sum of the log-likelihood terms of each experiment, (E,).
        number: The number of observations of each, (E,).
        fine: Whether its weights stayed in range, (E,).
        penalty: The penalty on unknowns without bounds.
        scale: The variance of the data.
        bounded: Which unknowns have bounds, (P,).
    """
    weights, free = member.weights, jnp.where(bounded, 0.0, member.theta)
    total = -(weights * value).sum() / (scale * jnp.maximum((weights * number).sum(), _TINY))
    total += penalty.l2 / 2 * (free**2).sum() + penalty.l1 * jnp.abs(free).sum()
    sound = jnp.all(fine | (weights == 0)) & jnp.isfinite(total)
    return jnp.where(sound, total, jnp.inf)
