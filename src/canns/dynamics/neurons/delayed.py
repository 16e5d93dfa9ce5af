"""Neurons with delays along the axon and along the dendrite."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np

from canns._validation import check_size, check_vector, is_traced
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.neurons.stack import Stack
from canns.dynamics.neurons.wrapper import Wrapper
from canns.errors import ValidationError
from canns.typing import Array, ArrayLike, PyTree, pytree, static

__all__ = ["Delayed", "DelayedState"]


class DelayedState(NamedTuple):
    """State of :class:`Delayed`: the recent past, latest step first, and the neuron's state.

    Args:
        inputs: Inputs of the last ``longest`` steps, (longest, in).
        spikes: Outputs of the neuron in these steps, (longest, out).
        potentials: Potentials of the neuron in these steps, (longest, out); (longest, 0) for a
            neuron that provides none.
        neuron: The neuron's own state.
    """

    inputs: Array
    spikes: Array
    potentials: Array
    neuron: PyTree


@pytree
class Delayed(Wrapper):
    r"""A neuron with delays from the presynaptic neuron to the synapse, and from there to the soma.

    With the axonal delay :math:`d_a` and the dendritic delay :math:`d_d`, in steps, the neuron
    receives the input :math:`x(t - d_a - d_d)` and fires :math:`s(t)`. A learning rule, which acts
    at the synapse, sees

    .. math:: pre(t) = x(t - d_a), \qquad post(t) = s(t - d_d)

    as if the spike ran back along the dendrite, and the potential of the same time as post. This
    shifts the window of STDP by :math:`d_d - d_a` in the time from the input to the spike. The
    layer's output is s(t) itself. The neuron's traces are not provided, so use rules with traces
    of their own.

    Args:
        neuron: The neuron.
        axonal: d_a in steps, a whole number for all inputs, or one per input, (in,).
        dendritic: d_d in steps, a whole number.
        longest: Largest sum of the two delays; it sets the size of the state.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Linear
        >>> neuron, weights = Delayed(Linear(), axonal=1, dendritic=1, longest=2), jnp.ones((1, 1))
        >>> state, seen = neuron.init(weights), []
        >>> for x in ([5.0], [0.0], [0.0], [0.0]):
        ...     state, activity = neuron.step(state, weights, jnp.array(x))
        ...     seen.append([float(part[0]) for part in activity[:2]] + [float(activity.answer[0])])
        >>> seen
        [[0.0, 0.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, 5.0], [0.0, 5.0, 0.0]]

    Source: Debanne, Gahwiler & Thompson (1998), J. Physiol. 507:237; Morrison, Diesmann & Gerstner
    (2008), Biol. Cybern. 98:459 (delays of the two parts).
    """

    neuron: Neuron
    axonal: ArrayLike = 0
    dendritic: int = 0
    longest: int = static(default=1)

    State: ClassVar[type[PyTree]] = DelayedState

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the neuron
        """The fields that the neuron provides, except traces and their decays."""
        kept = (name for name in self.neuron.provides if "trace" not in name)
        return tuple(name for name in kept if "decay" not in name)

    @property
    def drives_only(self) -> bool:  # type: ignore[override]  # depends on the neuron
        """Whether the neuron reads the weights only as a product with its input."""
        return self.neuron.drives_only

    @property
    def state_names(self) -> PyTree:
        """The names of the delayed arrays, and of the neuron's state."""
        way: list[PyTree] = [f"{name}_on_way" for name in ("inputs", "spikes", "potentials")]
        return DelayedState._make([*way, self.neuron.state_names])

    def validate(self) -> None:
        """Check the neuron, and that the delays are whole numbers of at most ``longest``."""
        if not isinstance(self.neuron, Neuron) or isinstance(self.neuron, Stack):
            expected = "a neuron of one layer"
            raise ValidationError("neuron", expected, type(self.neuron).__name__)
        super().validate()
        check_size("longest", self.longest)
        dendritic = _check_delay("dendritic", self.dendritic, self.longest)
        _check_delay("axonal", self.axonal, self.longest - dendritic)

    def draw(self, key: Array, input_size: int, output_size: int) -> PyTree:
        """Return the neuron's initial weights, if there is one axon per input."""
        self._check_axons(input_size)
        return super().draw(key, input_size, output_size)

    def _check_axons(self, input_size: int) -> None:
        if np.shape(self.axonal) not in ((), (1,), (input_size,)):
            expected = f"one delay, or {input_size}, one for each input"
            raise ValidationError("axonal", expected, f"shape {np.shape(self.axonal)}")

    def init(self, weights: PyTree) -> DelayedState:
        """Return the state at rest: no past inputs or spikes, and the resting potential."""
        rest = self.neuron.init(weights)
        silent, spikes = self.neuron.silence(weights)
        self._check_axons(len(silent))
        _, activity = self.neuron.step(rest, weights, silent)
        potential = spikes[:0] if activity.potential is None else activity.potential
        inputs, outputs, potentials = (
            jnp.tile(part, (self.longest, 1)) for part in (silent, spikes, potential)
        )
        return DelayedState(inputs, outputs, potentials, rest)

    def seeded(self, state: DelayedState, key: Array) -> DelayedState:
        """Return the state with the neuron's random seed set from a JAX key."""
        return state._replace(neuron=self.neuron.seeded(state.neuron, key))

    def step(self, state: DelayedState, weights: PyTree, x: Array) -> tuple[DelayedState, Activity]:
        """Shift the delayed arrays by a step, and give the neuron the input that arrives."""
        inputs, place = jnp.concatenate([x[None], state.inputs]), jnp.arange(len(x))
        # As hyperparameters, traced whole numbers may have become floats.
        axonal, dendritic = (jnp.asarray(d).astype(int) for d in (self.axonal, self.dendritic))
        own, activity = self.neuron.step(state.neuron, weights, inputs[axonal + dendritic, place])
        held = state.spikes[0, :0] if activity.potential is None else activity.potential
        spikes = jnp.concatenate([activity.post[None], state.spikes])
        potentials = jnp.concatenate([held[None], state.potentials])
        after = DelayedState(inputs[:-1], spikes[:-1], potentials[:-1], own)
        late = None if activity.potential is None else potentials[dendritic]
        seen = self.show(inputs[axonal, place], spikes[dendritic], late)
        return after, seen._replace(output=activity.answer)


def _check_delay(name: str, value: ArrayLike, most: int) -> int:
    """Return the longest delay in ``value``."""
    if is_traced(value):
        return 0
    steps = check_vector(name, np.atleast_1d(value))
    if (steps % 1 != 0).any() or steps.min() < 0 or steps.max() > most:
        expected = f"a whole number of steps from 0 to {most}, with longest"
        raise ValidationError(name, expected, repr(value), "Raise longest.")
    return int(steps.max())
