"""Rules that iterate over a whole data set, in compiled calls of several rounds each."""

from threading import Event
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from canns._kernel import jit_wide
from canns._precision import full_precision
from canns.plasticity.iterated import Iterated
from canns.plasticity.learning.estimates import is_short, pieces_of
from canns.plasticity.learning.loop import Samples, apply_change
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner, healthy
from canns.typing import Array, PyTree

__all__ = ["is_long_iteration", "learn_in_rounds"]

_A_NUMBER = 1e-9  # seconds for each number that a round reads


def is_long_iteration(setup: Setup, samples: Samples) -> bool:
    """Whether the rule iterates for so long that it needs several calls."""
    rule = setup.rule
    if not isinstance(rule, Iterated):
        return False
    most, numbers = rule.load(*samples.x.shape)
    return not is_short(_A_NUMBER * most * numbers)


def learn_in_rounds(
    setup: Setup, learner: Learner, samples: Samples, stop: Event | None = None
) -> tuple[Learner, Array]:
    """Return the learner after all samples, and whether it is healthy; cut into pieces."""
    rule = setup.rule
    assert isinstance(rule, Iterated), "see is_long_iteration"
    most, numbers = rule.load(*samples.x.shape)
    fixed, state = _begin(setup, learner, samples.x)
    for start, end in pieces_of(most, _A_NUMBER * numbers, stop):
        state, more = _go_on(setup, fixed, state, end - start)
        if not np.asarray(more):
            break
    return _finish(setup, learner, samples.x, fixed, state)


@full_precision
def begin(setup: Any, learner: Learner, inputs: Array) -> tuple[PyTree, PyTree]:
    """Return the data that all rounds share, and the state before the first round."""
    _, activity = setup.neuron.step(learner.state, learner.weights, inputs)
    started: tuple[PyTree, PyTree] = setup.rule.begin(learner.weights, activity)
    return started


@full_precision
def go_on(setup: Any, fixed: PyTree, state: PyTree, rounds: int | Array) -> tuple[PyTree, Array]:
    """Return the rule's state after at most ``rounds`` rounds, and whether it is unfinished."""

    def unfinished(carry: tuple[Array, PyTree]) -> Array:
        left, state = carry
        more: Array = (left > 0) & setup.rule.unfinished(state)
        return more

    def body(carry: tuple[Array, PyTree]) -> tuple[Array, PyTree]:
        left, state = carry
        return left - 1, setup.rule.round(fixed, state)

    _, state = jax.lax.while_loop(unfinished, body, (jnp.asarray(rounds), state))
    return state, setup.rule.unfinished(state)


@full_precision
def finish(
    setup: Any, learner: Learner, inputs: Array, fixed: PyTree, state: PyTree
) -> tuple[Learner, Array]:
    """Return the learner after the change that follows from the rule's last state."""
    neuron, activity = setup.neuron.step(learner.state, learner.weights, inputs)
    delta = setup.rule.finish(fixed, state, learner.weights)
    after = apply_change(setup, learner, neuron, activity, learner.memory, delta)
    after = after._replace(activity=(activity.pre[-1], activity.answer[-1]))
    return after, healthy(after)


_begin, _go_on, _finish = jit_wide(begin), jit_wide(go_on), jit_wide(finish)
