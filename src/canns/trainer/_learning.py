"""The part of a trainer that learns: validate, read, learn, write."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from canns._validation import check_flag, check_matrix, check_size, check_vector
from canns.errors import ValidationError
from canns.models.brain_inspired._binding import Binding, HookBinding, KeepingBinding, bind
from canns.models.brain_inspired._duck import unchanged_on_error, weight_name
from canns.models.brain_inspired._recurrent import as_key
from canns.plasticity import Learner, Monitor, Projection, Recorder, Rule
from canns.trainer._base import check_model
from canns.trainer._recalling import RecallingTrainer
from canns.trainer._record import TrainingRecord, measure_change
from canns.typing import Array

__all__ = ["LearningTrainer"]

_BAR_STEPS = 50


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
    def _plan(self, data: Any) -> tuple[Rule, Projection, NDArray[Any]]:
        """Return rule and constraint from the present attributes, and the checked inputs."""

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
    ) -> TrainingRecord:
        """Show every sample to the model, in order; it goes on from its present state.

        Args:
            data: One sample a row, (T, in), or an iterable of samples.
            epochs: Passes over the data.
            shuffle: Visit the samples in a fresh random order each epoch.
            key: Seed of these orders, an int or a JAX key; None draws one from
                ``brainstate.random``.
            show_progress: Show a progress bar; None follows ``show_iteration_progress``.
            rewards: The reward of each sample, (T,), for a rule that needs one.
            monitor: What to record; None for nothing.

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
            rule, project, inputs = self._plan(data)
            orders = _orders(len(inputs), check_size("epochs", epochs), shuffle, key)
            binding = self._bind(rule, project, inputs)
            remedy = f"{type(self.model).__name__} takes {binding.input_size} values a sample."
            check_matrix("data", inputs[:1], binding.input_size, remedy=remedy)
            samples = inputs, _check_rewards(rewards, len(inputs))
            shown = self.show_iteration_progress if show_progress is None else show_progress
            recorder = None if monitor is None else Recorder(monitor)
            norms: list[NDArray[Any]] = []
            with tqdm(total=epochs * len(inputs), desc="Training", disable=not shown) as bar:
                learner = binding.read()
                for rows in orders:
                    before = learner.weights
                    seen = len(norms) * len(inputs)
                    epoch = samples if rows is None else _rows(samples, rows)
                    learner = self._epoch(
                        binding, rule, project, learner, epoch, seen, bar, recorder
                    )
                    norms.append(measure_change(before, learner.weights))
            measures = binding.measures(rule, learner, inputs)
            binding.write(learner)
        change, norm = np.transpose(norms)
        name = type(rule).__name__
        record = TrainingRecord(name, len(inputs), change, norm, binding.names, measures)
        return record if recorder is None else record.with_history(recorder.history())

    def _bind(
        self, rule: Rule, project: Projection, inputs: NDArray[Any]
    ) -> Binding | HookBinding | KeepingBinding:
        name = weight_name(self.model, self.weight_attr)
        return bind(self.model, rule, project, inputs, name, type(self).__name__)

    def _epoch(
        self,
        binding: Binding | HookBinding | KeepingBinding,
        rule: Rule,
        project: Projection,
        learner: Learner,
        samples: tuple[NDArray[Any], NDArray[Any] | None],
        seen: int,
        bar: Any,
        recorder: Recorder | None,
    ) -> Learner:
        inputs, rewards = samples
        # A bar wants the samples in parts; some rules take them all in one step, and records
        # would end elsewhere in each part, so that each had to be compiled.
        whole = bar.disable or recorder is not None or binding.at_once(rule, project)
        parts = 1 if whole else _BAR_STEPS
        for rows in np.array_split(np.arange(len(inputs)), min(parts, len(inputs))):
            part = slice(rows[0], rows[-1] + 1)
            learner = binding.learn(
                rule,
                project,
                learner,
                inputs[part],
                rewards=None if rewards is None else rewards[part],
                compiled=self.compiled,
                first_step=seen + part.start,
                recorder=recorder,
            )
            bar.update(len(rows))
        return learner


def _rows(samples: Any, rows: NDArray[Any]) -> Any:
    return jax.tree.map(lambda values: values[rows], samples)


def _check_rewards(rewards: Any, num_samples: int) -> NDArray[Any] | None:
    if rewards is None:
        return None
    return check_vector("rewards", rewards, num_samples, remedy="Give one for each sample.")


def _orders(
    num_samples: int, epochs: int, shuffle: bool, key: int | Array | None
) -> Iterator[NDArray[Any] | None]:
    """Return for each epoch the order of its samples, None for as they come."""
    if not check_flag("shuffle", shuffle):
        if key is not None:
            raise ValidationError("key", "None without shuffle=True", repr(key))
        return iter([None] * epochs)
    keys = jax.random.split(as_key(key), epochs)
    return (np.asarray(jax.random.permutation(key, num_samples)) for key in keys)
