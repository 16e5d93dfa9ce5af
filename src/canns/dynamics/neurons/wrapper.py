"""What neurons around another neuron share: all that they leave to it."""

from typing import Any

from canns.dynamics.neuron import Activity, Neuron
from canns.typing import Array

__all__ = ["Wrapper"]


class Wrapper(Neuron):
    """A neuron around another, whose weights, and what it draws and shows, are its own."""

    neuron: Neuron

    @property
    def Parts(self) -> type[Any] | None:  # type: ignore[override]  # those of its neuron
        """The named tuple that the neuron's weights are."""
        return self.neuron.Parts

    @property
    def stochastic(self) -> bool:  # type: ignore[override]  # what its neuron is
        """Whether the neuron is."""
        return self.neuron.stochastic

    @property
    def state_names(self) -> Any:
        """The names of the neuron's state."""
        return self.neuron.state_names

    def validate(self) -> None:
        """Check the intervals, and the neuron."""
        super().validate()
        self.neuron.validate()

    def silence(self, weights: Any) -> tuple[Any, Any]:
        """Return what the neuron does."""
        return self.neuron.silence(weights)

    def draw(self, key: Array, input_size: int, output_size: int) -> Any:
        """Return what the neuron draws."""
        return self.neuron.draw(key, input_size, output_size)

    def init(self, weights: Any) -> Any:
        """Return the neuron's state at rest."""
        return self.neuron.init(weights)

    def seeded(self, state: Any, key: Array) -> Any:
        """Return the neuron's state with other random numbers ahead."""
        return self.neuron.seeded(state, key)

    def show(self, pre: Array, post: Array, potential: Array | None = None) -> Activity:
        """Return the activity as the neuron shows it."""
        return self.neuron.show(pre, post, potential)
