"""Networks of layers that relax: the base of those with an input, an output, and an energy."""

from abc import abstractmethod
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns._precision import full_precision
from canns._validation import check_size, float_dtype
from canns._warnings import warn
from canns.energy.network import EnergyNetwork
from canns.errors import ValidationError
from canns.typing import Array, param, pytree, static

__all__ = [
    "SETTLED",
    "LayeredNetwork",
    "LayeredState",
    "LayeredWeights",
    "Relaxed",
    "squared_error",
]

SETTLED = 0.05  # speed of the fastest unit, mean over samples, above which a relaxation is told of


class LayeredWeights(NamedTuple):
    """Weights of a layered network, from the input upwards.

    Args:
        W: Connections to each layer from the one below it, (above, below) each.
        b: Biases of each layer above the input.
    """

    W: tuple[Array, ...]
    b: tuple[Array, ...]


class LayeredState(NamedTuple):
    """States of a layered network.

    Args:
        layers: The units of each layer, input first, output last, (B, size) each.
    """

    layers: tuple[Array, ...]


class Relaxed(NamedTuple):
    """Where a relaxation ended.

    Args:
        state: The state.
        speed: The largest change of a unit in the last step of each sample, divided by the step
            size, (B,): zero at rest.
    """

    state: LayeredState
    speed: Array


