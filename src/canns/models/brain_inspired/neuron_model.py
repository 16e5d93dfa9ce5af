"""Models with a pure neuron, whose step is both ``forward`` and what learning runs."""

from abc import abstractmethod
from typing import Any, ClassVar, overload

import jax
import jax.numpy as jnp
import numpy as np

from canns._lazy_rows import flat_rows, lazy_rows
from canns._validation import check_matrix, check_vector, is_stream
from canns.dynamics import Activity, Neuron, neuron_step
from canns.errors import ValidationError
from canns.models.brain_inspired.connectivity import delayed
from canns.models.brain_inspired.learnable import Learnable
from canns.models.brain_inspired.lookup import overrides, unchanged, write_together
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.models.brain_inspired.synapse_box import Copies
from canns.plasticity import History, Learner, Monitor, Recorder, respond
from canns.plasticity.learning import Method, Places
from canns.typing import Array, PyTree, Row, Rows, StateBox

__all__ = ["NeuronModel"]


class NeuronModel(Learnable, BrainInspiredModel):
    """A model driven by inputs through a pure neuron.

    A subclass sets ``input_size``, and defines its neuron and the names of its boxes.
    """

    input_size: int
    _copies: Copies | None = None  # of inputs that arrive after delays

    _unlisted: ClassVar[tuple[str, ...]] = ("draw", "locate", "places")

    @property
    @abstractmethod
    def neuron(self) -> Neuron:
        """The pure neuron with the model's present hyperparameters."""

    @abstractmethod
    def places(self, weight_attr: str = "W") -> Places:
        """Return the names of the boxes that learning writes.

        Args:
            weight_attr: Name of the weights box, if the weights are one matrix.
        """

    @abstractmethod
    def draw(self, key: Array) -> PyTree:
        """Return new random weights, in the structure of the model's weights."""

    @property
    def feeds_forward(self) -> bool:
        """True: the model computes its output in one step."""
        return True

    def learning_neuron(
        self, chosen: Neuron | None, weight_attr: str, needed_by: str = "Training"
    ) -> Neuron:
        """Return the model's neuron, or raise if another was chosen."""
        if chosen is not None:
            raise ValidationError(
                "neuron",
                f"None for {type(self).__name__}",
                type(chosen).__name__,
                "A layer has neurons of its own; only a recurrent network takes others.",
            )
        return self.neuron if self._copies is None else self._driven()

    def _driven(self) -> Neuron:
        """Return the neuron with the delays of its synapses, if they have some."""
        if self._copies is None:
            return self.neuron
        return delayed(self.neuron, self._copies, self.input_size)

    def width(self, weight_attr: str) -> int | None:
        """Return the number of inputs."""
        return self.input_size

    def forward(self, x: Row) -> Array:
        """Advance by one step with an input, and update potentials and traces.

        Args:
            x: The input, (in,).

        Returns:
            The output, (out,).
        """
        state, activity = self._step(x)
        places = self.places()
        self._write((places.state, places.activity), (state, (activity.pre, activity.answer)))
        return _last(activity)

    def predict(self, pattern: Row) -> Array:
        """Return the output that :meth:`forward` would give now, that of a subclass included.

        The input and output boxes are written; weights, thresholds, potentials and traces stay as
        they are.

        Args:
            pattern: The input, (in,).
        """
        if overrides(self, NeuronModel, "forward"):
            with unchanged(self):
                output = jnp.asarray(self.forward(pattern))
                names = self.places().activity
                activity = self._read(names)
            self._write(names, activity)
            return output
        _, activity = self._step(pattern, "pattern")
        self._write(self.places().activity, (activity.pre, activity.answer))
        return _last(activity)

    @overload
    def run(self, inputs: Rows, *, method: Method = "auto") -> Array: ...

    @overload
    def run(
        self, inputs: Rows, monitor: Monitor, *, method: Method = "auto"
    ) -> tuple[Array, History]: ...

    def run(self, inputs: Rows, monitor: Monitor | None = None, *, method: Method = "auto") -> Any:
        """Advance by one step with each input, in one compiled scan.

        The result is the one of repeated :meth:`forward`, up to rounding, because the compiler may
        fuse products and sums differently.

        Args:
            inputs: One sample per row, (T, in); a sparse matrix of SciPy or
                :class:`~canns.task.SpikeTrains`, of which a chunk at a time is made dense; or an
                iterable of samples, or of chunks of any lengths.
            monitor: What to record; None for nothing.
            method: "dense" multiplies all weights in every step, "events" only those of inputs
                that are not zero; "auto" takes the faster one. Their results are equal up to
                rounding.

        Returns:
            The outputs, (T, out); with a monitor also the history that it has recorded.

        Raises:
            ValidationError: If an argument is out of range, or a subclass overrides ``forward``.
        """
        if overrides(self, NeuronModel, "forward"):
            expected = "one that steps as the library does"
            raise ValidationError("model", expected, type(self).__name__, "Call its forward.")
        rows = self._rows(inputs)
        neuron, places = self._driven(), self.places()
        neuron.validate()
        recorder = None if monitor is None else Recorder(monitor)
        learner = Learner(*(self._read(names) for names in places))
        after, outputs = respond(neuron, learner, rows, recorder, method=method)
        self._write((places.state, places.activity), (after.state, after.activity))
        return outputs if recorder is None else (outputs, recorder.history())

    def _rows(self, inputs: Rows) -> Any:
        """Return the inputs, checked: an array, or rows that are made when they are needed."""
        lazy = None if type(inputs) is np.ndarray else lazy_rows("inputs", inputs)
        if lazy is not None:
            if lazy.shape[1] != self.input_size:
                expected = f"2-D of shape (rows, {self.input_size})"
                raise ValidationError("inputs", expected, f"shape {lazy.shape}")
            return lazy
        rows: object = [*flat_rows(inputs)] if is_stream(inputs) else inputs
        return check_matrix("inputs", rows, self.input_size)

    def _step(self, x: Row, name: str = "x") -> tuple[PyTree, Activity]:
        # Inside a JAX transformation there are no values to check.
        if not isinstance(x, jax.core.Tracer):
            remedy = "Give one sample of input_size."
            # A copy, because the step runs in the background and the caller may reuse its buffer.
            x = check_vector(name, x, self.input_size, remedy=remedy).copy()
        neuron = self._driven()
        neuron.validate()
        places = self.places()
        state, weights = self._read(places.state), self._read(places.weights)
        after: tuple[PyTree, Activity] = neuron_step(neuron, state, weights, x)
        return after

    def _write(self, names: PyTree, values: PyTree) -> None:
        """Write all values to the boxes of these names, or none of them."""
        pairs: list[tuple[StateBox, Array]] = []
        jax.tree.map(lambda n, own: pairs.append((self.locate(n, "forward"), own)), names, values)
        write_together(pairs)


def _last(activity: Activity) -> Array:
    """Return the output of the last layer."""
    last: Array = jax.tree.leaves(activity.answer)[-1]
    return last
