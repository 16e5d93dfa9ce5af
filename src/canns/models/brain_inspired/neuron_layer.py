"""A layer of any neuron model."""

from typing import ClassVar

import jax
from numpy import typing as npt

from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.models.boxes import FastState
from canns.models.brain_inspired.connectivity import Connectivity
from canns.models.brain_inspired.layer import FeedForwardLayer
from canns.typing import PyTree

__all__ = ["NeuronLayer"]


class NeuronLayer(FeedForwardLayer):
    """A layer of neurons of a given model.

    The output is ``y``. A single weight matrix is ``W``. Weights in several parts, and the neuron's
    state, have the names of their fields, such as ``layer.excitatory`` or ``layer.v``.

    Args:
        input_size: Number of inputs.
        output_size: Number of neurons.
        neuron: A neuron of :mod:`canns.dynamics`, which also draws the first weights.
        connectivity: The pairs that have a synapse, in any form that
            :class:`~canns.models.brain_inspired.FeedForwardLayer` takes; None for all.
        delays: The delay of each synapse in ms; see there.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> from canns.dynamics import LIF
        >>> layer = NeuronLayer(2, 1, LIF(threshold=0.0, leak=0.5))
        >>> layer.forward([1.0, 0.0]).tolist()
        [1.0]
    """

    predict_state_attr = "y"

    y: FastState
    _kept_as: ClassVar[dict[str, str]] = {"neuron": "_neuron"}

    def __init__(
        self,
        input_size: int,
        output_size: int,
        neuron: Neuron,
        *,
        connectivity: Connectivity | None = None,
        delays: npt.ArrayLike | None = None,
        name: str | None = None,
    ) -> None:
        if not isinstance(neuron, Neuron):
            raise ValidationError("neuron", "a neuron of canns.dynamics", repr(neuron))
        self._neuron = neuron
        super().__init__(
            input_size, output_size, connectivity=connectivity, delays=delays, name=name
        )

    @property
    def neuron(self) -> Neuron:
        """The neuron; assign another of the same class to replace it."""
        return self._neuron

    @neuron.setter
    def neuron(self, neuron: Neuron) -> None:
        weights = self._read(self.places().weights)
        kind = type(self._neuron)
        alike = type(neuron) is kind and _rests(neuron, weights) == _rests(self._neuron, weights)
        drawn = self._sparse is not None or self._drawn_by(neuron) == _shapes(weights)
        if not alike or not drawn:
            expected = f"a {kind.__name__}, for whose weights and state there are boxes"
            raise ValidationError("neuron", expected, repr(neuron))
        neuron.validate()
        self._neuron = neuron

    def _drawn_by(self, neuron: Neuron) -> list[tuple[int, ...]]:
        """Return the shapes of the weights that ``neuron`` draws."""
        key, sizes = jax.random.key(0), (self.input_size, self.output_size)
        drawn = jax.eval_shape(lambda key: neuron.draw(key, *sizes), key)
        return _shapes(drawn)


def _rests(neuron: Neuron, weights: PyTree) -> tuple[object, object]:
    """Return the names and the shapes of the neuron's state."""
    state = jax.eval_shape(neuron.init, weights)
    return neuron.state_names, _shapes(state)


def _shapes(tree: PyTree) -> list[tuple[int, ...]]:
    return [leaf.shape for leaf in jax.tree.leaves(tree)]
