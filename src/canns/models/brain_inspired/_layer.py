"""Feed-forward layers: weights (out, in), driven by a pure neuron step."""

from abc import abstractmethod
from typing import Any

import jax
import jax.numpy as jnp

from canns._validation import check_size, check_vector
from canns.dynamics import Activity, Neuron, neuron_step
from canns.models._state import Box, FastState, Weights
from canns.models.brain_inspired._base import BrainInspiredModel
from canns.typing import Array

__all__ = ["FeedForwardLayer"]


class FeedForwardLayer(BrainInspiredModel):
    """A layer with weights ``W`` (out, in), an input ``x`` and an output.

    A subclass sets its hyperparameters, calls this constructor, names its output box in
    ``predict_state_attr``, and defines :attr:`neuron`. The neuron's state is held in one box
    for each of its fields, under the field's name.
    """

    W: Weights
    x: FastState

    def __init__(self, input_size: int, output_size: int, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.input_size = check_size("input_size", input_size)
        self.output_size = check_size("output_size", output_size)
        self.neuron.validate()
        self.W = Weights(self._initial_weights(self.input_size, self.output_size))
        for attribute, value in self._rest().items():
            setattr(self, attribute, FastState(value))

    @property
    @abstractmethod
    def neuron(self) -> Neuron:
        """The pure neuron with the layer's present hyperparameters."""

    @abstractmethod
    def _initial_weights(self, input_size: int, output_size: int) -> Array:
        """Draw weights, (out, in)."""

    def forward(self, x: Any) -> Array:
        """Advance the layer by one step on an input; potentials and traces move on with it.

        Args:
            x: The input, (in,).

        Returns:
            The output, (out,).
        """
        state, activity = self._step(x)
        for attribute, value in state._asdict().items():
            self._box(attribute).value = value
        return self._respond(activity)

    def predict(self, pattern: Any) -> Array:
        """Return the output that :meth:`forward` would give now.

        The input and output boxes hold the answer; weights, thresholds, potentials and traces
        are left as they are.

        Args:
            pattern: The input, (in,).
        """
        return self._respond(self._step(pattern, "pattern")[1])

    def reset_state(self) -> None:
        """Put input, output, potentials and traces to rest; weights and thresholds stay."""
        for attribute, value in self._rest().items():
            self._box(attribute).value = value

    def resize(  # type: ignore[override]  # a layer has two sizes
        self, input_size: int, output_size: int | None = None, preserve_submatrix: bool = True
    ) -> None:
        """Change the number of inputs and outputs; potentials and traces start from rest.

        Args:
            input_size: The new number of inputs.
            output_size: The new number of outputs; None keeps it.
            preserve_submatrix: Keep the weights between the neurons that stay. Other weights
                are drawn as the constructor draws them.
        """
        in_ = check_size("input_size", input_size)
        out = self.output_size if output_size is None else check_size("output_size", output_size)
        weights = self._initial_weights(in_, out)
        if preserve_submatrix:
            rows, columns = min(out, self.output_size), min(in_, self.input_size)
            weights = weights.at[:rows, :columns].set(self.W.value[:rows, :columns])
        self.input_size, self.output_size, self.W.value = in_, out, weights
        self.reset_state()

    def _step(self, x: Any, name: str = "x") -> tuple[Any, Activity]:
        # Inside a JAX transformation the values are not there to be checked.
        if not isinstance(x, jax.core.Tracer):
            remedy = "Give one sample of input_size."
            # A copy: the step runs in the background, while the caller may reuse its buffer.
            x = check_vector(name, x, self.input_size, remedy=remedy).copy()
        neuron = self.neuron
        neuron.validate()
        state = neuron.State(*(self._box(name).value for name in neuron.State._fields))
        after: tuple[Any, Activity] = neuron_step(neuron, state, self.W.value, x)
        return after

    def _respond(self, activity: Activity) -> Array:
        self.x.value, self._box(self.predict_state_attr).value = activity.pre, activity.post
        return activity.post

    def _rest(self) -> dict[str, Array]:
        """Return the state at rest by attribute, in the layer's present sizes."""
        state = self.neuron.init(self.W.value)._asdict()
        zeros = {"x": self.input_size, self.predict_state_attr: self.output_size}
        rest: dict[str, Array] = state | {name: jnp.zeros(size) for name, size in zeros.items()}
        return rest

    def _box(self, attribute: str) -> Box:
        box: Box = vars(self)[attribute]
        return box
