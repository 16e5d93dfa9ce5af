"""The trainer of any rule."""

from typing import Any

from numpy.typing import NDArray

from canns.dynamics import Neuron
from canns.models.brain_inspired.binding import Binding
from canns.models.brain_inspired.bindings import KeepingBinding, bind
from canns.models.brain_inspired.duck import weight_name
from canns.models.brain_inspired.recipe import recipe_of
from canns.plasticity import Monitor, Projection, Recipe, Rule
from canns.trainer._base import check_model
from canns.trainer.checkpoint import Checkpoint
from canns.trainer.learning import LearningTrainer
from canns.trainer.record import TrainingRecord
from canns.typing import Array

__all__ = ["RuleTrainer"]


class RuleTrainer(LearningTrainer):
    """Train a model by any rule of :mod:`canns.plasticity`.

    Args:
        model: A layer or network of the library, or any object with a ``.value`` box of
            weights, (out, in), and the states that the rule needs. A ``forward(x)`` of its own
            is used as it is written.
        rule: The rule, or its name, with the numbers and the constraint that the literature has:
            a key of :data:`~canns.plasticity.LAYER_RULES`, or, for a recurrent network, of
            :data:`~canns.plasticity.STORAGE_RULES`.
        project: Constraint put on the weights after each change; None for none. Only with a rule
            that is not given by name.
        neuron: What a recurrent network learns with, such as
            :class:`~canns.dynamics.Successive`; it starts from rest at each :meth:`train`. None
            for neurons held at the sample. Only with a rule that is not given by name.
        **options: ``weight_attr``, ``compiled`` (training), ``state_attr``,
            ``show_iteration_progress``, ``compiled_prediction``.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
        >>> from canns.plasticity import Oja, UnitRows
        >>> layer = LinearLayer(2, 1)
        >>> record = RuleTrainer(layer, Oja(0.1), UnitRows()).train(np.array([[1.0, 0.0]] * 200))
        >>> bool(abs(layer.W.value[0, 0]) > 0.999), record.num_samples
        (True, 200)
        >>> patterns = np.array([[1.0, 1.0, 1.0, -1.0], [1.0, -1.0, 1.0, 1.0]])
        >>> record = RuleTrainer(AmariHopfieldNetwork(4), "adatron").train(patterns)
        >>> record.measures["kappa"].round(3).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        model: Any,
        rule: Rule | str,
        project: Projection | None = None,
        *,
        neuron: Neuron | None = None,
        **options: Any,
    ) -> None:
        super().__init__(model, **options)
        self.rule = rule
        self.project = project
        self.neuron = neuron

    def train(
        self,
        data: Any,
        *,
        epochs: int | None = None,
        shuffle: bool = False,
        key: int | Array | None = None,
        show_progress: bool | None = None,
        rewards: Any = None,
        monitor: Monitor | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> TrainingRecord:
        """Show every sample to the model, in order; it goes on from its present state.

        Args:
            data: See :meth:`LearningTrainer.train`.
            epochs: Passes over the data; None for as many as a named rule needs, and else 1.
            shuffle: See :meth:`LearningTrainer.train`.
            key: See :meth:`LearningTrainer.train`.
            show_progress: See :meth:`LearningTrainer.train`.
            rewards: See :meth:`LearningTrainer.train`.
            monitor: See :meth:`LearningTrainer.train`.
            checkpoint: See :meth:`LearningTrainer.train`.

        Returns:
            What changed, per epoch, and what the monitor has recorded.

        Raises:
            ValidationError: Where an argument is out of range, or the rule does not suit the model.
            MissingStateError: Where the model lacks a state that the rule needs.
            DivergenceError: Where the weights leave the range of meaningful numbers.
                Whatever is raised, the model is as it was.
        """
        check_model(self.model)
        return super().train(
            data,
            epochs=self._recipe().epochs if epochs is None else epochs,
            shuffle=shuffle,
            key=key,
            show_progress=show_progress,
            rewards=rewards,
            monitor=monitor,
            checkpoint=checkpoint,
        )

    def _recipe(self) -> Recipe:
        return recipe_of(
            self.model, self.rule, self.project, self.neuron, weight_attr=self.weight_attr
        )

    def _plan(self, data: NDArray[Any]) -> tuple[Rule, Projection, NDArray[Any]]:
        return self._recipe().plan(data)

    def _reads_all(self) -> str | None:
        return "" if self._recipe().reads_all else None

    def _bind(
        self, rule: Rule, project: Projection, inputs: NDArray[Any]
    ) -> Binding | KeepingBinding:
        name = weight_name(self.model, self.weight_attr)
        neuron = self._recipe().neuron
        return bind(self.model, rule, project, inputs, name, type(self).__name__, neuron)
