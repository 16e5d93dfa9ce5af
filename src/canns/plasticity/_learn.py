"""The one loop that runs every rule: a jitted scan of neuron step, rule step and projection."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import Activity, Neuron
from canns.errors import DivergenceError, ValidationError
from canns.plasticity._projections import Identity, Projection
from canns.plasticity._rule import Memory, Rule
from canns.typing import Array

__all__ = [
    "Learner",
    "apply_rule",
    "check_needs",
    "divergence",
    "healthy",
    "learn",
    "learn_members",
    "learns_at_once",
    "start",
]

# In float32 a weight of 1e10 has a resolution of 1e3: whatever grew there has lost its meaning.
_LARGEST = 1e10


class Learner(NamedTuple):
    """All that learning advances.

    Args:
        weights: W, (out, in).
        memory: What the rule remembers, one array for each of its ``memory_attrs``.
        state: What the neuron remembers.
        activity: The last activity (pre, post).
    """

    weights: Array
    memory: Memory
    state: Any
    activity: tuple[Array, Array]


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
    if not isinstance(learner, Learner):
        learner = start(rule, neuron, learner)
    for part in (rule, neuron, project):
        part.validate()
    check_needs(rule, neuron)
    rows = jnp.asarray(inputs, learner.weights.dtype)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValidationError("inputs", "2-D and non-empty, (T, in)", f"shape {rows.shape}")
    after: Learner
    with nullcontext() if compiled else jax.disable_jit():
        after, fine = _run(rule, neuron, project, learner, rows)
        if not fine:
            step = int(_first_failure(rule, neuron, project, learner, rows))
            raise divergence(rule, first_step + step, rows)
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

    Returns:
        The learners, stacked.
    """
    after: Learner
    after, fine = _run_members(rules, neurons, projects, learners, inputs, shared=shared)
    if not fine.all():
        member = int(np.argmin(fine))
        everyone = (rules, neurons, projects, learners)
        own: Any = jax.tree.map(lambda leaf: leaf[member], everyone)
        rows = inputs if shared else inputs[member]
        name = member if names is None else names[member]
        raise divergence(own[0], int(_first_failure(*own, rows)), rows, f" of member {name}")
    return after


def start(rule: Rule, neuron: Neuron, weights: Array) -> Learner:
    """Return a learner at rest with the given weights."""
    post, pre = (jnp.zeros(size, weights.dtype) for size in weights.shape)
    return Learner(weights, rule.init(weights), neuron.init(weights), (pre, post))


def check_needs(rule: Rule, neuron: Neuron) -> None:
    """Raise where ``rule`` reads a field of the activity that ``neuron`` does not fill."""
    missing = [field for field in rule.needs if field not in neuron.provides]
    if missing:
        raise ValidationError(
            "neuron",
            f"one that provides {', '.join(missing)} for {type(rule).__name__}",
            type(neuron).__name__,
            "A spiking neuron such as LIF does.",
        )


def learns_at_once(rule: Rule, neuron: Neuron, project: Projection) -> bool:
    """Whether learning a data set at once is the same as learning its samples one by one."""
    return rule.additive and neuron.clamped and project.once


def apply_rule(
    rule: Rule, project: Projection, learner: Learner, state: Any, activity: Activity
) -> Learner:
    """Return the learner after ``rule`` answered to ``activity``, its neuron now in ``state``."""
    memory, delta = rule.step(learner.memory, learner.weights, activity)
    weights = project(learner.weights + delta)
    return Learner(weights, memory, state, (activity.pre, activity.post))


def healthy(learner: Learner) -> Array:
    """Whether all that was learnt is finite and its weights are of a meaningful size."""
    # In float32, for half precision cannot even hold the limit. A maximum hands NaN on, and the
    # comparison then fails: one pass over the weights tells both.
    largest = jnp.max(jnp.abs(learner.weights)).astype(jnp.float32)
    others = jax.tree.leaves(learner[1:])
    return jnp.all(jnp.stack([largest <= _LARGEST, *(jnp.isfinite(x).all() for x in others)]))


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
        # The sum over samples is one matrix product: no (samples, N, N) array, no loop.
        state, activity = neuron.step(learner.state, learner.weights, inputs)
        after = apply_rule(rule, project, learner, state, activity)
        after = after._replace(activity=(inputs[-1], inputs[-1]))
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


# Only a failed run is replayed to find its step, so a good one pays nothing for it.
@jax.jit
def _first_failure(
    rule: Rule, neuron: Neuron, project: Projection, learner: Learner, inputs: Array
) -> Array:
    _, fine = _scan(rule, neuron, project, learner, inputs, watch=True)
    return jnp.argmin(jnp.asarray(fine))


def divergence(rule: Rule, step: int, inputs: Any, whose: str = "") -> DivergenceError:
    """Return the error for a run of ``rule`` on ``inputs`` that failed at ``step``."""
    # In double precision, where the squares that bounds are made of do not overflow.
    rows = np.asarray(inputs, np.float64)
    if not np.isfinite(rows).all():
        bound = "The inputs are not finite."
    elif not rows.any():
        bound = "The inputs are all zero, so the weights were out of range before."
    else:
        bound = rule.stability_bound(rows)
    name = type(rule).__name__
    what = f"{name}: the weights{whose} grew past {_LARGEST:g} or became non-finite"
    return DivergenceError(what, step, bound)
