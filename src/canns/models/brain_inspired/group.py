"""A group of models that learn and recall together, in one call for each shape."""

from collections.abc import Iterator
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from canns._keys import as_key
from canns._validation import as_numpy, check_matrix, check_real, check_size, is_stream, rank
from canns.dynamics import RecallResult
from canns.dynamics.recalling import room_for
from canns.errors import ValidationError
from canns.models.basic import BasicModel, BasicModelGroup
from canns.models.brain_inspired.lookup import box_of, unchanged_on_error
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.models.brain_inspired.recalling import recall_with
from canns.models.brain_inspired.recurrent import RecurrentNetwork, check_trace
from canns.models.training.adapter import adapt
from canns.models.training.planning import plan_rule
from canns.models.training.together import Cues, Lesson, recall_together, train_together
from canns.plasticity import Projection, Rule
from canns.typing import AnyArray, Array, Rows

__all__ = ["BrainInspiredModelGroup"]


class BrainInspiredModelGroup(BasicModelGroup):
    """Models that learn and recall together; members of one shape share one compiled call.

    Args:
        *models: The members.
        name: Name of the group.
        **named: More members, by name: ``BrainInspiredModelGroup(a=net)``. A model assigned to an
            attribute, ``group.b = net``, becomes a member too.

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
        self,
        data: Rows,
        rule: str | Rule = "hebbian",
        *,
        project: Projection | None = None,
        epochs: int | None = None,
    ) -> None:
        """Train every member; if one fails, all stay as they were.

        Args:
            data: One data set, (T, in), for all, or a sequence with one for each member.
            rule: A rule of :mod:`canns.plasticity`, or its name: a key of
                :data:`~canns.plasticity.LAYER_RULES`, or of
                :data:`~canns.plasticity.STORAGE_RULES` for recurrent networks. A name trains as the
                trainer of that name does by default.
            project: Constraint on the weights after each change; only with a rule object, because
                a named rule brings its own.
            epochs: Passes over the data; None for as many as a named rule needs, or 1.

        Raises:
            ValidationError: If the data or the rule do not fit a member.
            MissingStateError: If a member lacks a state that the rule needs.
            DivergenceError: If a member's weights leave the range of meaningful numbers.
        """
        datasets = self._per_member("data", data)
        passes = None if epochs is None else check_size("epochs", epochs)
        shared = all(rows is datasets[0] for rows in datasets)
        with unchanged_on_error(*self.members):
            lessons = [
                _lesson(name, model, rows, rule, project, passes)
                for name, model, rows in zip(self.names, self.members, datasets, strict=True)
            ]
            train_together(lessons, shared)

    def recall(
        self,
        cues: Rows,
        *,
        num_iter: int = 20,
        convergence_threshold: float = 1e-10,
        seed: int | Array | None = None,
    ) -> list[RecallResult]:
        """Recall from every cue in every member; each stays in the final state of its last cue.

        Args:
            cues: One set of cues, (B, N), for all, or a sequence with one for each member.
            num_iter: Maximum number of updates per cue.
            convergence_threshold: A cue has converged if no neuron moves by more in one update.
            seed: Seed of update orders and noise; None draws one from ``brainstate.random``.

        Returns:
            A result for each member, in the order of the members.
        """
        limit = check_size("num_iter", num_iter, low=0)
        threshold = check_real("convergence_threshold", convergence_threshold, low=0)
        results = self._recall(cues, limit, threshold, seed)
        for model, result in zip(self.members, results, strict=True):
            # If an energy is not 0, the weights are not.
            if isinstance(model, RecurrentNetwork) and not result.energies.any():
                model.warn_if_blank()
        return results

    def update(self) -> None:
        """Advance every member by one update from its present state."""
        boxes = [box_of(model, model.predict_state_attr, "update") for model in self.members]
        if boxes:
            self._recall([box.value[None] for box in boxes], 1, 1e-10, None)

    def _recall(
        self, cues: Rows, num_iter: int, threshold: float, seed: int | Array | None
    ) -> list[RecallResult]:
        datasets = [
            _check_cues(model, rows)
            for model, rows in zip(self.members, self._per_member("cues", cues), strict=True)
        ]
        check_trace(num_iter, room_for(num_iter) * sum(map(len, datasets)))
        keys = jax.random.split(as_key(seed), len(self))
        with unchanged_on_error(*self.members):
            return self._recall_each(datasets, keys, num_iter, threshold)

    def _recall_each(
        self, datasets: list[AnyArray], keys: Array, num_iter: int, threshold: float
    ) -> list[RecallResult]:
        results: dict[int, RecallResult] = {}
        compiled = []
        for i, (model, cues) in enumerate(zip(self.members, datasets, strict=True)):
            if isinstance(model, RecurrentNetwork) and model.recalls_by_library:
                compiled.append(Cues(i, model, cues, keys[i]))
            else:
                box = box_of(model, model.predict_state_attr, "recall")
                results[i], _ = recall_with(model, box, cues, num_iter, threshold)
        results |= recall_together(compiled, num_iter, threshold)
        return [results[i] for i in range(len(self))]

    def _per_member(self, name: str, data: Rows) -> list[Rows]:
        """Return a data set for each member; a single data set is for all members."""
        if isinstance(data, np.ndarray | jax.Array):
            sets = [*as_numpy(name, data)] if data.ndim == 3 else None
        elif is_stream(data) or isinstance(data, list | tuple):
            given: list[Any] = [[*rows] if isinstance(rows, Iterator) else rows for rows in data]
            data = given
            sets = given if data and all(rank(name, rows) == 2 for rows in data) else None
        else:
            sets = None
        if sets is None:
            return [check_matrix(name, data)] * len(self)
        if len(sets) != len(self):
            expected = f"one data set, or {len(self)}, one for each member"
            raise ValidationError(name, expected, f"{len(sets)}")
        return sets


def _lesson(
    name: str,
    model: BrainInspiredModel,
    rows: Rows,
    rule: str | Rule,
    project: Projection | None,
    epochs: int | None,
) -> Lesson:
    member = adapt(model)
    data = check_matrix("data", rows)
    plan = plan_rule(member, rule, data, project=project, weight_attr=model.weight_attr)
    plan = plan if epochs is None else plan._replace(epochs=epochs)
    return Lesson(name, member, member.accept(plan))


def _check_cues(model: BrainInspiredModel, rows: Rows) -> AnyArray:
    if isinstance(model, RecurrentNetwork):
        return model.check_states("cues", rows)
    size = box_of(model, model.predict_state_attr, "recall").value.shape[0]
    return check_matrix("cues", rows, size, remedy=f"The network has {size} neurons.")
