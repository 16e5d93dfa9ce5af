"""The base class of trainers that learn by energy."""

from abc import abstractmethod
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypedDict

import jax
import numpy as np

from canns._callbacks import check_callback
from canns._validation import check_flag, check_matrix, refuse_class
from canns._warnings import collected_warnings
from canns.energy import EnergyProgress, EnergyRule, learn_energy
from canns.errors import ValidationError
from canns.models.brain_inspired import EnergyModel
from canns.models.training import unchanged_on_error
from canns.trainer._base import Trainer
from canns.trainer.callbacks import TrainingCallback, TrainingProgress
from canns.trainer.progress import bar_of
from canns.trainer.record import TrainingRecord
from canns.typing import Array, Row, Rows

__all__ = ["EnergyTrainer", "EnergyTrainerOptions"]


class EnergyTrainerOptions(TypedDict, total=False):
    """The keyword options of :class:`EnergyTrainer`."""

    compiled: bool
    show_iteration_progress: bool
    compiled_prediction: bool


class EnergyTrainer(Trainer):
    """A trainer that shows mini-batches to a model with an energy.

    A subclass keeps the hyperparameters of its rule as attributes, and makes the rule of them in
    :meth:`rule`.

    Args:
        model: The model.
        compiled: Train in compiled code; False runs the same code un-jitted.
        show_iteration_progress: Show a progress bar while training.
        compiled_prediction: Predict in compiled code; False runs the same code un-jitted.
    """

    def __init__(
        self,
        model: EnergyModel,
        *,
        compiled: bool = True,
        show_iteration_progress: bool = False,
        compiled_prediction: bool = True,
    ) -> None:
        super().__init__(
            model,
            show_iteration_progress=show_iteration_progress,
            compiled_prediction=compiled_prediction,
        )
        refuse_class("model", "a model with an energy", model)
        self.compiled = check_flag("compiled", compiled)

    @abstractmethod
    def rule(self) -> EnergyRule:
        """Return the rule with the trainer's present hyperparameters."""

    def train(
        self,
        train_data: Rows,
        targets: Rows | None = None,
        *,
        epochs: int = 1,
        batch_size: int = 10,
        shuffle: bool = True,
        seed: int | Array | None = None,
        show_progress: bool | None = None,
        on_epoch: TrainingCallback | None = None,
    ) -> TrainingRecord:
        """Train the model from its present weights; what the rule remembers starts anew.

        Args:
            train_data: One sample per row, (P, in).
            targets: The target of each sample, (P, out), for a rule that needs targets.
            epochs: Passes over the data.
            batch_size: Samples in a mini-batch; at most all samples. If it does not divide their
                number, the last mini-batch of an epoch is filled up with the first samples of it.
            shuffle: Visit the samples in a fresh random order in each epoch.
            seed: Seed of the orders and of the rule, an int or a JAX key; None draws one from
                ``brainstate.random``.
            show_progress: Show a progress bar; None follows ``show_iteration_progress``.
            on_epoch: Called with a :class:`TrainingProgress` after each epoch. If it raises
                :class:`StopIteration`, the run ends there, and what was learnt is kept.

        Returns:
            The changes in each epoch, and in ``history`` what the rule watches.

        Raises:
            ValidationError: If an argument is out of range, or the parts do not fit each other.
            DivergenceError: If the weights leave the range of meaningful numbers.
                After any error the model is as it was before.
        """
        model, rule = self._model(), self.rule()
        check_callback("on_epoch", on_epoch)
        shown = self.show_iteration_progress
        if show_progress is not None:
            shown = check_flag("show_progress", show_progress)
        data = check_matrix("train_data", train_data)
        total = epochs if shown else None
        with (
            unchanged_on_error(model),
            collected_warnings() as notes,
            bar_of("Training", total, shown=shown) as bar,
        ):
            try:
                learner, history = learn_energy(
                    model.network,
                    rule,
                    model.weights,
                    data,
                    targets,
                    epochs=epochs,
                    batch_size=batch_size,
                    shuffle=shuffle,
                    seed=seed,
                    compiled=self.compiled,
                    on_epoch=_watcher(bar, on_epoch, len(data)),
                )
            except ValidationError as error:
                raise error.about("train_data") if error.argument == "data" else error from None
            model.write_weights(learner.weights)
        count, done = len(data), len(history.loss)
        return TrainingRecord(
            type(rule).__name__,
            count,
            history.weight_change,
            history.weight_norm,
            tuple(jax.tree.leaves(model.weight_names)),
            history={rule.watches: history.loss},
            times=count * np.arange(1, done + 1),
            warnings=tuple(notes),
            stopped_at=done * count if done < epochs else None,
        )

    def predict(self, pattern: Row) -> Any:
        """Return the model's prediction for ``pattern``, (in,)."""
        with nullcontext() if self.compiled_prediction else jax.disable_jit():
            return self._model().predict(pattern)

    def _model(self) -> EnergyModel:
        if not isinstance(self.model, EnergyModel):
            got = f"a {type(self.model).__name__}"
            remedy = "For other models take RuleTrainer and a rule of canns.plasticity."
            raise ValidationError("model", "one with an energy, an EnergyModel", got, remedy)
        return self.model


def _watcher(
    bar: Any, callback: TrainingCallback | None, count: int
) -> Callable[[EnergyProgress], object] | None:
    """Return the function that a run calls after each epoch, or None if nobody watches."""
    if bar is None and callback is None:
        return None

    def told(progress: EnergyProgress) -> None:
        if bar is not None:
            bar.update()
        if callback is not None:
            epoch, _, change, norm, learner = progress
            callback(TrainingProgress(epoch, epoch * count, change, norm, learner.weights))

    return told
