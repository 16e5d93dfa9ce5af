"""A stack of layers, as one neuron with weights in several parts."""

from typing import ClassVar

import jax

from canns._validation import check_members
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.signal import Signal, Signals
from canns.errors import ValidationError
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

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the layers do not take these weights, or do not fit each other."""
        count = len(weights) if isinstance(weights, tuple) else 1
        if count != len(self.neurons):
            raise ValidationError("weights", f"{len(self.neurons)}, one a layer", f"{count}")
        sent: int | None = None
        for i, (neuron, part) in enumerate(zip(self.neurons, weights, strict=True)):
            neuron.check_weights(part)
            taken = neuron.sample_size(part)
            if None not in (sent, taken) and sent != taken:
                expected = f"for {sent} inputs in layer {i}, one for each neuron before it"
                raise ValidationError("weights", expected, f"for {taken}")
            sent = len(jax.tree.leaves(part)[0])

    def sample_size(self, weights: PyTree) -> int | None:
        """Return the length of a sample for the first layer."""
        return self.neurons[0].sample_size(weights[0])

    def signals(self, weights: PyTree) -> Signals:
        """Return what each layer shows; a layer after the first reads what that before it emits."""
        shown = [self.neurons[0].signals(weights[0])]
        for neuron, part in zip(self.neurons[1:], weights[1:], strict=True):
            shown.append(_behind(shown[-1].post, neuron.signals(part)))
        return Signals("input", shown[-1].post, parts=tuple(shown))

    @property
    def emits(self) -> Signal | None:  # type: ignore[override]  # depends on the layers
        """What the last layer emits."""
        return self.neurons[-1].emits

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
        check_members("neurons", self.neurons, Neuron)
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


def _behind(emitted: Signal | None, own: Signals) -> Signals:
    """Return ``own`` with what a layer emits in place of the input."""
    parts = tuple(_behind(emitted, part) for part in own.parts)
    return own._replace(pre=emitted if own.pre == "input" else own.pre, parts=parts)


def numbered(position: int, names: PyTree) -> PyTree:
    """Return the names, each prefixed by the number of its layer."""
    return jax.tree.map(lambda name: f"{position}.{name}", names)
