"""Experiments made by a known rule: to see what one's own experiment could tell."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from canns._keys import as_key
from canns._validation import as_numpy, check_array, check_choice, check_real
from canns.dynamics import Neuron, RandomSpikes, SoftWinners
from canns.errors import DivergenceError, ValidationError
from canns.inference.experiment import OBSERVED, Experiment, Observed
from canns.inference.trajectory import in_range
from canns.plasticity import Identity, Projection, Rule, Setup
from canns.plasticity.learning import Samples, advance
from canns.typing import Array, ArrayLike, PyTree

__all__ = ["simulate"]


def simulate(
    rule: Rule,
    neuron: Neuron,
    inputs: ArrayLike,
    start_weights: ArrayLike,
    *,
    observed: Observed = "activity",
    noise: float = 0.0,
    rewards: ArrayLike | None = None,
    project: Projection | None = None,
    seed: int | Array | None = 0,
) -> list[Experiment]:
    """Return what would be observed in experiments if a rule changed the weights.

    Fit the rule to them to see whether an experiment of this kind and size can tell: how wide the
    intervals are, and whether :func:`compare` finds the rule again.

    Args:
        rule: The rule.
        neuron: The neuron model.
        inputs: The samples of each experiment, (E, T, in).
        start_weights: Weights at the start of each, (E, out, in), or of all, (out, in).
        observed: "weights", "activity", "spikes" or "choices".
        noise: Standard deviation of Gaussian noise on weights or activity, in units of that of
            the observation itself over all experiments.
        rewards: The reward of each sample, (E, T), for a rule that reads it.
        project: The constraint on the weights; None for none.
        seed: Seed of noise, spikes and choices.

    Returns:
        The experiments, with the start weights known.

    Raises:
        ValidationError: If an argument is out of range, or the parts do not fit each other.
        DivergenceError: If the weights leave all range.

    Example:
        >>> import numpy as np
        >>> from canns.dynamics import Linear
        >>> from canns.plasticity import Oja
        >>> inputs = np.random.default_rng(0).normal(size=(3, 10, 4))
        >>> experiments = simulate(Oja(0.1), Linear(), inputs, [[0.5, 0.1, 0.0, 0.2]], noise=0.1)
        >>> len(experiments), experiments[0]
        (3, Experiment(10 samples; inputs, activity, start_weights))
    """
    check_choice("observed", observed, OBSERVED)
    noise = check_real("noise", noise, low=0)
    if noise and observed in ("spikes", "choices"):
        raise ValidationError("noise", "0 for spikes and choices, which are random", f"{noise:g}")
    inputs = as_numpy("inputs", inputs)
    check_array("inputs", inputs)
    x = np.asarray(inputs, float)
    if x.ndim != 3:
        raise ValidationError("inputs", "of shape (E, T, in)", f"shape {x.shape}")
    start = _start(start_weights, len(x))
    reward = None if rewards is None else np.asarray(rewards, float)
    if reward is not None and reward.shape != x.shape[:2]:
        raise ValidationError("rewards", f"of shape {x.shape[:2]}", f"shape {reward.shape}")
    setup = Setup(rule, neuron, Identity() if project is None else project)
    setup.check(start[0], None if reward is None else reward[0], inputs=x[0], bounded=False)
    with jax.enable_x64(True):
        keys = jax.random.split(as_key(seed), len(x) + 1)
        seen, fine = _run(setup, start, Samples(x, reward), keys[1:], observed=observed)
        found = np.asarray(seen)
        if not np.asarray(fine).all():
            e, step = np.unravel_index(int(np.argmin(fine)), x.shape[:2])
            what = f"{type(rule).__name__}: the weights of experiment {e} left all range"
            raise DivergenceError(what, int(step), setup.rule.stability_bound(x[e]))
        drawn = np.asarray(jax.random.normal(keys[0], found.shape))
    if noise:
        found = found + noise * found.std() * drawn
    return [
        Experiment(
            x[e],
            **{observed: found[e]},
            rewards=None if reward is None else reward[e],
            start_weights=start[e],
        )
        for e in range(len(x))
    ]


def _start(start_weights: ArrayLike, count: int) -> np.ndarray:
    check_array("start_weights", start_weights)
    start = np.asarray(start_weights, float)
    if start.ndim == 2:
        start = np.broadcast_to(start, (count, *start.shape))
    if start.ndim != 3 or len(start) != count:
        expected = f"of shape (out, in), or ({count}, out, in)"
        raise ValidationError("start_weights", expected, f"shape {start.shape}")
    return start


@partial(jax.jit, static_argnames="observed")
def _run(
    setup: Setup, start: Array, samples: Samples, keys: Array, *, observed: Observed
) -> tuple[Array, Array]:
    """Return the observations, (E, T, ...), and if the weights were in range so far, (E, T)."""

    def one(start: Array, samples: Samples, key: Array) -> tuple[Array, Array]:
        learner = setup.start(start)
        learner = learner._replace(state=setup.neuron.seeded(learner.state, key))

        def body(carry: PyTree, at: PyTree) -> PyTree:
            learner, fine = carry
            sample, own = at
            state, activity = setup.neuron.step(learner.state, learner.weights, sample.x)
            seen = activity.post
            if observed == "choices":
                seen, activity = _chosen(setup.neuron, activity, own)
            after = advance(setup, learner, sample, (state, activity))
            fine &= in_range(after)
            return (after, fine), (after.weights if observed == "weights" else seen, fine)

        each = jax.random.split(key, len(samples.x))
        _, found = jax.lax.scan(body, (learner, jnp.asarray(True)), (samples, each))
        seen, fine = found
        return seen, fine

    found: tuple[Array, Array] = jax.vmap(one)(start, samples, keys)
    return found


def _chosen(neuron: Neuron, activity: PyTree, key: Array) -> tuple[Array, PyTree]:
    """Return the choice, and the activity that the rule reads: 1 for what was chosen, else 0."""
    if isinstance(neuron, SoftWinners):
        choice = jax.random.categorical(key, jnp.log(activity.post))
        taken = jax.nn.one_hot(choice, len(activity.post), dtype=activity.post.dtype)
        return choice.astype(activity.post.dtype), activity._replace(post=taken)
    if not isinstance(neuron, RandomSpikes):
        remedy = "Take Logistic for two alternatives, SoftWinners for more."
        kind = type(neuron).__name__
        raise ValidationError("neuron", "one that chooses at random", kind, remedy)
    return activity.post[0], activity
