"""Competitive learning: winners redistribute their weight to the active inputs."""

from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.plasticity.rules.instar import AVERAGE, AVERAGING_RATE
from canns.typing import AnyArray, Array, FloatArray, param, pytree

__all__ = ["Competitive"]


@pytree
class Competitive(Rule):
    r"""Competitive learning by one or several winners, on inputs of any length.

    .. math:: \Delta w_{ij} = \eta\, y_i \Big(\frac{x_j}{\sum_k |x_k|} - w_{ij}\Big)

    For :class:`~canns.dynamics.WinnerTakeAll`, whose y is 1 for winners and 0 for others. If inputs
    are not negative, a row of sum 1 keeps this sum. At the fixed point a row is the mean of the
    scaled inputs for which its neuron wins. An input of zeros changes nothing. Without the scaling
    the rule is :class:`Instar`.

    Args:
        learning_rate: Eta, the share of its weight that a winner redistributes, in [0, 1].

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([3.0, 1.0]), post=jnp.array([1.0, 0.0]))
        >>> Competitive(0.5).step((), jnp.full((2, 2), 0.5), activity)[1].tolist()
        [[0.125, -0.125], [0.0, 0.0]]

    Source: Rumelhart & Zipser (1985), Cognitive Science 9:75.
    """

    learning_rate: float = param(default=0.05, low=0, high=1)

    reads: ClassVar[Reads | None] = "competition"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return ``eta y (x / |x| - w)``."""
        x, y = activity.pre, activity.post
        total = jnp.sum(jnp.abs(x))
        shares = x / jnp.where(total == 0, 1.0, total)
        delta = self.learning_rate * (contract(y, shares) - y[:, None] * weights)
        return memory, jnp.where(total == 0, 0.0, delta)

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return the rate of an average over the last 100 samples, whatever their scale."""
        return AVERAGING_RATE

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound, which is that of a running average."""
        return AVERAGE
