"""Members of one shape, stacked and run in one compiled call."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import Neuron, RecallResult, recall_members
from canns.models.brain_inspired.binding import Binding
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.plasticity import Learner, Projection, Rule, learn_members
from canns.typing import Array

__all__ = ["LearningJob", "RecallJob", "recall_jobs", "stack", "train_jobs"]

T = TypeVar("T")


class LearningJob(NamedTuple):
    name: str
    binding: Binding
    rule: Rule
    project: Projection
    inputs: NDArray[Any]
    epochs: int

    def parts(self) -> tuple[Rule, Neuron, Projection, Learner]:
        return self.rule, self.binding.neuron, self.project, self.binding.read()


class RecallJob(NamedTuple):
    position: int
    network: RecurrentNetwork
    cues: NDArray[Any]
    key: Array

    def shape(self) -> Hashable:
        parts = self.network.valid_dynamics(), self.network.W.value
        leaves = tuple(jnp.shape(leaf) for leaf in jax.tree.leaves(parts))
        return jax.tree.structure(parts), leaves, self.cues.shape


def train_jobs(jobs: list[LearningJob], shared: bool) -> None:
    """Run every job and write what was learnt, those of one shape together.

    Args:
        jobs: What each member is to learn.
        shared: Whether all were given the same data set.
    """
    for bucket in _alike(jobs, _learning_shape):
        _train_bucket(bucket, shared)


def recall_jobs(jobs: list[RecallJob], num_iter: int, threshold: float) -> dict[int, RecallResult]:
    """Run every job, those of one shape together; return the results by position."""
    results: dict[int, RecallResult] = {}
    for bucket in _alike(jobs, RecallJob.shape):
        results |= _recall_bucket(bucket, num_iter, threshold)
    return results


def _train_bucket(bucket: list[LearningJob], shared: bool) -> None:
    if bucket[0].binding.own_forward:
        for job in bucket:
            _train_alone(job)
        return
    inputs = bucket[0].inputs if shared else np.stack([job.inputs for job in bucket])
    rules, neurons, projects, learners = stack([job.parts() for job in bucket])
    for epoch in range(bucket[0].epochs):
        learners = learn_members(
            rules,
            neurons,
            projects,
            learners,
            inputs,
            shared=shared,
            names=[job.name for job in bucket],
            first_step=epoch * len(bucket[0].inputs),
        )
    for i, job in enumerate(bucket):
        job.binding.write(jax.tree.map(lambda leaf, i=i: leaf[i], learners))


def _train_alone(job: LearningJob) -> None:
    learner = job.binding.read()
    for epoch in range(job.epochs):
        seen = epoch * len(job.inputs)
        learner = job.binding.learn(job.rule, job.project, learner, job.inputs, first_step=seen)
    job.binding.write(learner)


def _recall_bucket(
    bucket: list[RecallJob], num_iter: int, threshold: float
) -> dict[int, RecallResult]:
    jobs = [(r.network.valid_dynamics(), r.network.W.value, r.key) for r in bucket]
    networks, weights, keys = stack(jobs)
    cues = np.stack([r.cues for r in bucket])
    found = recall_members(
        networks,
        weights,
        cues,
        keys=keys,
        num_iter=num_iter,
        threshold=threshold,
    )
    for job, result in zip(bucket, found, strict=True):
        job.network.s.value = np.asarray(result.states)[-1]
    return {job.position: result for job, result in zip(bucket, found, strict=True)}


def _alike(jobs: Iterable[T], shape: Callable[[T], Hashable]) -> list[list[T]]:
    """Return ``jobs`` in lists of one shape each."""
    buckets: dict[Hashable, list[T]] = defaultdict(list)
    for job in jobs:
        buckets[shape(job)].append(job)
    return [*buckets.values()]


def stack(trees: list[Any]) -> Any:
    """Return trees of one structure as one, each leaf with a leading axis."""
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


def _learning_shape(job: LearningJob) -> Hashable:
    parts = job.parts()
    shapes = tuple(leaf.shape for leaf in jax.tree.leaves(parts[-1]))
    return (
        job.binding.own_forward,
        jax.tree.structure(parts),
        shapes,
        job.inputs.shape,
        job.epochs,
    )