@pytree
class LayeredNetwork(EnergyNetwork):
    """Layers of units that slide down an energy until they rest.

    A subclass gives the energy, the state to start from, and the units' range.

    Args:
        sizes: Number of units of each layer, input first, output last.
        num_steps: Steps of a relaxation.
        step_size: Size of a step, in time constants of a unit.
    """

    sizes: tuple[int, ...] = static()
    num_steps: int = static(default=30)
    step_size: float = param(default=0.5, low=0, open_low=True, high=1)

    @property
    def num_inputs(self) -> int:
        """Number of units in the first layer."""
        return self.sizes[0]

    @property
    def num_targets(self) -> int:
        """Number of units in the last layer."""
        return self.sizes[-1]

    @property
    def pace(self) -> float | Array:
        """How fast the hidden units move down the slope of the energy."""
        return 1.0

    def validate(self) -> None:
        """Raise ``ValidationError`` if a size or a hyperparameter is out of range."""
        super().validate()
        check_size("num_steps", self.num_steps)
        if not isinstance(self.sizes, tuple) or len(self.sizes) < 2:
            remedy = "Give the number of units of each layer, such as (64, 128, 10)."
            raise ValidationError(
                "sizes", "at least an input and an output", f"{self.sizes}", remedy
            )
        for size in self.sizes:
            check_size("sizes", size)

    def draw(self, key: Array) -> LayeredWeights:
        """Return uniform weights of variance 2/(below + above), and biases of zero.

        Source: Glorot & Bengio (2010), AISTATS 9:249.
        """
        pairs = [*zip(self.sizes[1:], self.sizes[:-1], strict=True)]
        keys = jax.random.split(key, len(pairs))
        W = tuple(
            jax.random.uniform(key, pair, float_dtype(), -1, 1) * (6 / sum(pair)) ** 0.5
            for key, pair in zip(keys, pairs, strict=True)
        )
        return LayeredWeights(W, tuple(jnp.zeros(size, float_dtype()) for size in self.sizes[1:]))

    def check_weights(self, weights: LayeredWeights) -> None:
        """Raise if the weights are not of this network's shapes."""
        pairs = [*zip(self.sizes[1:], self.sizes[:-1], strict=True)]
        shapes = [(W.shape, b.shape) for W, b in zip(*weights, strict=True)]
        if shapes != [(pair, pair[:1]) for pair in pairs]:
            expected = f"of shapes {', '.join(map(str, pairs))}, and biases"
            got = ", ".join(f"{W} and {b}" for W, b in shapes)
            raise ValidationError("weights", expected, got, "Each layer is (above, below).")

    @abstractmethod
    def start(self, weights: LayeredWeights, x: Array) -> LayeredState:
        """Return the state that one pass upwards gives, (B, ...), from which units relax."""

    @abstractmethod
    def energy_above(
        self, weights: LayeredWeights, drive: Array, units: tuple[Array, ...]
    ) -> Array:
        """Return the energy of each state, (B,).

        Args:
            weights: The weights.
            drive: What the input and the bias give to the first layer above it, (B, size).
            units: The layers above the input.
        """

    def bounded(self, units: Array) -> Array:
        """Return units moved into their range."""
        return units

    @abstractmethod
    def stable_step(self, weights: LayeredWeights) -> float:
        """Return the step size below which a relaxation is stable."""

    @full_precision
    def energy(self, weights: LayeredWeights, state: LayeredState) -> Array:
        """Return the energy of each state, (B,)."""
        x, *units = state.layers
        return self.energy_above(weights, _drive(weights, x), tuple(units))

    @full_precision
    def relax(
        self,
        weights: LayeredWeights,
        state: LayeredState,
        *,
        clamped: bool = False,
        target: Array | None = None,
        beta: float | Array = 0.0,
    ) -> Relaxed:
        r"""Return the state after gradient steps down the energy, with the input clamped.

        .. math:: \frac{du}{dt} = -\frac{\partial E}{\partial u}
            - \beta \frac{\partial}{\partial u} \tfrac12 |u_{out} - t|^2

        It can be differentiated through.

        Args:
            weights: The weights.
            state: The state to start from.
            clamped: Hold the output, too.
            target: What to nudge the output to, (B, out); None for no nudging.
            beta: Strength of the nudging; negative pushes away.
        """
        x, *rest = state.layers
        held = tuple(rest[-1:]) if clamped else ()
        free = tuple(rest[:-1]) if clamped else tuple(rest)
        drive = _drive(weights, x)  # once, because it never changes

        def total(free: tuple[Array, ...]) -> Array:
            units = free + held
            energy = self.energy_above(weights, drive, units)
            if target is not None:
                energy += beta * squared_error(units[-1], target)
            return energy.sum()

        def step(carry: tuple[Any, Array], _: None) -> tuple[tuple[Any, Array], None]:
            free, _speed = carry
            slopes = jax.grad(total)(free)
            moved = tuple(
                self.bounded(u - self.step_size * self.pace * slope)
                for u, slope in zip(free, slopes, strict=True)
            )
            return (moved, _fastest(moved, free, x) / self.step_size), None

        (free, speed), _ = jax.lax.scan(
            step, (free, jnp.zeros(len(x), x.dtype)), None, length=self.num_steps
        )
        return Relaxed(LayeredState((x, *free, *held)), speed)

    def warn_unsettled(self, weights: LayeredWeights, speed: float, whose: str) -> None:
        """Warn if units still moved at the end of a relaxation, and say what would help.

        Args:
            weights: The weights.
            speed: The speed of the fastest unit, as a mean over samples.
            whose: The subject of the sentence.
        """
        if speed <= SETTLED:
            return
        stable = self.stable_step(weights)
        remedy = f"Take more steps than num_steps={self.num_steps}."
        if self.step_size > stable:
            remedy = (
                f"With these weights it is stable for certain only if step_size is below "
                f"{stable:.2g}; it is {float(self.step_size):g}."
            )
        what = f"{whose} had not come to rest: units still moved by {speed:.2g} in a time constant."
        warn(what, remedy)


@explained
def squared_error(output: Array, target: Array) -> Array:
    """Return half the squared distance from output to target of each sample, (B,).

    Args:
        output: Outputs, (B, out).
        target: Targets, (B, out).

    Example:
        >>> squared_error(jnp.array([[1.0, 2.0]]), jnp.array([[0.0, 0.0]])).tolist()
        [2.5]
    """
    error: Array = 0.5 * ((output - target) ** 2).sum(axis=-1)
    return error


def _drive(weights: LayeredWeights, x: Array) -> Array:
    return x @ weights.W[0].T + weights.b[0]


def _fastest(moved: tuple[Array, ...], before: tuple[Array, ...], x: Array) -> Array:
    """Return the largest change of a unit in each sample, (B,)."""
    changes = [jnp.abs(a - b).max(axis=1) for a, b in zip(moved, before, strict=True)]
    return jnp.stack(changes).max(axis=0) if changes else jnp.zeros(len(x), x.dtype)
