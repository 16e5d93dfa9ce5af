"""Soft winner-take-all: a softmax over the neurons of a layer."""

from typing import ClassVar

import jax
import jax.numpy as jnp

from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import PotentialKind, Signal
from canns.typing import Array, param, pytree

__all__ = ["SoftWinners"]


@pytree
class SoftWinners(Neuron):
    r"""Neurons whose activity is the softmax of their fields.

    .. math:: y_i = \frac{e^{u_i / T}}{\sum_j e^{u_j / T}}, \qquad u = W x

    Args:
        temperature: T > 0, in units of u; for T to 0 only the largest field is active.

    Example:
        >>> import jax.numpy as jnp
        >>> neuron, weights = SoftWinners(0.5), jnp.log(jnp.array([[3.0], [1.0]]))
        >>> _, activity = neuron.step(NoState(), weights, jnp.array([0.5]))
        >>> [round(float(y), 3) for y in activity.post]
        [0.75, 0.25]

    Source: Nessler, Pfeiffer, Buesing & Maass (2013), PLoS Comput. Biol. 9:e1003037; Moraitis,
    Toichkin, Journe, Chua & Guo (2022), Neuromorph. Comput. Eng. 2:044017.
    """

    temperature: float = param(default=1.0, low=0, open_low=True)

    emits: ClassVar[Signal | None] = "shares"
    potential_kind: ClassVar[PotentialKind | None] = "field"
    provides: ClassVar[tuple[str, ...]] = ("potential",)

    def draw(self, key: Array, input_size: int, output_size: int) -> Array:
        """Return weights with rows of random direction and unit Euclidean norm."""
        weights = jax.random.normal(key, (output_size, input_size))
        unit: Array = weights / jnp.linalg.norm(weights, axis=1, keepdims=True)
        return unit

    def init(self, weights: Array) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: Array, x: Array) -> tuple[NoState, Activity]:
        """Return the softmax; the potential is ``W x``."""
        u = weights @ x
        return state, Activity(x, jax.nn.softmax(u / self.temperature), potential=u)
