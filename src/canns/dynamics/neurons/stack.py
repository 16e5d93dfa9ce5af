"""A stack of layers, as one neuron with weights in several parts."""

from typing import ClassVar

import jax

from canns.dynamics.neuron import Activity, Neuron
from canns.typing import Array, PyTree, pytree

__all__ = ["Stack", "numbered"]


@pytree
class Stack(Neuron):
    r"""Layers of neurons, each driven by the output of the one before in the same step.

    .. math:: y^{(k)} = \mathrm{neuron}_k(W^{(k)}, y^{(k-1)}), \qquad y^{(0)} = x

    Weights, states and the activities pre and post are tuples with one entry per layer.

    Args:
        neurons: The neuron of each layer, beginning at the input.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Linear
        >>> stack, weights = Stack((Linear(), Linear())), (jnp.eye(2), jnp.ones((1, 2)))
        >>> _, activity = stack.step(stack.init(weights), weights, jnp.array([1.0, 2.0]))
        >>> [y.tolist() for y in activity.post]
        [[1.0, 2.0], [3.0]]
    """

    neurons: tuple[Neuron, ...]

    State: ClassVar[type[PyTree]] = tuple

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the layers
        """The name "parts", and the fields that each layer provides."""
        own = [(i, name) for i, neuron in enumerate(self.neurons) for name in neuron.provides]
        return ("parts", *(f"{i}.{name}" for i, name in own))

    @property
    def stochastic(self) -> bool:  # type: ignore[override]  # depends on the layers
        """Whether any layer is stochastic."""
        return any(neuron.stochastic for neuron in self.neurons)

    @property
    def weight_names(self) -> PyTree:
        """The names of each layer's weights, prefixed by its number."""
        own = ((i, neuron.weight_names) for i, neuron in enumerate(self.neurons))
        return tuple(numbered(i, names) for i, names in own)

    @property
    def state_names(self) -> PyTree:
        """The names of each layer's state, prefixed by its number."""
        own = ((i, neuron.state_names) for i, neuron in enumerate(self.neurons))
        return tuple(numbered(i, names) for i, names in own)

    def validate(self) -> None:
        """Check each layer's neuron."""
        for neuron in self.neurons:
            neuron.validate()

    def silence(self, weights: PyTree) -> tuple[PyTree, PyTree]:
        """Return zeros for each layer's input and output."""
        pairs = [n.silence(part) for n, part in zip(self.neurons, weights, strict=True)]
        return tuple(pre for pre, _ in pairs), tuple(post for _, post in pairs)

    def init(self, weights: PyTree) -> PyTree:
        """Return each layer's state at rest."""
        return tuple(n.init(part) for n, part in zip(self.neurons, weights, strict=True))

    def seeded(self, state: PyTree, key: Array) -> PyTree:
        """Return the state with each layer's random seed set from a key of its own."""
        keys = jax.random.split(key, len(self.neurons))
        return tuple(n.seeded(*own) for n, *own in zip(self.neurons, state, keys, strict=True))

    def step(self, state: PyTree, weights: PyTree, x: Array) -> tuple[PyTree, Activity]:
        """Advance the layers in turn, beginning at the input."""
        states, parts = [], []
        for neuron, own, part in zip(self.neurons, state, weights, strict=True):
            own, activity = neuron.step(own, part, x)
            states.append(own)
            parts.append(activity)
            x = activity.answer
        pre, post, answer = zip(*((p.pre, p.post, p.answer) for p in parts), strict=True)
        both = Activity(pre, post, parts=tuple(parts), output=answer)  # type: ignore[arg-type]
        return tuple(states), both


def numbered(position: int, names: PyTree) -> PyTree:
    """Return the names, each prefixed by the number of its layer."""
    return jax.tree.map(lambda name: f"{position}.{name}", names)
