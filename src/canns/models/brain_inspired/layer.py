"""Feed-forward layers: weights (out, in), driven by a pure neuron step."""

from typing import Any, Self

import jax
import jax.numpy as jnp
from numpy import typing as npt

from canns._brainstate import brainstate
from canns._memory import check_memory
from canns._names import renamed
from canns._validation import check_size, float_dtype
from canns.dynamics import Connections, SparseSynapses
from canns.errors import ValidationError
from canns.models.arguments import read_arguments
from canns.models.boxes import FastState, SlowState, Weights, filled
from canns.models.brain_inspired.connectivity import (
    IN_ARRAYS,
    Connectivity,
    arguments_in,
    step_of,
    synapses_of,
    with_connections,
)
from canns.models.brain_inspired.lookup import all_or_nothing, overrides
from canns.models.brain_inspired.neuron_model import NeuronModel
from canns.models.brain_inspired.synapse_box import SynapseBox
from canns.plasticity.learning import Places
from canns.typing import JSON, AnyArray, Array, ArrayLike, FloatArray, PyTree

__all__ = ["FeedForwardLayer"]


class FeedForwardLayer(NeuronModel):
    """A layer with weights, an input ``x`` and an output.

    A subclass sets its hyperparameters, calls this constructor, names its output box in
    ``predict_state_attr``, and defines :attr:`neuron`. A single weight matrix, (out, in), is in the
    box ``W``. Each part of weights in several parts, and each field of the neuron's state, is in a
    box with the name of the field.

    With ``connectivity`` there are synapses only between some inputs and neurons. ``W.value`` is
    then :class:`~canns.dynamics.SparseSynapses`, whose memory is by the synapse, and ``W.listed`` a
    list of the weights. All of it runs by events, and learns by rules that are local.

    Args:
        input_size: Number of inputs.
        output_size: Number of neurons.
        connectivity: :class:`~canns.dynamics.Connections`, whose weights are drawn; or a SciPy
            matrix, an array, (out, in), or :class:`~canns.dynamics.SparseSynapses`, whose entries
            that are not zero are the first weights. None for all pairs.
        delays: Time in ms from an input to its arrival at a synapse, a multiple of the time step:
            one number; one for each synapse, (synapses,), in the order of the connections, or of
            :func:`~canns.dynamics.connections_of` the matrix; or a matrix, (out, in), of NumPy or
            SciPy. None for none. The boxes ``x`` and ``trace_pre`` are of inputs as they arrive.
        name: Name of the model.
    """

    W: Weights
    x: FastState

    def _facts(self) -> dict[str, str]:
        names = jax.tree.leaves(self.places().weights)
        weights = {name: self._weights(name) for name in names}
        return {
            "size": f"{self.input_size} inputs, {self.output_size} neurons",
            **weights,
            "delays": self._spread_of_delays(),
            "neuron": type(self.neuron).__name__,
            "remembers": ", ".join(self._remembered()),
            "settings": self._settings(),
        }

    def _spread_of_delays(self) -> str:
        """Return the shortest and the longest delay of a synapse in words; "" without delays."""
        copies = self._copies
        if copies is None or not len(copies.steps):
            return ""
        low, high = copies.dt * copies.steps.min(), copies.dt * copies.steps.max()
        return f"{low:g} to {high:g} ms"

    def _remembered(self) -> list[str]:
        """Return the names of the slow states, such as thresholds."""
        return [name for name, box in vars(self).items() if isinstance(box, SlowState)]

    def __init__(
        self,
        input_size: int,
        output_size: int,
        *,
        connectivity: Connectivity | None = None,
        delays: npt.ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.input_size = check_size("input_size", input_size)
        self.output_size = check_size("output_size", output_size)
        self.neuron.validate()
        if connectivity is not None:
            self._connect(connectivity, delays)
            return
        if delays is not None:
            remedy = "Connect all pairs: connectivity=connect_by_probability(out, in, 1.0)."
            raise ValidationError("delays", "None without connectivity", "some", remedy)
        needed = 2 * float_dtype().itemsize * self.input_size * self.output_size
        check_memory("input_size", needed, "the weights, as they are drawn,", "Take fewer inputs.")
        weights = self.draw(brainstate.random.split_key())
        places = self.places()
        self._hold(Weights, places.weights, weights)
        self._hold(FastState, places[2:], self._rest(weights))

    def _connect(self, connectivity: Connectivity, delays: npt.ArrayLike | None) -> None:
        """Make the boxes of a layer with some synapses."""
        neuron, shape = self.neuron, (self.output_size, self.input_size)
        box, to_draw = synapses_of(connectivity, delays, shape, neuron, step_of(neuron))
        self.W, self._copies = box, box.copies
        if to_draw:
            box.value = self.draw(brainstate.random.split_key())
        self._hold(FastState, self.places()[2:], self._rest(box.value))

    @property
    def connectivity(self) -> Connections | None:
        """The synapses that there are, in the order of ``W.listed``; None for all pairs."""
        return None if self._sparse is None else self._sparse.connections

    @property
    def delays(self) -> FloatArray | None:
        """The delay of each synapse in ms, (synapses,); None for a layer without delays."""
        return None if self._sparse is None else self._sparse.delays

    @property
    def _sparse(self) -> SynapseBox | None:
        """The box of the synapses; None for a layer with a matrix."""
        box = vars(self).get("W")
        return box if isinstance(box, SynapseBox) else None

    @classmethod
    def from_config(cls, config: dict[str, JSON], *members: object, **options: Any) -> Self:
        """Return the layer that :meth:`config` described; see there."""
        return super().from_config(with_connections(config), *members, **options)

    def _header(self) -> dict[str, JSON]:
        """Return what a file has to say of the layer besides its arrays, which are its synapses."""
        if self._sparse is None:
            return self.config()
        own = overrides(self, FeedForwardLayer, "config")
        config = self.config() if own else read_arguments(self, self._kept_as, but=IN_ARRAYS)
        return {name: value for name, value in config.items() if name not in IN_ARRAYS}

    @classmethod
    def _arguments_in(
        cls, config: dict[str, JSON], arrays: dict[str, AnyArray]
    ) -> dict[str, object]:
        """Return the connectivity and the delays that a file has among its arrays."""
        return arguments_in(config, arrays)

    def draw(self, key: Array) -> PyTree:
        """Return new random weights, (out, in), or a tuple of parts, or synapses."""
        if self._sparse is not None:
            synapses = self._sparse.value
            drawn = self.neuron.draw(key, synapses.count, 1)[0]
            return synapses.with_values(_laid_out(synapses, drawn))
        return self.neuron.draw(key, self.input_size, self.output_size)

    def places(self, weight_attr: str = "W") -> Places:
        """Return the names of the boxes of weights, neuron state, input and output."""
        neuron = self.neuron if self._copies is None else self._driven()
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
        if self._sparse is not None:
            expected = f"{self.input_size}, as the layer is, because its synapses lead there"
            remedy = "Build another layer with connectivity for the new sizes."
            raise ValidationError("input_size", expected, f"{input_size}", remedy)
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
        copies, neuron = self._copies, self._driven()
        arriving = self.input_size if copies is None else len(copies.sources)
        silence = jnp.zeros(arriving), jnp.zeros(self.output_size)
        state = neuron.init(weights)
        if neuron.stochastic:
            state = neuron.seeded(state, brainstate.random.split_key())
        return state, silence

    def _hold(self, box: type[FastState] | type[Weights], names: PyTree, values: PyTree) -> None:
        jax.tree.map(lambda name, value: setattr(self, name, box(value)), names, values)


def _kept(old: Array, new: Array) -> Array:
    """Return ``new`` with the entries of ``old`` that fit into it."""
    shared = tuple(slice(min(a, b)) for a, b in zip(old.shape, new.shape, strict=True))
    return new.at[shared].set(old[shared])


@jax.jit
def _laid_out(synapses: SparseSynapses, listed: Array) -> Array:
    return synapses.from_list(listed)
