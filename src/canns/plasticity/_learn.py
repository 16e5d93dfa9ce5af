"""The one loop that runs every rule: a jitted scan of neuron step, rule step and projection."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import Activity, Neuron
from canns.errors import ValidationError
from canns.plasticity._learner import (
    Learner,
    check_held,
    check_needs,
    divergence,
    healthy,
    start,
)
from canns.plasticity._projections import Identity, Projection
from canns.plasticity._rule import Rule
from canns.typing import Array

__all__ = ["apply_rule", "learn", "learn_members", "learns_at_once"]


def learn(
    rule: Rule,
    neuron: Neuron,
    learner: Learner | Array,
    inputs: Any,
    *,
    project: Projection | None = None,
    compiled: bool = True,
    first_step: int = 0,
) -> Learner:
    r"""Show ``inputs`` to a neuron once, in order, and let the rule change its weights.

    .. math:: W \leftarrow \mathrm{project}(W + \Delta W)

    A rule that is ``whole`` takes all of them in one step.

    Args:
        rule: The learning rule.
        neuron: The neuron model.
        learner: Where to go on from, or weights, (out, in), to start from rest with.
        inputs: One sample a row, (T, in).
        project: Constraint put on the weights after each change; None for none.
        compiled: False runs the same code un-jitted.
        first_step: Number of samples seen before, which error messages count from.

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
    check_held(rule, neuron)
    if not isinstance(learner, Learner):
        learner = start(rule, neuron, learner)
    rows = jnp.asarray(inputs, learner.weights.dtype)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValidationError("inputs", "2-D and non-empty, (T, in)", f"shape {rows.shape}")
    after: Learner
    with nullcontext() if compiled else jax.disable_jit():
        after, fine = _run(rule, neuron, project, learner, rows)
        if not fine:
            step = first_step + _failed_step(rule, neuron, project, learner, rows)
            raise divergence(rule, step, rows)
    return after


def learn_members(
    rules: Rule,
    neurons: Neuron,
    projects: Projection,
    learners: Learner,
    inputs: Any,
    *,
    shared: bool,
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
        shared: Whether all see the same inputs.
        names: What to call each in an error; None for its position.
        first_step: See :func:`learn`.

    Returns:
        The learners, stacked.
    """
    after: Learner
    after, fine = _run_members(rules, neurons, projects, learners, inputs, shared=shared)
    if not fine.all():
        member = int(np.argmin(fine))
        own = jax.tree.map(lambda leaf: leaf[member], (rules, neurons, projects, learners))
        rule, neuron, project, learner = own
        rows = inputs if shared else inputs[member]
        name = member if names is None else names[member]
        step = first_step + _failed_step(rule, neuron, project, learner, rows)
        raise divergence(rule, step, rows, f" of member {name}")
    return after


def learns_at_once(rule: Rule, neuron: Neuron, project: Projection) -> bool:
    """Whether one step learns a data set: where the rule asks for it, or it makes no difference."""
    return rule.whole or (rule.additive and neuron.clamped and project.once)


def apply_rule(
    rule: Rule, project: Projection, learner: Learner, state: Any, activity: Activity
) -> Learner:
    """Return the learner after ``rule`` answered to ``activity``, its neuron now in ``state``."""
    # Some accelerators round the factors of a product to 11 bits unless told not to.
    with jax.default_matmul_precision("float32"):
        memory, delta = rule.step(learner.memory, learner.weights, activity)
    weights = project(learner.weights + delta)
    return Learner(weights, memory, state, (activity.pre, activity.post))


def _scan(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, inputs: Array, watch: bool
) -> tuple[Learner, Array | None]:
    def body(learner: Learner, x: Array) -> tuple[Learner, Array | None]:
        state, activity = neuron.step(learner.state, learner.weights, x)
        learner = apply_rule(rule, project, learner, state, activity)
        return learner, healthy(learner) if watch else None

    return jax.lax.scan(body, learner, inputs)


def _pass(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, inputs: Array
) -> tuple[Learner, Array]:
    if learns_at_once(rule, neuron, project):
        # A sum over samples is one matrix product: no (samples, N, N) array, no loop.
        state, activity = neuron.step(learner.state, learner.weights, inputs)
        after = apply_rule(rule, project, learner, state, activity)
        after = after._replace(activity=(activity.pre[-1], activity.post[-1]))
    else:
        after, _ = _scan(rule, neuron, project, learner, inputs, watch=False)
    return after, healthy(after)


_run = jax.jit(_pass)


@partial(jax.jit, static_argnames="shared")
def _run_members(
    rules: Rule,
    neurons: Neuron,
    projects: Projection,
    learners: Learner,
    inputs: Array,
    *,
    shared: bool,
) -> tuple[Learner, Array]:
    axes = (0, 0, 0, 0, None if shared else 0)
    return jax.vmap(_pass, in_axes=axes)(rules, neurons, projects, learners, inputs)


def _failed_step(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, inputs: Array
) -> int:
    """Return the sample at which a run failed; the first of a rule that takes them all at once."""
    return 0 if rule.whole else int(_first_failure(rule, neuron, project, learner, inputs))


# Only a failed run is replayed to find its step, so a good one pays nothing for it.
@jax.jit
def _first_failure(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, inputs: Array
) -> Array:
    _, fine = _scan(rule, neuron, project, learner, inputs, watch=True)
    return jnp.argmin(jnp.asarray(fine))
