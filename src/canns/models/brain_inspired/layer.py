"""Feed-forward layers: weights (out, in), driven by a pure neuron step."""

import jax
import jax.numpy as jnp

from canns._brainstate import brainstate
from canns._memory import check_memory
from canns._names import renamed
from canns._validation import check_size, float_dtype
from canns.models.boxes import FastState, SlowState, Weights, filled
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.neuron_model import NeuronModel
from canns.plasticity.learning import Places
from canns.typing import Array, ArrayLike, PyTree

__all__ = ["FeedForwardLayer"]


class FeedForwardLayer(NeuronModel):
    """A layer with weights, an input ``x`` and an output.

    A subclass sets its hyperparameters, calls this constructor, names its output box in
    ``predict_state_attr``, and defines :attr:`neuron`. A single weight matrix, (out, in), is in the
    box ``W``. Each part of weights in several parts, and each field of the neuron's state, is in a
    box with the name of the field.
    """

    W: Weights
    x: FastState

    def _facts(self) -> dict[str, str]:
        names = jax.tree.leaves(self.places().weights)
        weights = {name: self._weights(name) for name in names}
        return {
            "size": f"{self.input_size} inputs, {self.output_size} neurons",
            **weights,
            "neuron": type(self.neuron).__name__,
            "remembers": ", ".join(self._remembered()),
            "settings": self._settings(),
        }

    def _remembered(self) -> list[str]:
        """Return the names of the slow states, such as thresholds."""
        return [name for name, box in vars(self).items() if isinstance(box, SlowState)]

    def __init__(self, input_size: int, output_size: int, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self.input_size = check_size("input_size", input_size)
        self.output_size = check_size("output_size", output_size)
        self.neuron.validate()
        needed = 2 * float_dtype().itemsize * self.input_size * self.output_size
        check_memory("input_size", needed, "the weights, as they are drawn,", "Take fewer inputs.")
        weights = self.draw(brainstate.random.split_key())
        places = self.places()
        self._hold(Weights, places.weights, weights)
        self._hold(FastState, places[2:], self._rest(weights))

    def draw(self, key: Array) -> PyTree:
        """Return new random weights, (out, in), or a tuple of parts."""
        return self.neuron.draw(key, self.input_size, self.output_size)

    def places(self, weight_attr: str = "W") -> Places:
        """Return the names of the boxes of weights, neuron state, input and output."""
        neuron = self.neuron
        weights = weight_attr if neuron.Parts is None else neuron.weight_names
        return Places(weights, (), neuron.state_names, ("x", self.predict_state_attr))

    @renamed(e_old="prev_energy")
    def update(self, prev_energy: ArrayLike | None = None) -> None:
        """Do nothing: a layer computes its output in one step and does not relax.

        This method and :attr:`energy` exist for code that recalls with any model.

        Args:
            prev_energy: Not used.
        """

    @property
    def energy(self) -> Array:
        """Zero: a layer without recurrent weights has no energy."""
        return filled(())

    @all_or_nothing
    def reset_state(self) -> None:
        """Reset input, output, potentials and traces to rest; weights and thresholds stay."""
        places = self.places()
        self._write(places[2:], self._rest(self._read(places.weights)))
        self.forget(traces_only=True)

    @all_or_nothing
    def resize(  # type: ignore[override]  # a layer has two sizes
        self, input_size: int, output_size: int | None = None, preserve_submatrix: bool = True
    ) -> None:
        """Change the number of inputs and outputs.

        Potentials, traces and the memory of learning rules start from rest.

        Args:
            input_size: The new number of inputs.
            output_size: The new number of outputs; None keeps it.
            preserve_submatrix: Keep the weights between the neurons that stay. Other weights are
                drawn as in the constructor.
        """
        in_ = check_size("input_size", input_size)
        out = self.output_size if output_size is None else check_size("output_size", output_size)
        weights = self.neuron.draw(brainstate.random.split_key(), in_, out)
        names = self.places().weights
        if preserve_submatrix:
            weights = jax.tree.map(_kept, self._read(names), weights)
        self.input_size, self.output_size = in_, out
        self._write(names, weights)
        self.forget(traces_only=False)
        self.reset_state()

    def _rest(self, weights: PyTree) -> tuple[PyTree, tuple[Array, Array]]:
        """Return the neuron's state at rest, and no activity."""
        silence = jnp.zeros(self.input_size), jnp.zeros(self.output_size)
        state = self.neuron.init(weights)
        if self.neuron.stochastic:
            state = self.neuron.seeded(state, brainstate.random.split_key())
        return state, silence

    def _hold(self, box: type[FastState] | type[Weights], names: PyTree, values: PyTree) -> None:
        jax.tree.map(lambda name, value: setattr(self, name, box(value)), names, values)


def _kept(old: Array, new: Array) -> Array:
    """Return ``new`` with the entries of ``old`` that fit into it."""
    shared = tuple(slice(min(a, b)) for a, b in zip(old.shape, new.shape, strict=True))
    return new.at[shared].set(old[shared])
