"""A group of models that learn and recall together, batched where their shapes agree."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, ClassVar, NamedTuple, TypeGuard, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._validation import check_matrix, check_real, check_size
from canns.dynamics import Neuron, RecallResult, recall_members
from canns.errors import ValidationError
from canns.models.basic import BasicModel, BasicModelGroup
from canns.models.brain_inspired._base import BrainInspiredModel
from canns.models.brain_inspired._binding import Binding
from canns.models.brain_inspired._duck import unchanged_on_error
from canns.models.brain_inspired._presets import plan
from canns.models.brain_inspired._recall import recall_with
from canns.models.brain_inspired._recurrent import RecurrentNetwork, as_key
from canns.plasticity import Learner, Projection, Rule, learn_members
from canns.typing import Array

__all__ = ["BrainInspiredModelGroup"]

T = TypeVar("T")


class _Job(NamedTuple):
    binding: Binding
    rule: Rule
    project: Projection
    inputs: NDArray[Any]

    def parts(self) -> tuple[Rule, Neuron, Projection, Learner]:
        return self.rule, self.binding.neuron, self.project, self.binding.read()


class _Recall(NamedTuple):
    position: int
    network: RecurrentNetwork
    cues: NDArray[Any]
    key: Array

    def shape(self) -> Hashable:
        return jax.tree.structure(self.network.valid_dynamics()), self.cues.shape


class BrainInspiredModelGroup(BasicModelGroup):
    """Models that learn and recall together; members of one shape do so in one compiled call.

    Args:
        *models: The members.
        name: A name for the group.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork
        >>> group = BrainInspiredModelGroup(*(AmariHopfieldNetwork(4) for _ in range(3)))
        >>> group.train(np.array([[1.0, -1.0, 1.0, -1.0]]), rule="hebbian")
        >>> [r.states[0].tolist() for r in group.recall([[-1.0, -1.0, 1.0, -1.0]])][2]
        [1.0, -1.0, 1.0, -1.0]
        >>> len(group), group.names[0], float(group.energy)
        (3, 'AmariHopfieldNetwork_0', -18.0)
    """

    member_type: ClassVar[type[BasicModel]] = BrainInspiredModel
    members: tuple[BrainInspiredModel, ...]

    def __iter__(self) -> Iterator[BrainInspiredModel]:
        return iter(self.members)

    @property
    def energy(self) -> Array:
        """The sum of the members' energies, a scalar."""
        return jnp.sum(jnp.asarray([model.energy for model in self.members]))

    def train(
        self, data: Any, rule: str | Rule = "hebbian", *, project: Projection | None = None
    ) -> None:
        """Train every member, or, where any fails, none.

        Args:
            data: One data set, (T, in), for all, or a sequence with one for each member.
            rule: A rule of :mod:`canns.plasticity`, or the name of one ("hebbian",
                "anti_hebbian", "oja", "sanger", "bcm", "stdp"), which trains as the trainer
                of that name does by default.
            project: Constraint put on the weights after each change; only with a rule that
                is not given by name, whose own constraint comes with it.

        Raises:
            ValidationError: Where data or rule do not fit a member.
            MissingStateError: Where a member lacks a state that the rule needs.
            DivergenceError: Where a member's weights leave the range of meaningful numbers.
        """
        datasets = self._per_member(data)
        jobs = [
            self._job(model, rows, rule, project)
            for model, rows in zip(self.members, datasets, strict=True)
        ]
        shared = all(rows is datasets[0] for rows in datasets)
        with ExitStack() as stack:
            for model in self.members:
                stack.enter_context(unchanged_on_error(model))
            for bucket in _alike(jobs, _learning_shape):
                _train_bucket(bucket, shared)

    def recall(
        self,
        cues: Any,
        *,
        num_iter: int = 20,
        convergence_threshold: float = 1e-10,
        seed: int | Array | None = None,
    ) -> list[RecallResult]:
        """Recall from every cue in every member, which stays in its last cue's final state.

        Args:
            cues: One set of cues, (B, N), for all, or a sequence with one for each member.
            num_iter: The most updates that a cue may take.
            convergence_threshold: Largest move of a neuron in one update that counts as rest.
            seed: Of update orders and noise; None draws one from ``brainstate.random``.

        Returns:
            A result for each member, in order.
        """
        datasets = self._per_member(cues)
        keys = jax.random.split(as_key(seed), len(self))
        limit = check_size("num_iter", num_iter)
        threshold = check_real("convergence_threshold", convergence_threshold, low=0)
        results: dict[int, RecallResult] = {}
        compiled = []
        for i, (model, rows) in enumerate(zip(self.members, datasets, strict=True)):
            if _runs_compiled(model):
                compiled.append(_Recall(i, model, _check_cues(model, rows), keys[i]))
            else:
                results[i] = recall_with(
                    model, model.predict_state_attr, rows, num_iter=limit, threshold=threshold
                )
        for bucket in _alike(compiled, _Recall.shape):
            results.update(_recall_bucket(bucket, limit, threshold))
        return [results[i] for i in range(len(self))]

    def update(self) -> None:
        """Advance every member by one update, from the state that it is in."""
        own = [model for model in self.members if not _runs_compiled(model)]
        for model in own:
            model.update()
        group = BrainInspiredModelGroup(*(model for model in self.members if model not in own))
        if len(group) > 0:
            states = [vars(model)[model.predict_state_attr].value[None] for model in group]
            group.recall(states, num_iter=1)

    def _job(
        self, model: BrainInspiredModel, rows: Any, rule: str | Rule, project: Projection | None
    ) -> _Job:
        chosen, constraint, inputs = plan(model, rows, rule, project)
        binding = Binding(model, chosen, model.weight_attr, type(chosen).__name__)
        for part in (chosen, constraint, binding.neuron):
            part.validate()
        return _Job(binding, chosen, constraint, inputs)

    def _per_member(self, data: Any) -> list[Any]:
        if isinstance(data, np.ndarray | jax.Array):
            data = [*np.asarray(data)] if data.ndim == 3 else data
        elif isinstance(data, Iterable):
            data = list(data)
        if isinstance(data, list) and data and all(np.ndim(rows) == 2 for rows in data):
            if len(data) != len(self):
                expected = f"one data set, or {len(self)}, one for each member"
                raise ValidationError("data", expected, f"{len(data)}")
            return data
        rows = check_matrix("data", data)
        return [rows] * len(self)


