"""The base class of trainers, which train a model and predict with it."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np

from canns._attributes import Attributes, settings_of
from canns._describe import describe
from canns._validation import check_flag, refuse_class
from canns.errors import ValidationError
from canns.typing import Row, Rows

__all__ = ["Trainer", "check_model"]


def check_model(model: object) -> None:
    """Raise if the trainer has no model."""
    if model is None:
        raise ValidationError("model", "the model to work on", "None", "Give it to the trainer.")


class Trainer(Attributes):
    """Base of all trainers; a subclass defines ``train`` and ``predict``.

    Args:
        model: The model to train.
        show_iteration_progress: Show a progress bar while training or recalling.
        compiled_prediction: Recall in compiled code; False runs the same code un-jitted.
    """

    def __init__(
        self,
        model: object = None,
        *,
        show_iteration_progress: bool = False,
        compiled_prediction: bool = True,
    ) -> None:
        refuse_class("model", "a model", model)
        if isinstance(model, np.ndarray):
            raise ValidationError("model", "a model", "an array", "Give the data to train().")
        self.model: Any = model
        self.show_iteration_progress = check_flag(
            "show_iteration_progress", show_iteration_progress
        )
        self.compiled_prediction = check_flag("compiled_prediction", compiled_prediction)

    def __repr__(self) -> str:
        return describe(self, **settings_of(self))

    @abstractmethod
    def train(self, train_data: Rows) -> object:
        """Train the model on ``train_data``."""

    @abstractmethod
    def predict(self, pattern: Row) -> object:
        """Return the model's prediction for ``pattern``."""

    def predict_batch(self, patterns: Iterable[Row], *args: Any, **kwargs: Any) -> list[Any]:
        """Return :meth:`predict` of each pattern, in order.

        Args:
            patterns: An iterable of patterns.
            *args: Passed to :meth:`predict`.
            **kwargs: Passed to :meth:`predict`.
        """
        return [self.predict(pattern, *args, **kwargs) for pattern in patterns]

    def configure_progress(
        self,
        *,
        show_iteration_progress: bool | None = None,
        compiled_prediction: bool | None = None,
    ) -> None:
        """Change the two settings of the constructor; None leaves one as it is."""
        if show_iteration_progress is not None:
            shown = check_flag("show_iteration_progress", show_iteration_progress)
            self.show_iteration_progress = shown
        if compiled_prediction is not None:
            self.compiled_prediction = check_flag("compiled_prediction", compiled_prediction)
