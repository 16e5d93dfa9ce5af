"""Neurons whose input reaches each synapse after a delay of its own."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np

from canns._validation import check_size, is_traced
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.neurons.stack import Stack
from canns.dynamics.neurons.wrapper import Wrapper
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, PyTree, pytree, static

__all__ = ["SynapticDelays", "SynapticDelaysState"]


class SynapticDelaysState(NamedTuple):
    """State of :class:`SynapticDelays`: the recent past, and the neuron's state.

    Args:
        inputs: Inputs of the last ``longest`` steps and of the present one, (longest + 1, in), in a
            ring.
        place: The row of the next input.
        neuron: The neuron's own state.
    """

    inputs: Array
    place: Array
    neuron: PyTree


@pytree
class SynapticDelays(Wrapper):
    r"""A neuron whose inputs arrive at its synapses late, each by a number of steps of its own.

    .. math:: x'_c(t) = x_{j(c)}(t - d_c), \qquad I_i(t) = \sum_c w_{ic}\, x'_c(t)

    Each copy c of an input has one delay, so synapses of one input with different delays belong to
    different copies. The weights are (out, copies). A learning rule sees the copies, that is spikes
    as they arrive at the synapses.

    Args:
        neuron: The neuron.
        sources: The input j(c) of each copy, (copies,).
        steps: Its delay d_c in steps, (copies,), from 0 to ``longest``.
        input_size: Number of inputs.
        longest: The longest delay; it sets the size of the state.

    Example:
        >>> from canns.dynamics import Linear
        >>> neuron = SynapticDelays(Linear(), jnp.array([0, 0]), jnp.array([0, 2]), 1, 2)
        >>> weights, seen = jnp.array([[1.0, 10.0]]), []
        >>> state = neuron.init(weights)
        >>> for x in (1.0, 2.0, 0.0, 0.0):
        ...     state, activity = neuron.step(state, weights, jnp.array([x]))
        ...     seen.append(float(activity.post[0]))
        >>> seen
        [1.0, 2.0, 10.0, 20.0]

    Source: Izhikevich (2006), Neural Comput. 18:245 (a delay for each synapse).
    """

    neuron: Neuron
    sources: Array | AnyArray
    steps: Array | AnyArray
    input_size: int = static(default=1)
    longest: int = static(default=1)

    State: ClassVar[type[PyTree]] = SynapticDelaysState

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the neuron
        """The fields that the neuron provides; its traces are of the inputs as they arrive."""
        return self.neuron.provides

    @property
    def drives_only(self) -> bool:  # type: ignore[override]  # depends on the neuron
        """Whether the neuron reads the weights only as a product with its input."""
        return self.neuron.drives_only

    @property
    def state_names(self) -> PyTree:
        """The names of the ring's arrays, and of the neuron's state."""
        ring: list[PyTree] = ["inputs_on_way", "place_on_way"]
        return SynapticDelaysState._make([*ring, self.neuron.state_names])

    def validate(self) -> None:
        """Check the neuron, and that each copy has an input and a delay that there are."""
        inner = self.neuron
        plain = isinstance(inner, Neuron) and not isinstance(inner, Stack)
        if not plain or inner.Parts is not None or inner.clamped or inner.emits == "recorded":
            expected = "a neuron with one matrix of weights, which its input drives"
            raise ValidationError("neuron", expected, type(inner).__name__)
        super().validate()
        last = check_size("input_size", self.input_size) - 1
        _check_whole("sources", self.sources, last)
        _check_whole("steps", self.steps, check_size("longest", self.longest, low=0))
        if np.shape(self.sources) != np.shape(self.steps):
            expected = f"of shape {np.shape(self.sources)}, one for each copy"
            raise ValidationError("steps", expected, f"shape {np.shape(self.steps)}")

    def check_weights(self, weights: PyTree) -> None:
        """Raise if there is not a column of weights for each copy."""
        super().check_weights(weights)
        if weights.shape[1] != len(self.sources):
            expected = f"of {len(self.sources)} columns, one for each copy of an input"
            raise ValidationError("weights", expected, f"shape {weights.shape}")

    def sample_size(self, weights: PyTree) -> int | None:
        """Return the number of inputs."""
        return self.input_size

    def init(self, weights: PyTree) -> SynapticDelaysState:
        """Return the state at rest, without past inputs."""
        ring = jnp.zeros((self.longest + 1, self.input_size), weights.dtype)
        return SynapticDelaysState(ring, jnp.zeros((), jnp.int32), self.neuron.init(weights))

    def seeded(self, state: SynapticDelaysState, key: Array) -> SynapticDelaysState:
        """Return the state with the neuron's random seed set from a JAX key."""
        return state._replace(neuron=self.neuron.seeded(state.neuron, key))

    def step(
        self, state: SynapticDelaysState, weights: PyTree, x: Array
    ) -> tuple[SynapticDelaysState, Activity]:
        """Keep the input, and give the neuron the inputs that arrive in this step."""
        # As hyperparameters, traced whole numbers may have become floats; so does a model's state.
        place, steps, sources = (
            jnp.asarray(number).astype(jnp.int32)
            for number in (state.place, self.steps, self.sources)
        )
        rows = self.longest + 1
        inputs = state.inputs.at[place].set(x)
        arriving = inputs[(place - steps) % rows, sources]
        own, activity = self.neuron.step(state.neuron, weights, arriving)
        following = ((place + 1) % rows).astype(state.place.dtype)
        return SynapticDelaysState(inputs, following, own), activity


def _check_whole(name: str, numbers: Array | AnyArray, most: int) -> None:
    """Raise if these are not whole numbers, (copies,), from 0 to ``most``."""
    if is_traced(numbers):
        return
    given = np.asarray(numbers)
    fine = given.ndim == 1 and not (given % 1).any()
    if not fine or (given.size and (given.min() < 0 or given.max() > most)):
        span = f"{given.min():g} to {given.max():g}" if given.size else "none"
        expected = f"whole numbers from 0 to {most}, (copies,)"
        raise ValidationError(name, expected, f"{span}, of shape {given.shape}")
