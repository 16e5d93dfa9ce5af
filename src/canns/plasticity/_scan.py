"""The scan that every run is: neuron step, rule step and projection, sample after sample."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics import Activity, Neuron
from canns.plasticity._learner import Learner
from canns.plasticity._projections import Projection
from canns.plasticity._rule import Rule
from canns.typing import Array

__all__ = ["Samples", "active", "apply_rule", "nothing", "output", "scan"]


class Samples(NamedTuple):
    """What a run is shown, one sample a row: inputs, (T, in), and rewards, (T,), if any."""

    x: Any
    reward: Any = None


def apply_rule(
    rule: Rule | None, project: Projection, learner: Learner, state: Any, activity: Activity
) -> Learner:
    """Return the learner after ``rule`` answered to ``activity``, its neuron now in ``state``."""
    shown = activity.pre, activity.answer
    if rule is None:
        return Learner(learner.weights, learner.memory, state, shown)
    # Some accelerators round the factors of a product to 11 bits unless told not to.
    with jax.default_matmul_precision("float32"):
        memory, delta = rule.step(learner.memory, learner.weights, activity)
    weights = project(jax.tree.map(jnp.add, learner.weights, delta))
    return Learner(weights, memory, state, shown)


def scan(
    rule: Rule | None,
    neuron: Neuron,
    project: Projection,
    learner: Learner,
    samples: Samples,
    emit: Callable[[Learner], Any],
) -> tuple[Learner, Any]:
    """Return the learner after all samples, and what ``emit`` made of it after each of them."""

    def body(learner: Learner, sample: Samples) -> tuple[Learner, Any]:
        state, activity = neuron.step(learner.state, learner.weights, sample.x)
        activity = activity._replace(reward=sample.reward)
        learner = apply_rule(rule, project, learner, state, activity)
        return learner, emit(learner)

    return jax.lax.scan(body, learner, samples)


def nothing(learner: Learner) -> None:
    """Emit nothing."""
    return


def output(learner: Learner) -> Array:
    """Emit the output, of a stack of layers that of the last, (out,)."""
    last: Array = jax.tree.leaves(learner.activity[1])[-1]
    return last


def active(learner: Learner) -> Array:
    """Emit which outputs are not zero, (out,)."""
    return output(learner) != 0
