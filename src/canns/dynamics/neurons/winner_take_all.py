"""The winner-take-all neuron: the k neurons that match the input best are active."""

from typing import ClassVar, Literal

import jax
import jax.numpy as jnp

from canns._validation import check_choice, check_size
from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import PotentialKind, Signal
from canns.typing import Array, pytree, static

__all__ = ["MATCHES", "Match", "WinnerTakeAll"]

Match = Literal["product", "distance"]
MATCHES: tuple[Match, ...] = ("product", "distance")


@pytree
class WinnerTakeAll(Neuron):
    r"""Neurons that are 1 if their match is among the k largest, and else 0.

    .. math::
        y_i = [u_i \text{ is among the } k \text{ largest}], \qquad
        u_i = w_i \cdot x \quad\text{or}\quad u_i = w_i \cdot x - \tfrac12 |w_i|^2

    With the second, the match "distance", the neurons win whose weights are nearest to the input.
    At equal matches neurons of lower index win.

    Args:
        winners: K; if it exceeds the number of neurons, all are active. It selects code.
        match: "product" or "distance". It selects code.

    Example:
        >>> import jax.numpy as jnp
        >>> weights, x = jnp.array([[3.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), jnp.array([1.0, 0.0])
        >>> _, activity = WinnerTakeAll().step(NoState(), weights, x)
        >>> activity.post.tolist(), activity.potential.tolist()
        ([1.0, 0.0, 0.0], [3.0, 1.0, 0.0])
        >>> WinnerTakeAll(match="distance").step(NoState(), weights, x)[1].post.tolist()
        [0.0, 1.0, 0.0]

    Source: Rumelhart & Zipser (1985), Cognitive Science 9:75 (product); Kohonen (1982), Biol.
    Cybern. 43:59 (distance).
    """

    winners: int = static(default=1)
    match: Match = static(default="product")

    provides: ClassVar[tuple[str, ...]] = ("potential",)

    @property
    def emits(self) -> Signal:  # type: ignore[override]  # depends on the match
        """The nearest neuron, or the winners by product; by distance, several are "binary"."""
        if self.match == "product":
            return "winners"
        return "nearest" if self.winners == 1 else "binary"

    @property
    def potential_kind(self) -> PotentialKind:  # type: ignore[override]  # depends on the match
        """The field, or by distance the match."""
        return "field" if self.match == "product" else "match"

    def validate(self) -> None:
        """Check the number of winners and the name of the match."""
        super().validate()
        check_size("winners", self.winners)
        check_choice("match", self.match, MATCHES)

    def draw(self, key: Array, input_size: int, output_size: int) -> Array:
        """Return uniform non-negative weights, each row scaled to the sum 1."""
        weights = jax.random.uniform(key, (output_size, input_size))
        return weights / jnp.sum(weights, axis=1, keepdims=True)

    def init(self, weights: Array) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: Array, x: Array) -> tuple[NoState, Activity]:
        """Let the neurons compete; their potential is the match."""
        u = weights @ x
        if self.match == "distance":
            # On a CPU a matrix product is vectorised, and XLA's sum along a row is not.
            u = u - 0.5 * (weights * weights) @ jnp.ones(weights.shape[1], weights.dtype)
        _, first = jax.lax.top_k(before_spike(u, self), min(self.winners, len(u)))
        return state, Activity(x, jnp.zeros_like(u).at[first].set(1.0), potential=u)
