"""Members of one shape, stacked and run in one compiled call."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import RecallResult, recall_members
from canns.models.brain_inspired.learnable import Learnable
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.plasticity import learn_members
from canns.plasticity.learning import Plan
from canns.typing import Array

__all__ = ["Cues", "Lesson", "recall_together", "repeat", "stack", "train_together"]

T = TypeVar("T")


class Lesson(NamedTuple):
    """What one member is to learn, and how."""

    name: str
    member: Learnable
    plan: Plan

    def shape(self) -> Hashable:
        """Return what lessons that run together have in common."""
        if self.member.obstacle(self.plan):
            return id(self)
        parts = self.plan.setup, self.plan.start
        shapes = tuple(jnp.shape(leaf) for leaf in jax.tree.leaves(parts))
        return jax.tree.structure(parts), shapes, self.plan.inputs.shape, self.plan.epochs


class Cues(NamedTuple):
    """What one member is to recall."""

    position: int
    network: RecurrentNetwork
    cues: NDArray[Any]
    key: Array

    def shape(self) -> Hashable:
        """Return what recalls that run together have in common."""
        parts = self.network.valid_dynamics(), self.network.W.value
        leaves = tuple(jnp.shape(leaf) for leaf in jax.tree.leaves(parts))
        return jax.tree.structure(parts), leaves, self.cues.shape


def train_together(lessons: list[Lesson], shared: bool) -> None:
    """Carry out every plan and write what was learnt, those of one shape together.

    Args:
        lessons: What each member is to learn.
        shared: Whether all were given the same data set.
    """
    for bucket in _alike(lessons, Lesson.shape):
        member, plan = bucket[0].member, bucket[0].plan
        if member.obstacle(plan):
            _train_alone(member, plan)
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
            lesson.member.write(lesson.plan, jax.tree.map(lambda leaf, i=i: leaf[i], learners))


def _train_alone(member: Learnable, plan: Plan) -> None:
    """Carry out the plan of a model that runs code of its own, or keeps patterns."""
    learner = plan.start
    for epoch in range(plan.epochs):
        learner = member.learn(plan, learner, plan.inputs, first_step=epoch * len(plan.inputs))
    member.write(plan, learner)


def recall_together(cues: list[Cues], num_iter: int, threshold: float) -> dict[int, RecallResult]:
    """Recall all, those of one shape together; return the results by position."""
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
    """Return the members in lists of one shape each."""
    buckets: dict[Hashable, list[T]] = defaultdict(list)
    for member in members:
        buckets[shape(member)].append(member)
    return [*buckets.values()]


def stack(trees: list[Any]) -> Any:
    """Return trees of one structure as one, each leaf with a leading axis."""
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


def repeat(tree: Any, times: int) -> Any:
    """Return a stacked tree, repeated as a whole."""
    return jax.tree.map(lambda leaf: jnp.tile(leaf, (times,) + (1,) * (leaf.ndim - 1)), tree)
