"""The scan that every run is: neuron step, rule step and projection, sample after sample."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.dynamics import Activity, Neuron
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner, healthy
from canns.plasticity.rule import Memory, Rule
from canns.typing import Array, PyTree, pytree

__all__ = [
    "Fixed",
    "Samples",
    "active",
    "advance",
    "apply_change",
    "apply_rule",
    "first_failure",
    "nothing",
    "output",
    "run",
    "scan",
]


class Samples(NamedTuple):
    """What a run is shown, one sample a row: inputs, (T, in), and rewards, (T,), if any."""

    x: Any
    reward: Any = None


@pytree
class Fixed(Rule):
    """No learning: the weights stay as they are."""

    def check_weights(self, weights: PyTree) -> None:
        """Any will do."""

    def step(self, memory: Memory, weights: PyTree, activity: Activity) -> tuple[Memory, PyTree]:
        """Return no change, which is None and not zeros that would have to be added."""
        return memory, None


@full_precision
def apply_rule(setup: Setup, learner: Learner, state: PyTree, activity: Activity) -> Learner:
    """Return the learner after the rule has seen ``activity``; its neuron is now in ``state``."""
    memory, delta = setup.rule.step(learner.memory, learner.weights, activity)
    return apply_change(setup, learner, state, activity, memory, delta)


def apply_change(
    setup: Setup, learner: Learner, state: PyTree, activity: Activity, memory: Memory, delta: PyTree
) -> Learner:
    """Return the learner after the change ``delta`` of its weights; None for no change."""
    weights = learner.weights
    if delta is not None:
        weights = setup.project(jax.tree.map(jnp.add, weights, delta))
    return Learner(weights, memory, state, (activity.pre, activity.answer))


@full_precision
def advance(setup: Setup, learner: Learner, sample: Samples) -> Learner:
    """Return the learner after one sample."""
    state, activity = setup.neuron.step(learner.state, learner.weights, sample.x)
    return apply_rule(setup, learner, state, activity._replace(reward=sample.reward))


def run(
    setup: Setup, learner: Learner, samples: Samples, count: int | Array, start: int | Array = 0
) -> Learner:
    """Return the learner after the samples from ``start`` to before ``count``."""
    # Nothing is carried that does not have to be: each array more is one more copy in every step.
    given = _shows_input(setup.neuron, learner, samples)

    def keep(learner: Learner) -> Learner:
        pre, answer = learner.activity
        return learner._replace(activity=(None if given else pre, answer))

    def body(i: Array, learner: Learner) -> Learner:
        return keep(advance(setup, learner, _sample(samples, i)))

    # How many is no part of the code: runs of any length that fits are one program, and a run cut
    # into parts is the same to the last bit.
    after: Learner = jax.lax.fori_loop(start, count, body, keep(learner))
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
) -> Array:
    """Return the first sample from ``first`` on after which the learner is not healthy, else 0."""

    def unfinished(carry: tuple[Array, Learner, Array]) -> Array:
        i, _, fine = carry
        return fine & (i < count)

    def body(carry: tuple[Array, Learner, Array]) -> tuple[Array, Learner, Array]:
        i, learner, _ = carry
        learner = advance(setup, learner, _sample(samples, i))
        return i + 1, learner, healthy(learner)

    start = jnp.int32(first), learner, jnp.asarray(True)
    stop, _, fine = jax.lax.while_loop(unfinished, body, start)
    step: Array = jnp.where(fine, 0, stop - 1)
    return step


def scan(
    setup: Setup, learner: Learner, samples: Samples, emit: Callable[[Learner], PyTree]
) -> tuple[Learner, PyTree]:
    """Return the learner after all samples, and what ``emit`` made of it after each of them.

    Unlike :func:`run` it can be differentiated in reverse.
    """

    def body(learner: Learner, sample: Samples) -> tuple[Learner, PyTree]:
        learner = advance(setup, learner, sample)
        return learner, emit(learner)

    return jax.lax.scan(body, learner, samples)


def _sample(samples: Samples, i: Array) -> Samples:
    def row(rows: Array) -> Array:
        # i is none from the end; to ask would be work in every step.
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
    """Emit the output, (out,); of a stack of layers that of the last."""
    last: Array = jax.tree.leaves(learner.activity[1])[-1]
    return last


def active(learner: Learner) -> Array:
    """Emit which outputs are not zero, (out,)."""
    return output(learner) != 0
