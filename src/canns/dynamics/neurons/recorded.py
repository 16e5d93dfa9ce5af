"""Neurons whose activity is given: what a protocol or a recording says that they do."""

from typing import ClassVar

from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.errors import ValidationError
from canns.typing import Array, pytree, static

__all__ = ["Recorded"]


@pytree
class Recorded(Neuron):
    r"""Neurons whose presynaptic and postsynaptic activity are both given.

    .. math:: x = (x_{pre},\, y_{post}) \quad\text{or}\quad x = (x_{pre},\, y_{post},\, u)

    So spikes at chosen times, or measured ones, run through a rule as they are; the weights change
    and make no difference to what happens next.

    Args:
        potential: Whether the input brings the membrane potential u too, (out,).

    Raises:
        ValidationError: Where an input is not in + out long, or in + 2 out with potentials.

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
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # where it is recorded
        """The potential, where that is given."""
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
