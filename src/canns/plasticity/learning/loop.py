"""The loop of every run: for each sample a neuron step, a rule step and the projection."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.dynamics import Activity, Neuron, Synapses
from canns.errors import ValidationError
from canns.plasticity.learning.fixed import Fixed
from canns.plasticity.learning.local_step import local_step
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner, carried, healthy, restored
from canns.plasticity.rule import Memory
from canns.typing import Array, PyTree

__all__ = [
    "Fixed",
    "Samples",
    "active",
    "advance",
    "apply_change",
    "first_failure",
    "nothing",
    "output",
    "run",
    "scan",
]


class Samples(NamedTuple):
    """The data of a run, one sample per row: inputs, (T, in), and rewards, (T,), or None."""

    x: Any
    reward: Any = None


def apply_change(
    setup: Setup, learner: Learner, state: PyTree, activity: Activity, memory: Memory, delta: PyTree
) -> Learner:
    """Return the learner after the weight change ``delta``, which is None for no change."""
    weights = learner.weights
    if delta is not None:
        _check_shapes(setup, weights, delta)
        weights = setup.project(jax.tree.map(jnp.add, weights, delta))
    return Learner(weights, memory, state, (activity.pre, activity.answer))


def _check_shapes(setup: Setup, weights: PyTree, delta: PyTree) -> None:
    """Raise if the change is not of the weights' shape: JAX might broadcast it without a word.

    So it is if neurons held at their input are given weights for another number of neurons. Shapes
    are known while JAX traces, so this costs nothing when a compiled program runs.
    """
    for part, change in zip(jax.tree.leaves(weights), jax.tree.leaves(delta), strict=True):
        if jnp.shape(change) not in (jnp.shape(part), ()):
            rule, neuron = type(setup.rule).__name__, type(setup.neuron).__name__
            expected = f"of shape {jnp.shape(change)}, as {rule} changes them with {neuron} neurons"
            raise ValidationError("weights", expected, f"shape {jnp.shape(part)}")


@full_precision
def advance(
    setup: Setup,
    learner: Learner,
    sample: Samples,
    answer: tuple[PyTree, Activity] | None = None,
) -> Learner:
    """Return the learner after one sample: the one place where neuron and rule make a step.

    Args:
        setup: The setup that learns.
        learner: The learner before the sample.
        sample: The sample; for a rule that is shown data at once, all samples.
        answer: The neuron's state and activity if a user's own model has computed them.
    """
    if answer is None:
        answer = setup.neuron.step(learner.state, learner.weights, sample.x)
    state, activity = answer
    activity = activity._replace(reward=sample.reward)
    rule, weights = setup.timed_rule, learner.weights
    if isinstance(weights, Synapses) and not isinstance(rule, Fixed):
        kept: PyTree
        kept, weights = local_step(rule, setup.project, learner.memory, weights, activity)
        return Learner(weights, kept, state, (activity.pre, activity.answer))
    memory, delta = rule.step(learner.memory, weights, activity)
    return apply_change(setup, learner, state, activity, memory, delta)


def run(
    setup: Setup, learner: Learner, samples: Samples, count: int | Array, start: int | Array = 0
) -> Learner:
    """Return the learner after the samples from ``start`` up to, but without, ``count``."""
    # The loop carries no array that it need not: each one costs a copy in every step. If pre is the
    # sample itself, it is left out here and put back after the loop.
    given = _shows_input(setup.neuron, learner, samples)

    def keep(learner: Learner) -> Learner:
        pre, answer = learner.activity
        return carried(learner)._replace(activity=(None if given else pre, answer))

    def body(i: Array, now: Learner) -> Learner:
        return keep(advance(setup, restored(now, learner), _sample(samples, i)))

    # ``start`` and ``count`` are traced, not compiled in: runs of all lengths that fit share one
    # program, and a run cut into parts gives the same result to the last bit.
    end: Learner = jax.lax.fori_loop(start, count, body, keep(learner))
    after = restored(end, learner)
    if given:
        pre, answer = learner.activity[0], after.activity[1]
        last = _sample(samples, jnp.maximum(count, 1) - 1).x
        after = after._replace(activity=(jnp.where(count > start, last, pre), answer))
    return after


def _shows_input(neuron: Neuron, learner: Learner, samples: Samples) -> bool:
    """Whether the presynaptic activity is the sample itself."""
    shown: list[bool] = []

    def step(state: PyTree, weights: PyTree, x: Array) -> None:
        shown.append(neuron.step(state, weights, x)[1].pre is x)

    jax.eval_shape(step, learner.state, learner.weights, samples.x[0])
    return shown[0]


def first_failure(
    setup: Setup, learner: Learner, samples: Samples, count: int | Array, first: int | Array
) -> tuple[Array, Learner, Array]:
    """Return the first sample, from ``first`` on, after which the learner is unhealthy.

    Also return the learner after this sample, and whether all samples before ``count`` leave it
    healthy. If they do, the sample returned is the last one.
    """

    def unfinished(carry: tuple[Array, Learner, Array]) -> Array:
        i, _, fine = carry
        return fine & (i < count)

    def body(carry: tuple[Array, Learner, Array]) -> tuple[Array, Learner, Array]:
        i, learner, _ = carry
        learner = advance(setup, learner, _sample(samples, i))
        return i + 1, learner, healthy(learner)

    start = jnp.int32(first), learner, jnp.asarray(True)
    stop, end, fine = jax.lax.while_loop(unfinished, body, start)
    return stop - 1, end, fine


def scan(
    setup: Setup, learner: Learner, samples: Samples, emit: Callable[[Learner], PyTree]
) -> tuple[Learner, PyTree]:
    """Return the learner after all samples, and the result of ``emit`` after each of them.

    Unlike :func:`run`, it can be differentiated in reverse mode.
    """

    def body(now: Learner, sample: Samples) -> tuple[Learner, PyTree]:
        after = advance(setup, restored(now, learner), sample)
        return carried(after), emit(after)

    end, emitted = jax.lax.scan(body, carried(learner), samples)
    return restored(end, learner), emitted


def _sample(samples: Samples, i: Array) -> Samples:
    def row(rows: Array) -> Array:
        # i is never negative; checking that would cost time in every step.
        found: Array = jax.lax.dynamic_index_in_dim(
            rows, i, keepdims=False, allow_negative_indices=False
        )
        return found

    sample: Samples = jax.tree.map(row, samples)
    return sample


def nothing(learner: Learner) -> None:
    """Emit nothing."""
    return


def output(learner: Learner) -> Array:
    """Emit the output, (out,); for a stack of layers, the output of the last layer."""
    last: Array = jax.tree.leaves(learner.activity[1])[-1]
    return last


def active(learner: Learner) -> Array:
    """Emit a mask of the outputs that are not zero, (out,)."""
    return output(learner) != 0
