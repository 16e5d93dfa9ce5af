"""What neurons share that have excitatory and inhibitory synapses of two kinds."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns._validation import check_size
from canns.dynamics.neuron import Activity
from canns.dynamics.neurons.spiking import Refractory
from canns.dynamics.signal import Signals
from canns.errors import ValidationError
from canns.typing import Array, PyTree

__all__ = ["ExcitatoryInhibitory", "TwoKinds"]


class ExcitatoryInhibitory(NamedTuple):
    """Weights of excitatory and inhibitory synapses, each (out, in) for inputs of that kind."""

    excitatory: Array
    inhibitory: Array


class TwoKinds(Refractory):
    """A refractory neuron with excitatory and inhibitory synapses; the latter read x's end.

    A subclass has the static field ``inhibitory``, the number of its inhibitory inputs.
    """

    Parts: ClassVar[type[PyTree] | None] = ExcitatoryInhibitory
    provides: ClassVar[tuple[str, ...]] = ("parts", "potential", "0.potential", "1.potential")

    inhibitory: int

    def validate(self) -> None:
        """Check the intervals, the count, and that V_reset is below the threshold."""
        super().validate()
        check_size("inhibitory", self.inhibitory, low=0)

    def signals(self, weights: PyTree) -> Signals:
        """Return that each part reads its own columns of a sample."""
        first = weights[0].shape[1]
        both = Signals("input", self.emits, self.potential_kind)
        columns = slice(first), slice(first, None)
        return both._replace(parts=tuple(both._replace(columns=own) for own in columns))

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the weights do not fit, or are not for so many inhibitory inputs."""
        super().check_weights(weights)
        found = weights.inhibitory.shape[1]
        if found != self.inhibitory:
            expected = f"for {self.inhibitory} inputs, as the neuron says by inhibitory"
            raise ValidationError("inhibitory weights", expected, f"for {found}")

    def sample_size(self, weights: PyTree) -> int:
        """Return the number of inputs, excitatory and inhibitory."""
        return sum(part.shape[1] for part in weights)

    def silence(self, weights: ExcitatoryInhibitory) -> tuple[Array, Array]:
        """Return zeros for all inputs, excitatory and inhibitory, and for the outputs."""
        excitatory, inhibitory = weights
        inputs = excitatory.shape[1] + inhibitory.shape[1]
        return jnp.zeros(inputs, excitatory.dtype), jnp.zeros(len(excitatory), excitatory.dtype)

    def show(self, pre: Array, post: Array, potential: Array | None = None) -> Activity:
        """Return the activity, with a part for each kind of synapse."""
        parts = tuple(Activity(part, post, potential=potential) for part in self._split(pre))
        return Activity(pre, post, potential=potential, parts=parts)

    def _count_excitatory(self, input_size: int) -> int:
        """Return the number of excitatory inputs, or raise if there are too few inputs."""
        excitatory = input_size - self.inhibitory
        if excitatory < 0:
            expected = f"at most input_size = {input_size}"
            raise ValidationError("inhibitory", expected, f"{self.inhibitory}")
        return excitatory

    def _split(self, x: Array) -> tuple[Array, Array]:
        first = x.shape[-1] - self.inhibitory
        return x[..., :first], x[..., first:]
