"""What a rule does to a network: runs of many tasks by many candidate rules, and their losses."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._precision import full_precision
from canns.inference.trajectory import frozen
from canns.inference.unknowns import Unknown, setup_at
from canns.plasticity import Learner, Setup
from canns.plasticity.learning import Samples, advance, output
from canns.typing import Array, PyTree

__all__ = ["Objective", "Outcome", "Tasks", "losses"]


class Outcome(NamedTuple):
    """What an objective judges: one task, after the network has learnt it.

    Args:
        weights: The weights after the last sample, (out, in), or parts of them.
        start_weights: The weights before the first.
        inputs: The samples, (T, in).
        outputs: The output at each, while the network learnt, (T, out).
    """

    weights: PyTree
    start_weights: PyTree
    inputs: Array
    outputs: Array


#: A function of an :class:`Outcome`, in ``jax.numpy``: the smaller, the better the rule.
Objective = Callable[[Outcome], Array]


class Tasks(NamedTuple):
    """Tasks of the same length.

    Args:
        inputs: The samples, (E, T, in).
        start: The start weights, with a leading axis E.
        key: The JAX key of the neurons' noise.
    """

    inputs: Array
    start: PyTree
    key: Array


def losses(
    setup: Setup,
    unknowns: tuple[Unknown, ...],
    theta: Array,
    tasks: Tasks,
    length: Array,
    objective: Objective,
) -> tuple[Array, Array]:
    """Return the loss of each task under one candidate rule, (E,), and if it stayed in range.

    Args:
        setup: The rule, neuron and constraint.
        unknowns: The unknown numbers of the rule.
        theta: Their values, as real numbers without bounds, (P,).
        tasks: The tasks.
        length: Number of samples to learn; after it weights and outputs stay as they are.
        objective: What judges the outcome.
    """
    own = setup_at(setup, unknowns, theta)
    keys = jax.random.split(tasks.key, len(tasks.inputs))
    run = partial(_loss, own, length, objective)
    found: tuple[Array, Array] = jax.vmap(run)(tasks.inputs, tasks.start, keys)
    return found


@full_precision
def _loss(
    setup: Setup, length: Array, objective: Objective, inputs: Array, start: PyTree, key: Array
) -> tuple[Array, Array]:
    learner = setup.start(start)
    learner = learner._replace(state=setup.neuron.seeded(learner.state, key))

    def sample(carry: tuple[Learner, Array], at: tuple[Array, Array]) -> tuple[PyTree, Array]:
        before, fine = carry
        i, x = at
        after = advance(setup, before, Samples(x))
        kept, fine = frozen(before, after, fine, i < length)
        return (kept, fine), output(kept)

    steps = jnp.arange(len(inputs))
    (after, fine), outputs = jax.lax.scan(sample, (learner, jnp.asarray(True)), (steps, inputs))
    loss = objective(Outcome(after.weights, start, inputs, outputs))
    return jnp.where(fine, loss, jnp.inf), fine
