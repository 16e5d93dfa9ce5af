"""Whether a run goes by events, and the learner of such a run, whose weights are synapses."""

import jax
import numpy as np

from canns._kernel import on_one_cpu
from canns._precision import full_precision
from canns.dynamics import EventMatrix, Synapses
from canns.plasticity.learning.fixed import Fixed
from canns.plasticity.learning.local_step import forget_silence, remember_silence, sides_of
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.plasticity.rule import Memory, Rule
from canns.typing import AnyArray, PyTree

__all__ = ["LEAST", "enter", "goes_by_events", "leave", "matrices"]

#: Fewest weights for which a run may go by events by itself. With fewer, a step on the matrix is
#: one function of machine code, which takes less time than to look for events.
LEAST = 1 << 16
#: The largest share of the time of a step on the matrix that a step by events should take.
_SHARE = 0.7
#: Samples that should pay for the two transpositions of the weights, in steps on the matrix.
_TRANSPOSED = 64


def goes_by_events(setup: Setup, weights: PyTree, inputs: AnyArray) -> bool:
    """Whether a run goes by events: if it must, or if that takes less time at this activity.

    Args:
        setup: The setup, checked.
        weights: W, (out, in), or synapses.
        inputs: The samples, (T, in).
    """
    if isinstance(weights, Synapses) or setup.method == "events":
        return True
    # Asked first, because for most runs it is the answer. A tuple of parts has no size.
    if getattr(weights, "size", 0) < LEAST or setup.method == "dense":
        return False
    if not on_one_cpu() or len(inputs) < _TRANSPOSED or setup.obstacle_to_events is not None:
        return False
    out, in_ = weights.shape
    active = float(np.count_nonzero(inputs)) / len(inputs)
    return EventMatrix.seconds(out, in_, active) < _SHARE * EventMatrix.seconds(out, in_, None)


def enter(setup: Setup, learner: Learner) -> Learner:
    """Return the learner for a run by events: with synapses, within their constraint."""
    return _enter(setup, learner)


def leave(setup: Setup, learner: Learner, before: PyTree) -> Learner:
    """Return the learner after a run by events, with weights of the kind that it had ``before``."""
    return _leave(setup, learner, matrix=not isinstance(before, Synapses))


def matrices(setup: Setup, learner: Learner) -> Learner:
    """Return the learner with weights and memory as they are between runs, to record them."""
    if not isinstance(learner.weights, Synapses):
        return learner
    return leave_synapses(setup, learner, matrix=learner.weights.complete)


@full_precision
def enter_synapses(setup: Setup, learner: Learner) -> Learner:
    weights, memory, rule = learner.weights, learner.memory, setup.timed_rule
    if not isinstance(weights, Synapses):
        weights = EventMatrix(weights.T)
        memory = _transposed(rule, memory)
    if not isinstance(rule, Fixed):
        # In a step on the matrix the constraint acts on all weights, here on those that change.
        weights = weights.with_values(setup.project(weights.values))
        memory = remember_silence(rule, weights, memory)
    return learner._replace(weights=weights, memory=memory)


@full_precision
def leave_synapses(setup: Setup, learner: Learner, matrix: bool) -> Learner:
    weights, rule = learner.weights, setup.timed_rule
    memory = forget_silence(rule, weights, learner.memory)
    if matrix:
        weights = weights.to_matrix(weights.values)
        memory = _transposed(rule, memory)
    return learner._replace(weights=weights, memory=memory)


def _transposed(rule: Rule, memory: Memory) -> Memory:
    each = zip(memory, sides_of(rule) or (), strict=True)
    return tuple([m.T if side == "pair" else m for m, side in each])


_enter = jax.jit(enter_synapses)
_leave = jax.jit(leave_synapses, static_argnames=("matrix",))
