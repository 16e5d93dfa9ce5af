"""The part of a trainer that learns: validate, read, learn, write."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canns._validation import check_flag, check_matrix, check_size, check_vector
from canns.errors import ValidationError
from canns.models.brain_inspired.bindings import AnyBinding, bind
from canns.models.brain_inspired.duck import unchanged_on_error, weight_name
from canns.plasticity import Monitor, Projection, Recorder, Rule
from canns.trainer._base import check_model
from canns.trainer.checkpoint import Checkpoint
from canns.trainer.course import Course
from canns.trainer.orders import orders_of
from canns.trainer.recalling import RecallingTrainer
from canns.trainer.record import TrainingRecord
from canns.trainer.source import Held, open_source
from canns.typing import Array

__all__ = ["LearningTrainer"]


class LearningTrainer(RecallingTrainer):
    """A trainer that runs a rule, built anew from its attributes at each :meth:`train`.

    A subclass defines :meth:`_plan`.

    Args:
        model: The model.
        weight_attr: Name of the weight box; None for the model's own ``weight_attr``.
        compiled: Train in compiled code; False runs the same code un-jitted.
        **options: Those of :class:`RecallingTrainer`.
    """

    def __init__(
        self,
        model: Any,
        *,
        weight_attr: str | None = None,
        compiled: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(model, **options)
        self.weight_attr = weight_attr
        self.compiled = check_flag("compiled", compiled)

    @abstractmethod
    def _plan(self, data: NDArray[Any]) -> tuple[Rule, Projection, NDArray[Any]]:
        """Return rule and constraint from the present attributes, and the inputs.

        Args:
            data: The samples, checked, (T, in); of a stream its first chunk.
        """

    def train(
        self,
        data: Any,
        *,
        epochs: int = 1,
        shuffle: bool = False,
        key: int | Array | None = None,
        show_progress: bool | None = None,
        rewards: Any = None,
        monitor: Monitor | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> TrainingRecord:
        """Show every sample to the model, in order; it goes on from its present state.

        Args:
            data: One sample a row, (T, in), or an iterable of samples. An iterable or ``np.memmap``
                of any length is read in chunks, of as many samples as make 2^22 numbers but from
                256 to 4096; what is learnt is the same to the last bit.
            epochs: Passes over the data; an iterator longer than a chunk allows one.
            shuffle: Visit the samples in a fresh random order each epoch. A stream cannot be;
                ``np.memmap`` is then read row by row, here and there.
            key: Seed of these orders, an int or a JAX key; None draws one from
                ``brainstate.random``.
            show_progress: Show a progress bar; None follows ``show_iteration_progress``.
            rewards: The reward of each sample, (T,), for a rule that needs one.
            monitor: What to record; None for nothing. After a checkpoint it begins there.
            checkpoint: A file to write what is learnt to, and to go on from; None for none.

        Returns:
            What changed, per epoch, and what the monitor has recorded.

        Raises:
            ValidationError: Where an argument is out of range.
            MissingStateError: Where the model lacks a state that the rule needs.
            DivergenceError: Where the weights leave the range of meaningful numbers.
                Whatever is raised, the model is as it was.
        """
        check_model(self.model)
        with unchanged_on_error(self.model):
            source = open_source(data)
            rule, project, inputs = self._plan(source.head)
            if source.complete:
                source = Held(inputs)
            orders = orders_of(source, check_size("epochs", epochs), shuffle, key)
            if checkpoint is not None and shuffle and key is None:
                expected = "given where a checkpoint is, which goes on in the same orders"
                raise ValidationError("key", expected, "None")
            binding = self._bind(rule, project, inputs)
            remedy = f"{type(self.model).__name__} takes {binding.input_size} values a sample."
            check_matrix("data", inputs[:1], binding.input_size, remedy=remedy)
            course = Course(
                binding,
                rule,
                project,
                source,
                _check_rewards(rewards, source.num_samples),
                self.compiled,
                self.show_iteration_progress if show_progress is None else show_progress,
                None if monitor is None else Recorder(monitor),
                checkpoint,
            )
            course.check(self._reads_all())
            end = course.run(orders)
            measures = binding.measures(rule, end.learner, inputs)
            binding.write(end.learner)
        change, norm = np.transpose(end.norms)
        name = type(rule).__name__
        record = TrainingRecord(name, end.position, change, norm, binding.names, measures)
        recorder = course.recorder
        return record if recorder is None else record.with_history(recorder.history())

    def _reads_all(self) -> str | None:
        """Return None where the plan is the same for any part of the data, else what to do."""
        return None

    def _bind(self, rule: Rule, project: Projection, inputs: NDArray[Any]) -> AnyBinding:
        name = weight_name(self.model, self.weight_attr)
        return bind(self.model, rule, project, inputs, name, type(self).__name__)


def _check_rewards(rewards: Any, num_samples: int | None) -> NDArray[Any] | None:
    if rewards is None:
        return None
    return check_vector("rewards", rewards, num_samples, remedy="Give one for each sample.")
