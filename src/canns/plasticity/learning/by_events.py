"""Whether a run goes by events, and the learner of such a run, whose weights are synapses."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from canns._kernel import on_one_cpu
from canns._precision import full_precision
from canns.dynamics import EventMatrix, Synapses
from canns.errors import ValidationError
from canns.plasticity.learning.fixed import Fixed
from canns.plasticity.learning.local_step import forget_silence, remember_silence
from canns.plasticity.learning.locality import sides_of
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner, carried, restored
from canns.plasticity.projections import Identity, Projection
from canns.plasticity.rule import Memory, Rule
from canns.typing import AnyArray, Array, PyTree

__all__ = [
    "LEAST",
    "enter",
    "enter_synapses",
    "goes_by_events",
    "laid_out",
    "leave",
    "leave_synapses",
    "readable",
]

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
        if not _within(setup, weights):
            name = type(setup.project).__name__
            expected = f"within their constraint, {name}, for a run by events, which visits few"
            remedy = "Apply the constraint first, or take method='dense'."
            raise ValidationError("weights", expected, "others", remedy)
        return True
    # Asked first, because for most runs it is the answer. A tuple of parts has no size.
    if getattr(weights, "size", 0) < LEAST or setup.method == "dense":
        return False
    if not on_one_cpu() or len(inputs) < _TRANSPOSED or setup.obstacle_to_events is not None:
        return False
    out, in_ = weights.shape
    active = float(np.count_nonzero(inputs)) / len(inputs)
    few = EventMatrix.seconds(out, in_, active) < _SHARE * EventMatrix.seconds(out, in_, None)
    return bool(few) and _within(setup, weights)


def _within(setup: Setup, weights: PyTree) -> bool:
    """Whether the weights satisfy the constraint.

    A step on the matrix applies the constraint to all weights, one by events only to those that it
    changes.
    """
    plain = isinstance(setup.project, Identity) or isinstance(setup.rule, Fixed)
    held = weights.outside(weights.values) if isinstance(weights, Synapses) else weights
    return plain or bool(_keeps(setup.project, held))


def laid_out(setup: Setup, weights: PyTree) -> Setup:
    """Return the setup of a run by events, whose constraint holds its arrays as synapses do.

    Args:
        setup: The setup.
        weights: W, (out, in), or synapses, as before the run.
    """
    each = setup.project.each
    if not each:
        return setup
    lay = weights.inside if isinstance(weights, Synapses) else jnp.transpose
    arrays = [lay(jnp.asarray(array, weights.dtype)) for array in each]
    changed: Any = setup
    laid: Setup = dataclasses.replace(changed, project=setup.project.with_each(arrays))
    return laid


@jax.jit
def _keeps(project: Projection, weights: Array) -> Array:
    return jnp.all(project(weights) == weights)


def enter(setup: Setup, learner: Learner) -> Learner:
    """Return the learner for a run by events: with synapses, within their constraint."""
    inside: Learner = _enter(setup, learner)
    return restored(inside, learner)


def leave(setup: Setup, learner: Learner, before: PyTree) -> Learner:
    """Return the learner after a run by events, with weights of the kind that it had ``before``."""
    if isinstance(before, Synapses):
        return learner._replace(memory=_forget(setup, learner))
    outside: Learner = _leave(setup, learner, matrix=True)
    return outside


def readable(setup: Setup, learner: Learner) -> Learner:
    """Return the learner with weights and memory as they are recorded: as matrices, or as lists.

    Weights and memory of sparse synapses are lists, (synapses,), in the order of their pairs.
    """
    synapses = learner.weights
    if not isinstance(synapses, Synapses):
        return learner
    after = leave_synapses(setup, learner, matrix=synapses.complete)
    if synapses.complete:
        return after
    sides = zip(after.memory, sides_of(setup.rule) or (), strict=True)
    memory = tuple([synapses.outside(m) if side == "pair" else m for m, side in sides])
    return after._replace(weights=synapses.outside(synapses.values), memory=memory)


@full_precision
def enter_synapses(setup: Setup, learner: Learner) -> Learner:
    """Do as :func:`enter`, uncompiled or within a program that JAX traces."""
    weights, rule = learner.weights, setup.timed_rule
    memory: PyTree = learner.memory
    if not isinstance(weights, Synapses):
        weights = EventMatrix(weights.T)
        memory = _transposed(rule, memory)
    if not isinstance(rule, Fixed):
        # Of a traced run nothing is known; the weights of others are within their constraint.
        held = setup.project(weights.outside(weights.values))
        weights = weights.with_values(weights.inside(held))
        memory = remember_silence(rule, weights, memory)
    return learner._replace(weights=weights, memory=memory)


@full_precision
def leave_synapses(setup: Setup, learner: Learner, matrix: bool) -> Learner:
    """Return the learner after a run by events, with a ``matrix`` of weights or its synapses."""
    weights, rule = learner.weights, setup.timed_rule
    memory = forget_silence(rule, weights, learner.memory)
    if matrix:
        weights = weights.to_matrix(weights.values)
        memory = _transposed(rule, memory)
    return learner._replace(weights=weights, memory=memory)


def _transposed(rule: Rule, memory: Memory) -> Memory:
    each = zip(memory, sides_of(rule) or (), strict=True)
    return tuple([m.T if side == "pair" else m for m, side in each])


@jax.jit
def _enter(setup: Setup, learner: Learner) -> Learner:
    inside: Learner = enter_synapses(setup, learner)
    return carried(inside) if isinstance(learner.weights, Synapses) else inside


@jax.jit
@full_precision
def _forget(setup: Setup, learner: Learner) -> Memory:
    return forget_silence(setup.timed_rule, learner.weights, learner.memory)


_leave = jax.jit(leave_synapses, static_argnames=("matrix",))
