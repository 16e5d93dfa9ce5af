"""Neurons whose activity is given, by a protocol or a recording."""

from typing import ClassVar

from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.errors import ValidationError
from canns.typing import Array, pytree, static

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

    clamped: ClassVar[bool] = True

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # if it is recorded
        """The potential, if it is given."""
        return ("potential",) if self.potential else ()

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
