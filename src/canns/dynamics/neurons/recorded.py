"""Neurons whose activity is given, by a protocol or a recording."""

from typing import ClassVar

from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import PotentialKind, Signal, Signals
from canns.errors import ValidationError
from canns.typing import Array, PyTree, pytree, static

__all__ = ["Recorded"]


@pytree
class Recorded(Neuron):
    r"""Neurons whose presynaptic and postsynaptic activity are both given.

    .. math:: x = (x_{pre},\, y_{post}) \quad\text{or}\quad x = (x_{pre},\, y_{post},\, u)

    This runs a learning rule on spikes at chosen or measured times. The weights change, but do not
    influence the activity.

    Args:
        potential: Whether the input also contains the membrane potential u, (out,).

    Raises:
        ValidationError: If the length of an input is not in + out, or in + 2 out with potentials.

    Example:
        >>> import jax.numpy as jnp
        >>> weights, x = jnp.zeros((1, 2)), jnp.array([1.0, 0.0, 1.0])
        >>> _, activity = Recorded().step(NoState(), weights, x)
        >>> activity.pre.tolist(), activity.post.tolist()
        ([1.0, 0.0], [1.0])
    """

    potential: bool = static(default=False)

    drives_only: ClassVar[bool] = True
    clamped: ClassVar[bool] = True
    emits: ClassVar[Signal | None] = "recorded"
    potential_kind: ClassVar[PotentialKind | None] = "recorded"

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # if it is recorded
        """The potential, if it is given."""
        return ("potential",) if self.potential else ()

    def signals(self, weights: PyTree) -> Signals:
        """Return that all activity is recorded; the columns end before the potential."""
        both = slice(sum(weights.shape))
        return Signals("recorded", "recorded", self.potential_kind, None, both)

    def sample_size(self, weights: PyTree) -> int:
        """Return the number of inputs and outputs, and of the potentials."""
        out, in_ = weights.shape
        return int(in_ + out * (2 if self.potential else 1))

    def init(self, weights: Array) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: Array, x: Array) -> tuple[NoState, Activity]:
        """Return the parts of the input; ``x`` may have leading axes."""
        out, in_ = weights.shape
        size = in_ + out * (2 if self.potential else 1)
        if x.shape[-1] != size:
            parts = "presynaptic, postsynaptic" + (", potential" if self.potential else "")
            raise ValidationError("inputs", f"of {size} columns: {parts}", f"{x.shape[-1]}")
        u = x[..., in_ + out :] if self.potential else None
        return state, Activity(x[..., :in_], x[..., in_ : in_ + out], potential=u)
