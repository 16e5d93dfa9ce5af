"""The one loop that runs every rule: a jitted scan of neuron step, rule step and projection."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._buckets import bucket
from canns._placement import host
from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.plasticity.learning.loop import Samples, active, nothing, output
from canns.plasticity.learning.members import run_members
from canns.plasticity.learning.monitor import Recorder
from canns.plasticity.learning.observe import observe
from canns.plasticity.learning.passes import failed, run_epochs, run_one
from canns.plasticity.learning.samples import (
    chunks,
    fill_up,
    learns_at_once,
    may_fill,
    run_length,
    to_samples,
)
from canns.plasticity.learning.state import (
    Learner,
    as_floats,
    check_held,
    check_needs,
    check_rewarded,
    dtype_of,
    start,
)
from canns.plasticity.projections import Identity, Projection
from canns.plasticity.rule import Rule
from canns.typing import Array

__all__ = ["learn", "learn_epochs", "learn_members", "respond"]

_ROOM = 128  # for the norms of all usual runs, so that few are ever compiled


def learn(
    rule: Rule,
    neuron: Neuron,
    learner: Learner | Any,
    inputs: Any,
    *,
    rewards: Any = None,
    project: Projection | None = None,
    compiled: bool = True,
    first_step: int = 0,
    recorder: Recorder | None = None,
) -> Learner:
    r"""Show ``inputs`` to a neuron once, in order, and let the rule change its weights.

    .. math:: W \leftarrow \mathrm{project}(W + \Delta W)

    A rule that is ``whole`` takes all of them in one step; others in chunks, each in one compiled
    call, so that runs of any length share a few programs.

    Args:
        rule: The learning rule.
        neuron: The neuron model.
        learner: Where to go on from, or weights, (out, in) or a tuple of parts, to start from
            rest with.
        inputs: One sample a row, (T, in).
        rewards: The reward of each sample, (T,), for a rule that needs one.
        project: Constraint put on the weights after each change; None for none.
        compiled: False runs the same code un-jitted.
        first_step: Number of samples seen before, which error messages and records count from.
        recorder: Records the run, which changes nothing of it; None for no records.

    Returns:
        The learner after the last sample.

    Raises:
        ValidationError: Where an argument is out of range, or the neuron does not suit the rule.
        DivergenceError: Where weights or state leave the range of finite, meaningful numbers.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Clamped
        >>> from canns.plasticity import Hebbian
        >>> patterns = jnp.array([[1.0, -1.0], [1.0, 1.0]])
        >>> learn(Hebbian(), Clamped(), jnp.zeros((2, 2)), patterns).weights.tolist()
        [[2.0, 0.0], [0.0, 2.0]]
    """
    project = Identity() if project is None else project
    learner, samples = _checked(rule, neuron, project, learner, inputs, rewards)
    parts = rule, neuron, project
    with nullcontext() if compiled else jax.disable_jit():
        if recorder is not None:
            return _recorded(*parts, learner, samples, recorder, first_step)
        for at, chunk in chunks(samples, run_length(*parts, samples)):
            learner = _learnt(*parts, learner, chunk, first_step + at)
    return learner


def learn_epochs(
    rule: Rule,
    neuron: Neuron,
    learner: Learner,
    inputs: Any,
    *,
    epochs: int,
    rewards: Any,
    project: Projection,
    compiled: bool,
) -> tuple[Learner, NDArray[Any]] | None:
    """Show ``inputs`` to a neuron ``epochs`` times, all in one compiled call.

    Arguments as of :func:`learn`.

    Returns:
        The learner, and of each epoch the norms of the change and of the weights after it,
        (epochs, 2); None where it came out of the range of meaningful numbers.
    """
    learner, samples = _checked(rule, neuron, project, learner, inputs, rewards)
    with nullcontext() if compiled else jax.disable_jit():
        run = rule, neuron, project, learner, fill_up(samples), len(samples.x), epochs
        after, norms, fine = run_epochs(*run, room=bucket(epochs, _ROOM))
    return (after, host(norms)[:epochs]) if host(fine) else None


def _checked(
    rule: Rule,
    neuron: Neuron,
    project: Projection,
    learner: Learner | Any,
    inputs: Any,
    rewards: Any,
) -> tuple[Learner, Samples]:
    """Return where a run goes on from, and its samples, or raise where the parts do not fit."""
    for part in (rule, neuron, project):
        part.validate()
    check_needs(rule, neuron)
    check_rewarded(rule, rewards)
    check_held(rule, neuron)
    weights = as_floats(learner.weights if isinstance(learner, Learner) else learner)
    for part in (rule, project):
        part.check_weights(weights)
    if not isinstance(learner, Learner):
        learner = start(rule, neuron, weights)
    learner = learner._replace(weights=weights)
    samples = to_samples(inputs, rewards, dtype_of(weights))
    return learner, samples


def _recorded(
    rule: Rule,
    neuron: Neuron,
    project: Projection,
    learner: Learner,
    samples: Samples,
    recorder: Recorder,
    first_step: int,
) -> Learner:
    if learns_at_once(rule, neuron, project):
        expected = f"None for {type(rule).__name__}, which learns all samples in one step"
        raise ValidationError("monitor", expected, "one")
    emit = active if recorder.monitor.spikes else nothing
    shown = rule, neuron, project, learner, jax.tree.map(jnp.asarray, samples)
    after, _, fine = observe(*shown, recorder, emit, first_step)
    if not fine:
        raise failed(rule, neuron, project, learner, samples, first_step)
    return after


def _learnt(
    rule: Rule,
    neuron: Neuron,
    project: Projection,
    learner: Learner,
    samples: Samples,
    first_step: int,
) -> Learner:
    """Return the learner after one chunk, or raise where it is not healthy."""
    count = len(samples.x)
    filled = fill_up(samples) if may_fill(rule, neuron, project) else samples
    after, fine = run_one(rule, neuron, project, learner, filled, count)
    if not host(fine):
        raise failed(rule, neuron, project, learner, samples, first_step)
    learnt: Learner = after
    return learnt


def respond(
    neuron: Neuron, learner: Learner, inputs: Any, recorder: Recorder | None = None
) -> tuple[Learner, Array]:
    """Return the learner after ``inputs``, (T, in), with its weights as they are, and the outputs.

    Args:
        neuron: The neuron model, validated.
        learner: Where to go on from.
        inputs: One sample a row, (T, in).
        recorder: See :func:`learn`.
    """
    samples = to_samples(inputs, None, dtype_of(learner.weights))
    run = None, neuron, Identity(), learner, jax.tree.map(jnp.asarray, samples)
    after, outputs, _ = observe(*run, recorder, output, 0)
    return after, jnp.concatenate(outputs)


def learn_members(
    rules: Rule,
    neurons: Neuron,
    projects: Projection,
    learners: Learner,
    inputs: Any,
    *,
    shared: bool,
    rewards: Any = None,
    names: Sequence[str] | None = None,
    first_step: int = 0,
) -> Learner:
    """Run :func:`learn` for many learners of one shape in one compiled call.

    Args:
        rules: Their learning rules, validated and stacked: each hyperparameter has a leading axis.
        neurons: Their neuron models, validated and stacked.
        projects: Their projections, validated and stacked.
        learners: Their learners, stacked.
        inputs: (members, T, in), or (T, in) where ``shared``.
        shared: Whether all see the same inputs, and rewards.
        rewards: Those of each sample, (members, T) or, where ``shared``, (T,).
        names: What to call each in an error; None for its position.
        first_step: See :func:`learn`.

    Returns:
        The learners, stacked.
    """
    samples = jax.tree.map(np.asarray, Samples(inputs, rewards))
    after: Learner
    after, fine = run_members(rules, neurons, projects, learners, samples, shared=shared)
    if not fine.all():
        member = int(np.argmin(fine))
        own = jax.tree.map(lambda leaf: leaf[member], (rules, neurons, projects, learners))
        if not shared:
            samples = jax.tree.map(lambda leaf: leaf[member], samples)
        whose = f" of member {member if names is None else names[member]}"
        rule, neuron, project, learner = own
        raise failed(rule, neuron, project, learner, samples, first_step, whose)
    return after
