"""The base class of brain-inspired models, which names the weights and the state for trainers."""

from typing import Any

from canns.models.basic import BasicModel
from canns.typing import Array, Row, Rows

__all__ = ["BrainInspiredModel"]


class BrainInspiredModel(BasicModel):
    """A model with weights that learn and a state that predicts.

    A subclass holds boxes under the two names below and overrides the methods that make sense for
    it. The others raise NotImplementedError with the name of the class.

    Attributes:
        weight_attr: Name of the attribute that holds the weights.
        predict_state_attr: Name of the attribute that holds the state to predict with.
    """

    weight_attr: str = "W"
    predict_state_attr: str = "s"

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store ``train_data``, (patterns, N), by the model's own Hebbian rule."""
        raise self._missing("apply_hebbian_learning(train_data)")

    def predict(self, pattern: Row) -> Any:
        """Return the prediction for ``pattern``, (N,)."""
        raise self._missing("predict(pattern)")

    @property
    def energy(self) -> Array:
        """The energy of the current state."""
        # An AttributeError would make Python report that the property does not exist.
        raise self._missing("energy")

    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons, keeping the weights that fit if asked."""
        raise self._missing("resize(num_neurons, preserve_submatrix)")

    def _missing(self, hook: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} does not implement {hook}.")
