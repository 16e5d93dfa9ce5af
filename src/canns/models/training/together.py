"""Training and recall of many models: those of one shape are stacked and run in one call."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import RecallResult, Synapses, recall_members
from canns.errors import DivergenceError
from canns.models.brain_inspired.learnable import Learnable
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.models.training.silence import Fault, fault_of, warn_of_members
from canns.plasticity import learn_members
from canns.plasticity.learning import Plan
from canns.typing import AnyArray, Array, PyTree

__all__ = ["Cues", "Lesson", "recall_together", "repeat", "stack", "train_together"]

T = TypeVar("T")


class Lesson(NamedTuple):
    """A member and the plan by which it is to learn.

    Args:
        name: Name of the member, for error messages.
        member: The model, adapted.
        plan: The plan, which the model has accepted.
    """

    name: str
    member: Learnable
    plan: Plan

    @property
    def alone(self) -> bool:
        """Whether the member runs code of its own, stores patterns, or has synapses of its own."""
        sparse = isinstance(self.plan.start.weights, Synapses)
        return sparse or self.member.obstacle(self.plan) is not None

    def shape(self) -> Hashable:
        """Return a key that is equal for lessons that can run in one call."""
        if self.alone:
            return id(self)
        parts = self.plan.setup, self.plan.start
        shapes = tuple(jnp.shape(leaf) for leaf in jax.tree.leaves(parts))
        return jax.tree.structure(parts), shapes, self.plan.inputs.shape, self.plan.epochs


class Cues(NamedTuple):
    """The cues of one member.

    Args:
        position: Position of the member in the group.
        network: The member.
        cues: One cue per row, (B, N).
        key: The JAX key of its update order and noise.
    """

    position: int
    network: RecurrentNetwork
    cues: AnyArray
    key: Array

    def shape(self) -> Hashable:
        """Return a key that is equal for recalls that can run in one call."""
        parts = self.network.valid_dynamics(), self.network.W.value
        leaves = tuple(jnp.shape(leaf) for leaf in jax.tree.leaves(parts))
        return jax.tree.structure(parts), leaves, self.cues.shape


def train_together(lessons: list[Lesson], shared: bool) -> None:
    """Carry out every plan and write what was learnt; plans of one shape run in one call.

    Args:
        lessons: The members and their plans.
        shared: Whether all members learn the same data set.
    """
    faults: dict[str, Fault | None] = {}
    for bucket in _alike(lessons, Lesson.shape):
        plan = bucket[0].plan
        if bucket[0].alone:
            faults[bucket[0].name] = _train_alone(bucket[0])
            continue
        learners = stack([lesson.plan.start for lesson in bucket])
        setups = stack([lesson.plan.setup for lesson in bucket])
        inputs = plan.inputs if shared else np.stack([lesson.plan.inputs for lesson in bucket])
        for epoch in range(plan.epochs):
            learners = learn_members(
                setups,
                learners,
                inputs,
                shared=shared,
                names=[lesson.name for lesson in bucket],
                first_step=epoch * len(plan.inputs),
            )
        for i, lesson in enumerate(bucket):
            learner = jax.tree.map(lambda leaf, i=i: leaf[i], learners)
            faults[lesson.name] = fault_of(lesson.member, lesson.plan, learner.weights)
            lesson.member.write(lesson.plan, learner)
    names = [lesson.name for lesson in lessons]
    warn_of_members(names, [faults[name] for name in names])


def _train_alone(lesson: Lesson) -> Fault | None:
    """Carry out the plan of a model that cannot learn together with others."""
    name, member, plan = lesson
    learner = plan.start
    for epoch in range(plan.epochs):
        try:
            learner = member.learn(plan, learner, plan.inputs, first_step=epoch * len(plan.inputs))
        except DivergenceError as error:
            raise error.of(f"member {name}") from error
    fault = fault_of(member, plan, learner.weights)
    member.write(plan, learner)
    return fault


def recall_together(cues: list[Cues], num_iter: int, threshold: float) -> dict[int, RecallResult]:
    """Recall all cues, with one call per shape, and return the results by position."""
    results: dict[int, RecallResult] = {}
    for bucket in _alike(cues, Cues.shape):
        parts = [(each.network.valid_dynamics(), each.network.W.value, each.key) for each in bucket]
        networks, weights, keys = stack(parts)
        found = recall_members(
            networks,
            weights,
            np.stack([each.cues for each in bucket]),
            keys=keys,
            num_iter=num_iter,
            threshold=threshold,
        )
        for each, result in zip(bucket, found, strict=True):
            each.network.s.value = np.asarray(result.states)[-1]
            results[each.position] = result
    return results


def _alike(members: Iterable[T], shape: Callable[[T], Hashable]) -> list[list[T]]:
    """Return lists of members with equal shapes."""
    buckets: dict[Hashable, list[T]] = defaultdict(list)
    for member in members:
        buckets[shape(member)].append(member)
    return [*buckets.values()]


def stack(trees: list[PyTree]) -> PyTree:
    """Return trees of one structure as one tree with a leading axis on each leaf."""
    return jax.tree.map(lambda *leaves: jnp.stack([*map(jnp.asarray, leaves)]), *trees)


def repeat(tree: PyTree, times: int) -> PyTree:
    """Return a stacked tree whose members are repeated ``times`` over, as a whole."""
    return jax.tree.map(lambda leaf: jnp.tile(leaf, (times,) + (1,) * (leaf.ndim - 1)), tree)
