"""A stack of layers, which learn together, each by its own rule."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import jax

from canns.dynamics import Stack
from canns.dynamics.neurons import numbered
from canns.errors import ValidationError
from canns.models.basic import BasicModel, BasicModelGroup
from canns.models.brain_inspired.layer import FeedForwardLayer
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.neuron_model import NeuronModel
from canns.plasticity.learning import Places
from canns.typing import Array, PyTree, StateBox

__all__ = ["LayerStack"]


class LayerStack(BasicModelGroup, NeuronModel):
    """A stack of layers: each takes the output of the layer before it, in the same step.

    Train it by :class:`~canns.plasticity.Parts`, with one rule per layer. The layers keep their own
    weights and states, and can also be used and trained alone.

    Args:
        *layers: The layers, first the one that takes the input.
        name: Name of the model.

    Raises:
        ValidationError: If the sizes of consecutive layers do not fit.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> from canns.plasticity import Oja, Parts
        >>> from canns.trainer import RuleTrainer
        >>> stack = LayerStack(LinearLayer(3, 2), LinearLayer(2, 1))
        >>> record = RuleTrainer(stack, Parts((Oja(0.01), None))).train(np.eye(3) - 1 / 3)
        >>> stack.forward([1.0, 0.0, 0.0]).shape, record.changed
        ((1,), ('0.W', '1.W'))
    """

    member_type: ClassVar[type[BasicModel]] = FeedForwardLayer
    members: tuple[FeedForwardLayer, ...]

    def __init__(self, *layers: FeedForwardLayer, name: str | None = None) -> None:
        super().__init__(*layers, name=name)
        if not layers:
            raise ValidationError("layers", "one layer or more", "none")

    def _check_members(self, members: Sequence[Any], names: Sequence[str]) -> None:
        super()._check_members(members, names)
        if any(layer.connectivity is not None for layer in members):
            expected = "with weights between all pairs, as a stack learns them in one scan"
            remedy = "Run one layer after the other, or build them without connectivity."
            raise ValidationError("layers", expected, "one with connectivity", remedy)
        for before, after in pairwise(members):
            if before.output_size != after.input_size:
                expected = f"of input_size {before.output_size}, what the layer before it gives"
                raise ValidationError("layers", expected, f"{after.input_size}")

    @property
    def input_size(self) -> int:  # type: ignore[override]  # that of the first layer
        """Number of inputs of the first layer."""
        return self.members[0].input_size

    @property
    def output_size(self) -> int:
        """Number of outputs of the last layer."""
        return self.members[-1].output_size

    @property
    def neuron(self) -> Stack:
        """The neurons of all layers as one neuron."""
        return Stack(tuple(layer.neuron for layer in self.members))

    def draw(self, key: Array) -> tuple[PyTree, ...]:
        """Return new random weights for each layer."""
        keys = jax.random.split(key, len(self))
        return tuple(layer.draw(k) for layer, k in zip(self.members, keys, strict=True))

    def places(self, weight_attr: str = "W") -> Places:
        """Return the names of the layers' boxes, with the number of the layer in front."""
        own = [numbered(i, layer.places(weight_attr)) for i, layer in enumerate(self.members)]
        weights, _, state, activity = (tuple(names) for names in zip(*own, strict=True))
        return Places(weights, (), state, tuple(zip(*activity, strict=True)))

    def locate(self, attribute: str, needed_by: str = "Training", remedy: str = "") -> StateBox:
        """Return the box with a name of :meth:`places`."""
        position, dot, name = attribute.partition(".")
        if not dot:
            return super().locate(attribute, needed_by, remedy)
        return self.members[int(position)].locate(name, needed_by, remedy)

    @all_or_nothing
    def reset_state(self) -> None:
        """Reset every layer to rest; weights and thresholds stay."""
        for layer in self.members:
            layer.reset_state()
        self.forget(traces_only=True)
