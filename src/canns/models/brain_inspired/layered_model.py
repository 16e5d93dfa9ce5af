"""The base class of models whose layers relax between an input and an output."""

from abc import abstractmethod
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from canns._finite import finite_energies
from canns._validation import check_real, check_size, check_vector
from canns.energy import LayeredNetwork, LayeredState, LayeredWeights, Relaxed, check_rows
from canns.errors import ValidationError
from canns.models.brain_inspired.energy_model import EnergyModel
from canns.typing import Array, Row, Rows

__all__ = ["LayeredModel"]

_energy = jax.jit(LayeredNetwork.energy)


@jax.jit
def _free(network: LayeredNetwork, weights: LayeredWeights, x: Array) -> Relaxed:
    return network.relax(weights, network.start(weights, x))


@jax.jit
def _clamped(network: LayeredNetwork, weights: LayeredWeights, x: Array, target: Array) -> Relaxed:
    layers = (*network.start(weights, x).layers[:-1], target)
    return network.relax(weights, LayeredState(layers), clamped=True)


class LayeredModel(EnergyModel):
    """A model of layers, each of which has weights from the layer below it.

    Attributes:
        sizes: Number of units of each layer, input first, output last.
        num_steps: Steps of a relaxation.
        step_size: Size of a step, in time constants of a unit.
    """

    sizes: tuple[int, ...]

    @property
    @abstractmethod
    def network(self) -> LayeredNetwork:
        """The pure network with the model's present hyperparameters."""

    def _set(self, sizes: Sequence[int], num_steps: int, step_size: float) -> None:
        try:
            self.sizes = tuple(check_size("sizes", size) for size in sizes)
        except TypeError:
            remedy = "Give the number of units of each layer, such as (64, 128, 10)."
            raise ValidationError("sizes", "a list of sizes", repr(sizes), remedy) from None
        self.num_steps = check_size("num_steps", num_steps)
        self.step_size = check_real("step_size", step_size, low=0, high=1, open_low=True)

    def forward(self, x: Rows) -> Array:
        """Return the output for each input, (B, out); the largest unit is the class, if any.

        Args:
            x: Inputs, (B, in).
        """
        return self.relax(x).state.layers[-1]

    def predict(self, pattern: Row) -> Array:
        """Return the output for one input, (out,)."""
        row = check_vector("pattern", pattern, self.sizes[0])
        return self.forward(row[None])[0]

    def relax(self, x: Rows, target: Rows | None = None) -> Relaxed:
        """Return the state to which the layers relax, and how fast they still move there.

        Args:
            x: Inputs, (B, in), which are clamped.
            target: Outputs to clamp, (B, out); None leaves the output free.

        Returns:
            The state, one array for each layer, (B, size); and the speed of the fastest unit of
            each sample, (B,), in units per time constant: zero at rest.

        Raises:
            ValidationError: If an argument is not of the network's sizes.
            CannsWarning: If units still move, on the mean by more than 0.05; it says what helps.
        """
        network, weights = self._checked()
        rows = self._rows("x", x, network.num_inputs)
        if target is None:
            found: Relaxed = _free(network, weights, rows)
        else:
            goals = check_rows("target", target, network.num_targets, network.takes_targets)
            if len(goals) != len(rows):
                expected = f"{len(rows)} rows, one for each input"
                raise ValidationError("target", expected, f"{len(goals)}")
            found = _clamped(network, weights, rows, jnp.asarray(goals))
        speed = float(np.mean(np.asarray(found.speed)))
        network.warn_unsettled(weights, speed, "The relaxation")
        return found

    def energies(self, state: LayeredState) -> Array:
        """Return the energy of each state, (B,).

        Args:
            state: The layers, as :meth:`relax` returns them.

        Raises:
            DivergenceError: If an energy is not finite.
        """
        network, weights = self._checked()
        if len(state.layers) != len(self.sizes):
            got = f"{len(state.layers)}"
            raise ValidationError("state", f"of {len(self.sizes)} layers", got)
        layers = (self._rows("state", *pair) for pair in zip(state.layers, self.sizes, strict=True))
        return finite_energies(_energy(network, weights, LayeredState(tuple(layers))))

    def _checked(self) -> tuple[LayeredNetwork, LayeredWeights]:
        """Return the network and its weights, or raise if they do not fit."""
        network, weights = self.network, self.weights
        network.validate()
        network.check_weights(weights)
        return network, weights

    def _rows(self, name: str, rows: Rows, width: int) -> Array:
        return jnp.asarray(check_rows(name, rows, width, self.network.takes))
