"""The base class of trainers that learn by a plan."""

import dataclasses
from abc import abstractmethod
from typing import Any, Literal, TypeAlias, Unpack

import jax
import numpy as np

from canns._memory import check_memory
from canns._names import renamed
from canns._validation import check_choice, check_flag, check_size, check_vector
from canns._warnings import collected_warnings
from canns.errors import ValidationError
from canns.models.training import (
    Learnable,
    Silence,
    adapt,
    silence_of,
    unchanged_on_error,
    warn_if_saturated,
    weight_name,
)
from canns.plasticity import Bounds, Monitor, Projection, Recorder, Rule, Setup
from canns.plasticity.learning import METHODS, Method, Plan
from canns.trainer.callbacks import Every, TrainingCallback, callbacks_of
from canns.trainer.checkpoint import Checkpoint
from canns.trainer.data import open_source
from canns.trainer.orders import orders_of
from canns.trainer.recalling import RecallingTrainer, RecallOptions
from canns.trainer.record import TrainingRecord
from canns.trainer.run import TrainingRun
from canns.typing import AnyArray, Array, Row, Rows

__all__ = ["LearningTrainer", "Rate", "SteppingOptions", "TrainingOptions"]

#: A learning rate, or "auto" for the one that theory gives for the rule and the data.
Rate: TypeAlias = float | Literal["auto"]

_MANY = 1 << 20  # epochs above which free memory is checked
_OF_AN_EPOCH = 64  # bytes that the record of an epoch takes, copies included


class SteppingOptions(RecallOptions, total=False):
    """The keyword options of trainers of spiking layers."""

    method: Method


class TrainingOptions(SteppingOptions, total=False):
    """The keyword options of :class:`LearningTrainer`."""

    weight_attr: str | None
    compiled: bool


