"""What neurons around another neuron share: all that they leave to it."""

from canns.dynamics.neuron import Activity, Neuron
from canns.typing import Array, PyTree

__all__ = ["Wrapper"]


class Wrapper(Neuron):
    """A neuron around another, whose weights, and what it draws and shows, are its own."""

    neuron: Neuron

    @property
    def Parts(self) -> type[PyTree] | None:  # type: ignore[override]  # those of its neuron
        """The named tuple that the neuron's weights are."""
        return self.neuron.Parts

    @property
    def stochastic(self) -> bool:  # type: ignore[override]  # what its neuron is
        """Whether the neuron is."""
        return self.neuron.stochastic

    @property
    def state_names(self) -> PyTree:
        """The names of the neuron's state."""
        return self.neuron.state_names

    def validate(self) -> None:
        """Check the intervals, and the neuron."""
        super().validate()
        self.neuron.validate()

    def silence(self, weights: PyTree) -> tuple[PyTree, PyTree]:
        """Return what the neuron does."""
        return self.neuron.silence(weights)

    def draw(self, key: Array, input_size: int, output_size: int) -> PyTree:
        """Return what the neuron draws."""
        return self.neuron.draw(key, input_size, output_size)

    def init(self, weights: PyTree) -> PyTree:
        """Return the neuron's state at rest."""
        return self.neuron.init(weights)

    def seeded(self, state: PyTree, key: Array) -> PyTree:
        """Return the neuron's state with other random numbers ahead."""
        return self.neuron.seeded(state, key)

    def show(self, pre: Array, post: Array, potential: Array | None = None) -> Activity:
        """Return the activity as the neuron shows it."""
        return self.neuron.show(pre, post, potential)
