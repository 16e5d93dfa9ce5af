"""What one compiled call runs: a chunk of samples, for one learner or for many."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._placement import host
from canns.dynamics import Neuron
from canns.errors import DivergenceError
from canns.plasticity._chunks import chunks, fill_up, learns_at_once, may_fill, run_length
from canns.plasticity._learner import Learner, divergence, healthy
from canns.plasticity._projections import Projection
from canns.plasticity._rule import Rule
from canns.plasticity._scan import Samples, apply_rule, first_failure, run
from canns.typing import Array

__all__ = ["failed", "run_members", "run_one"]

_SHORT_STEP = 192 * 1024  # bytes of weights; at 256 kB a step of Oja's rule was slower


def run_members(
    rules: Rule,
    neurons: Neuron,
    projects: Projection,
    learners: Learner,
    samples: Samples,
    *,
    shared: bool,
) -> tuple[Learner, NDArray[np.bool_]]:
    """Return what each member has learnt, as :func:`learn_members`, and whether it is sound."""
    axis, parts = 0 if shared else 1, (rules, neurons, projects)
    sound = np.asarray(True)
    for _, chunk in chunks(samples, run_length(*parts, samples), axis):
        count = chunk.x.shape[axis]
        filled = fill_up(chunk, axis) if may_fill(*parts) else chunk
        learners, fine = _run_members(
            *parts, learners, filled, count, shared=shared, block=_block(learners)
        )
        sound = sound & host(fine)
    return learners, sound


def _pass(
    rule: Rule,
    neuron: Neuron,
    project: Projection,
    learner: Learner,
    samples: Samples,
    count: int | Array,
) -> tuple[Learner, Array]:
    if learns_at_once(rule, neuron, project):
        after = _at_once(rule, neuron, project, learner, samples.x, count)
    else:
        after = run(rule, neuron, project, learner, samples, count)
    return after, healthy(after)


def _at_once(
    rule: Rule,
    neuron: Neuron,
    project: Projection,
    learner: Learner,
    inputs: Array,
    count: int | Array,
) -> Learner:
    # A sum over samples is one matrix product: no (samples, N, N) array, no loop.
    if may_fill(rule, neuron, project):
        shown = jnp.arange(len(inputs)) < count
        inputs = jnp.where(shown[:, None], inputs, jnp.asarray(rule.silence, inputs.dtype))
    state, activity = neuron.step(learner.state, learner.weights, inputs)
    after = apply_rule(rule, project, learner, state, activity)
    return after._replace(activity=(activity.pre[count - 1], activity.answer[count - 1]))


run_one = jax.jit(_pass)


@partial(jax.jit, static_argnames=("shared", "block"))
def _run_members(
    rules: Rule,
    neurons: Neuron,
    projects: Projection,
    learners: Learner,
    samples: Samples,
    count: int | Array,
    *,
    shared: bool,
    block: int | None,
) -> tuple[Learner, Array]:
    members = rules, neurons, projects, learners, None if shared else samples

    def one(member: Any) -> tuple[Learner, Array]:
        rule, neuron, project, learner, own = member
        return _pass(rule, neuron, project, learner, samples if shared else own, count)

    blocks = jax.vmap(one) if block is None else partial(jax.lax.map, one, batch_size=block)
    after: tuple[Learner, Array] = blocks(members)
    return after


def _block(learners: Learner) -> int | None:
    """Return how many members to run together, or None for all.

    A step of neurons without state is short. Beyond some weights XLA shares it among the cores of
    a CPU, which then wait for each other at each step longer than they work.
    """
    weights = jax.tree.leaves(learners.weights)
    count, size = len(weights[0]), sum(leaf.nbytes for leaf in weights)
    alone = jax.default_backend() != "cpu" or len(jax.devices()) > 1  # else members are spread
    if alone or jax.tree.leaves(learners.state) or size <= _SHORT_STEP:
        return None
    most: int = max(1, _SHORT_STEP * count // size)
    return -(-count // -(-count // most))  # blocks of one size


# Only a failed run is replayed to find its step, so a good one pays nothing for it.
_first_failure = jax.jit(first_failure)


def failed(
    rule: Rule,
    neuron: Neuron,
    project: Projection,
    learner: Learner,
    samples: Samples,
    first_step: int,
    whose: str = "",
) -> DivergenceError:
    """Return the error of a run; one of a rule that takes all at once fails at the first sample."""
    step = first_step
    if not rule.whole:
        replayed = rule, neuron, project, learner, fill_up(samples), len(samples.x)
        step += int(_first_failure(*replayed))
    return divergence(rule, step, samples.x, whose)