class LearningTrainer(RecallingTrainer):
    """A trainer that makes a plan, by :meth:`_plan`, and carries it out, by :meth:`train`.

    Args:
        model: The model.
        weight_attr: Name of the weights box; None for the model's own ``weight_attr``.
        compiled: Train in compiled code; False runs the same code un-jitted.
        method: "dense" changes all weights in every step, "events" only those of inputs and
            neurons that spike, with the same result up to rounding; "auto" takes the faster one.
            See :class:`~canns.plasticity.Setup`.
        **options: Options of :class:`RecallingTrainer`.
    """

    def __init__(
        self,
        model: object,
        *,
        weight_attr: str | None = None,
        compiled: bool = True,
        method: Method = "auto",
        **options: Unpack[RecallOptions],
    ) -> None:
        super().__init__(model, **options)
        self.weight_attr = weight_attr
        self.method: Method = check_choice("method", method, METHODS)
        self.compiled = check_flag("compiled", compiled)

    @abstractmethod
    def _plan(self, model: Learnable, data: AnyArray) -> Plan:
        """Return the plan of the trainer's rule; called by each :meth:`train`.

        Args:
            model: The model, adapted.
            data: The checked samples, (T, in); the first chunk of a stream.
        """

    @renamed(data="train_data", key="seed")
    def train(
        self,
        train_data: Rows,
        *,
        epochs: int | None = None,
        shuffle: bool = False,
        seed: int | Array | None = None,
        show_progress: bool | None = None,
        rewards: Row | None = None,
        monitor: Monitor | None = None,
        checkpoint: Checkpoint | None = None,
        on_epoch: TrainingCallback | None = None,
        on_step: TrainingCallback | Every | None = None,
    ) -> TrainingRecord:
        """Train the model on every sample, in order, from the model's present state.

        Args:
            train_data: One sample per row, (T, in); a sparse matrix of SciPy;
                :class:`~canns.task.SpikeTrains`; or an iterable of samples, or of chunks of any
                lengths. All but arrays in memory are read in chunks: as many samples as make 2^22
                numbers, but from 256 to 4096. The result is the same as in memory, to the last bit;
                but under ``method="auto"`` a spiking layer of 65536 weights or more may go by
                events in the one and not in the other, and then differs by rounding.
            epochs: Passes over the data; None for as many as a named rule needs, or 1. An iterator
                longer than a chunk allows one.
            shuffle: Visit the samples in a fresh random order in each epoch. A stream cannot be
                shuffled; other data are then read row by row, in that order.
            seed: Seed of these orders, an int or a JAX key; None draws one from
                ``brainstate.random``.
            show_progress: Show a progress bar; None follows ``show_iteration_progress``.
            rewards: The reward of each sample, (T,), for a rule that needs one.
            monitor: What to record; None for nothing. A resumed run records from its checkpoint on.
            checkpoint: The file to write what is learnt to, and to resume from; None for no file.
            on_epoch: Called with a :class:`TrainingProgress` after each epoch. If it raises
                :class:`StopIteration`, the run ends there, and what was learnt is kept.
            on_step: The same after each sample, or after as many as :class:`Every` says. Samples
                between two calls run in one compiled call.

        Returns:
            The changes in each epoch, and the records of the monitor.

        Raises:
            ValidationError: If an argument is out of range, or the parts do not fit each other.
            MissingStateError: If the model lacks a state that the rule needs.
            DivergenceError: If the weights leave the range of meaningful numbers.
                After any error the model is as it was before.
        """
        model = self._adapted()
        if checkpoint is not None:
            _check_checkpoint(checkpoint)
        callbacks = None
        if on_epoch is not None or on_step is not None:
            callbacks = callbacks_of(on_epoch, on_step)
        with unchanged_on_error(self.model), collected_warnings() as notes:
            source = open_source(train_data)
            plan = self._plan(model, source.head)
            if self.method != "auto":
                setup: Any = plan.setup
                plan = plan._replace(setup=dataclasses.replace(setup, method=self.method))
            checked = None
            if rewards is not None:
                remedy = "Give one for each sample."
                checked = check_vector("rewards", rewards, source.num_samples, remedy=remedy)
            plan = model.accept(plan, checked)
            if source.dt is not None:
                plan.setup.check_step_of_data("train_data", source.dt)
            if source.complete:  # the plan may have changed the samples, such as centred them
                source.head = plan.inputs
            passes = plan.epochs if epochs is None else check_size("epochs", epochs)
            if passes > _MANY:
                what, remedy = "a record of each epoch", "Train fewer epochs at a time."
                check_memory("epochs", _OF_AN_EPOCH * passes, what, remedy)
            orders = orders_of(source, passes, shuffle, seed)
            if checkpoint is not None and shuffle and seed is None:
                expected = "given with a checkpoint, which goes on in the same orders"
                raise ValidationError("seed", expected, "None")
            shown = self.show_iteration_progress
            if show_progress is not None:
                shown = check_flag("show_progress", show_progress)
            recorder = None if monitor is None else Recorder(monitor)
            watchers = shown, recorder, checkpoint, callbacks
            run = TrainingRun(model, plan, source, checked, self.compiled, *watchers)
            run.check()
            end = run.run(orders)
            measures = {}
            if plan.setup.rule.shown == "whole":  # only such rules have measures
                measures = model.measures(plan, end.learner)
            change, norm = np.transpose(end.norms)
            silence = Silence()
            if not change.any():
                silence = silence_of(model, plan, norm[-1])
            elif type(plan.setup.project) is Bounds and end.learner.weights.size > 1:
                warn_if_saturated(plan.setup.project, end.learner.weights)
            model.write(plan, end.learner)
        rule = type(plan.setup.rule).__name__
        changed = tuple(jax.tree.leaves(plan.places[:3]))  # weights, memory and state
        count = end.epoch_length if end.stopped else end.position
        facts = rule, count, change, norm, changed, measures
        record = TrainingRecord(
            *facts,
            warnings=tuple(notes),
            silence=silence,
            stopped_at=end.seen if end.stopped else None,
        )
        return record if recorder is None else record.with_history(recorder.history())

    def _adapted(self) -> Learnable:
        """Return the model as a :class:`Learnable`, in an adapter if it is not of the library."""
        return adapt(self.model, needed_by=type(self).__name__)

    def _plan_for(
        self,
        model: Learnable,
        rule: Rule,
        project: Projection,
        data: AnyArray,
        weight_attr: str | None = None,
    ) -> Plan:
        """Return the plan for a rule and a constraint, with the model's own neuron."""
        name = weight_attr or weight_name(self.model, self.weight_attr)
        trainer = type(self).__name__
        setup = Setup(rule, model.learning_neuron(None, name, trainer), project)
        return Plan(setup, data, weight_attr=name, needed_by=trainer)


def _check_checkpoint(given: object) -> None:
    if not isinstance(given, Checkpoint):
        remedy = "Give Checkpoint(path)."
        raise ValidationError("checkpoint", "a Checkpoint or None", repr(given), remedy)
