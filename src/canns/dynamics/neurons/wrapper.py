"""Base of neurons that wrap another neuron, and delegate to it."""

from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.signal import PotentialKind, Signal, Signals
from canns.typing import Array, PyTree

__all__ = ["Wrapper"]


class Wrapper(Neuron):
    """A neuron that wraps another one, with the same weights, initial weights and activity."""

    neuron: Neuron

    @property
    def Parts(self) -> type[PyTree] | None:  # type: ignore[override]  # depends on the neuron
        """The named tuple class of the neuron's weights."""
        return self.neuron.Parts

    @property
    def square(self) -> bool:  # type: ignore[override]  # depends on the neuron
        """Whether the neuron takes as many inputs as there are neurons."""
        return self.neuron.square

    @property
    def emits(self) -> Signal | None:  # type: ignore[override]  # depends on the neuron
        """What the neuron emits."""
        return self.neuron.emits

    @property
    def potential_kind(self) -> PotentialKind | None:  # type: ignore[override]
        """What the neuron's potential is."""
        return self.neuron.potential_kind

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the neuron does not take these weights."""
        self.neuron.check_weights(weights)

    def sample_size(self, weights: PyTree) -> int | None:
        """Return the length of a sample for the neuron."""
        return self.neuron.sample_size(weights)

    def signals(self, weights: PyTree) -> Signals:
        """Return what the neuron shows."""
        return self.neuron.signals(weights)

    @property
    def stochastic(self) -> bool:  # type: ignore[override]  # depends on the neuron
        """Whether the neuron is stochastic."""
        return self.neuron.stochastic

    @property
    def state_names(self) -> PyTree:
        """The names of the neuron's state."""
        return self.neuron.state_names

    def validate(self) -> None:
        """Check the intervals, and the wrapped neuron."""
        super().validate()
        self.neuron.validate()

    def silence(self, weights: PyTree) -> tuple[PyTree, PyTree]:
        """Return the wrapped neuron's activity without input."""
        return self.neuron.silence(weights)

    def draw(self, key: Array, input_size: int, output_size: int) -> PyTree:
        """Return the wrapped neuron's initial weights."""
        return self.neuron.draw(key, input_size, output_size)

    def init(self, weights: PyTree) -> PyTree:
        """Return the neuron's state at rest."""
        return self.neuron.init(weights)

    def seeded(self, state: PyTree, key: Array) -> PyTree:
        """Return the neuron's state with its random seed set from a JAX key."""
        return self.neuron.seeded(state, key)

    def show(self, pre: Array, post: Array, potential: Array | None = None) -> Activity:
        """Return the activity as the wrapped neuron does."""
        return self.neuron.show(pre, post, potential)
