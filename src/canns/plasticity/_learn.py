"""The one loop that runs every rule: a jitted scan of neuron step, rule step and projection."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.plasticity._learner import (
    Learner,
    check_held,
    check_needs,
    check_rewarded,
    divergence,
    dtype_of,
    healthy,
    start,
)
from canns.plasticity._monitor import Recorder
from canns.plasticity._observe import observe
from canns.plasticity._projections import Identity, Projection
from canns.plasticity._rule import Rule
from canns.plasticity._scan import Samples, active, apply_rule, nothing, output, scan
from canns.typing import Array

__all__ = ["apply_rule", "learn", "learn_members", "learns_at_once", "respond"]

_SHORT_STEP = 192 * 1024  # bytes of weights; at 256 kB a step of Oja's rule was slower


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

    A rule that is ``whole`` takes all of them in one step.

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
    for part in (rule, neuron, project):
        part.validate()
    check_needs(rule, neuron)
    check_rewarded(rule, rewards)
    check_held(rule, neuron)
    weights = learner.weights if isinstance(learner, Learner) else learner
    for part in (rule, project):
        part.check_weights(weights)
    if not isinstance(learner, Learner):
        learner = start(rule, neuron, learner)
    samples = _samples(inputs, rewards, dtype_of(weights))
    after: Learner
    with nullcontext() if compiled else jax.disable_jit():
        if recorder is None:
            after, fine = _run(rule, neuron, project, learner, samples)
        else:
            _check_recorded(rule, neuron, project)
            emit = active if recorder.monitor.spikes else nothing
            run = rule, neuron, project, learner, samples
            after, _, fine = observe(*run, recorder, emit, first_step)
        if not fine:
            step = first_step + _failed_step(rule, neuron, project, learner, samples)
            raise divergence(rule, step, samples.x)
    return after


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
    samples = _samples(inputs, None, dtype_of(learner.weights))
    run = None, neuron, Identity(), learner, samples
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
    samples = Samples(inputs, rewards)
    after: Learner
    after, fine = run_members(rules, neurons, projects, learners, samples, shared=shared)
    if not fine.all():
        member = int(np.argmin(fine))
        own = jax.tree.map(lambda leaf: leaf[member], (rules, neurons, projects, learners))
        rule, neuron, project, learner = own
        if not shared:
            samples = jax.tree.map(lambda leaf: leaf[member], samples)
        name = member if names is None else names[member]
        step = first_step + _failed_step(rule, neuron, project, learner, samples)
        raise divergence(rule, step, samples.x, f" of member {name}")
    return after


def learns_at_once(rule: Rule, neuron: Neuron, project: Projection) -> bool:
    """Whether one step learns a data set: where the rule asks for it, or it makes no difference."""
    return rule.whole or (rule.additive and neuron.clamped and project.once)


def _check_recorded(rule: Rule, neuron: Neuron, project: Projection) -> None:
    if learns_at_once(rule, neuron, project):
        expected = f"None for {type(rule).__name__}, which learns all samples in one step"
        raise ValidationError("monitor", expected, "one")


def _samples(inputs: Any, rewards: Any, dtype: Any) -> Samples:
    rows = jnp.asarray(inputs, dtype)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValidationError("inputs", "2-D and non-empty, (T, in)", f"shape {rows.shape}")
    if rewards is None:
        return Samples(rows)
    given = jnp.asarray(rewards, dtype)
    if given.shape != rows.shape[:1]:
        raise ValidationError("rewards", f"{len(rows)}, one a sample", f"shape {given.shape}")
    return Samples(rows, given)


def _pass(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, samples: Samples
) -> tuple[Learner, Array]:
    if learns_at_once(rule, neuron, project):
        # A sum over samples is one matrix product: no (samples, N, N) array, no loop.
        state, activity = neuron.step(learner.state, learner.weights, samples.x)
        after = apply_rule(rule, project, learner, state, activity)
        after = after._replace(activity=(activity.pre[-1], activity.answer[-1]))
    else:
        after, _ = scan(rule, neuron, project, learner, samples, nothing)
    return after, healthy(after)


_run = jax.jit(_pass)


@partial(jax.jit, static_argnames="shared")
def run_members(
    rules: Rule,
    neurons: Neuron,
    projects: Projection,
    learners: Learner,
    samples: Samples,
    *,
    shared: bool,
) -> tuple[Learner, Array]:
    """Return what each member has learnt, as :func:`learn_members`, and whether it is sound."""
    members = rules, neurons, projects, learners, None if shared else samples

    def one(member: Any) -> tuple[Learner, Array]:
        rule, neuron, project, learner, own = member
        return _pass(rule, neuron, project, learner, samples if shared else own)

    after: tuple[Learner, Array] = jax.lax.map(one, members, batch_size=_block(learners))
    return after


def _block(learners: Learner) -> int:
    """Return how many members to run together.

    A step of neurons without state is short. Beyond some weights XLA shares it among the cores of
    a CPU, which then wait for each other at each step longer than they work.
    """
    weights = jax.tree.leaves(learners.weights)
    count = len(weights[0])
    if jax.default_backend() != "cpu" or jax.tree.leaves(learners.state):
        return count
    most: int = max(1, _SHORT_STEP * count // sum(leaf.nbytes for leaf in weights))
    return -(-count // -(-count // most))  # blocks of one size, where there are several


def _failed_step(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, samples: Samples
) -> int:
    """Return the sample at which a run failed; the first of a rule that takes them all at once."""
    return 0 if rule.whole else int(_first_failure(rule, neuron, project, learner, samples))


# Only a failed run is replayed to find its step, so a good one pays nothing for it.
@jax.jit
def _first_failure(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, samples: Samples
) -> Array:
    _, fine = scan(rule, neuron, project, learner, samples, healthy)
    return jnp.argmin(jnp.asarray(fine))