def _train_bucket(bucket: list[_Job], shared: bool) -> None:
    if bucket[0].binding.own_forward:
        for job in bucket:
            learner = job.binding.read()
            job.binding.write(job.binding.learn(job.rule, job.project, learner, job.inputs))
        return
    inputs = bucket[0].inputs if shared else np.stack([job.inputs for job in bucket])
    rules, neurons, projects, learners = _stack([job.parts() for job in bucket])
    learners = learn_members(rules, neurons, projects, learners, inputs, shared=shared)
    for i, job in enumerate(bucket):
        job.binding.write(jax.tree.map(lambda leaf, i=i: leaf[i], learners))


def _runs_compiled(model: BrainInspiredModel) -> TypeGuard[RecurrentNetwork]:
    return isinstance(model, RecurrentNetwork) and model.runs_compiled


def _check_cues(network: RecurrentNetwork, rows: Any) -> NDArray[Any]:
    size = network.s.value.shape[0]
    return check_matrix("cues", rows, size, remedy=f"The network has {size} neurons.")


def _recall_bucket(
    bucket: list[_Recall], num_iter: int, threshold: float
) -> dict[int, RecallResult]:
    jobs = [(r.network.valid_dynamics(), r.network.W.value, r.cues, r.key) for r in bucket]
    networks, weights, cues, keys = _stack(jobs)
    found = recall_members(
        networks,
        weights,
        cues,
        keys=keys,
        num_iter=num_iter,
        threshold=threshold,
    )
    for job, result in zip(bucket, found, strict=True):
        job.network.s.value = result.states[-1]
    return {job.position: result for job, result in zip(bucket, found, strict=True)}


def _alike(jobs: Iterable[T], shape: Callable[[T], Hashable]) -> list[list[T]]:
    """Return ``jobs`` in lists of one shape each."""
    buckets: dict[Hashable, list[T]] = defaultdict(list)
    for job in jobs:
        buckets[shape(job)].append(job)
    return [*buckets.values()]


def _stack(trees: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


def _learning_shape(job: _Job) -> Hashable:
    parts = job.parts()
    shapes = tuple(leaf.shape for leaf in jax.tree.leaves(parts[-1]))
    return job.binding.own_forward, jax.tree.structure(parts), shapes, job.inputs.shape
