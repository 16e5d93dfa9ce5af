"""The instar rule: weights move towards the inputs at which their neuron is active."""

from typing import ClassVar

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.typing import Array, FloatArray, param, pytree

__all__ = ["AVERAGE", "Instar"]

AVERAGE = "It averages inputs: for activities of 0 and 1 it is stable for learning_rate < 2."


@pytree
class Instar(Rule):
    r"""The instar rule, for activities that are not negative.

    .. math:: \Delta w_{ij} = \eta\, y_i (x_j - w_{ij})

    At the fixed point a row is the mean of the inputs weighted by the activity,
    :math:`E[y_i x] / E[y_i]`. For a binary neuron this is the mean of the inputs to which it
    responds. If the nearest neuron wins (:class:`~canns.dynamics.WinnerTakeAll` with the match
    "distance"), it is a centre of k-means. At constant eta a row fluctuates about this mean; the
    covariance is, for binary neurons, :math:`\eta/(2 - \eta)` times that of the inputs to which
    the neuron responds.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 0.0]), post=jnp.array([1.0, 0.0]))
        >>> Instar(0.5).step((), jnp.full((2, 2), 0.5), activity)[1].tolist()
        [[0.25, -0.25], [0.0, 0.0]]

    Source: Grossberg (1976), Biol. Cybern. 23:121; Foldiak (1990), Biol. Cybern. 64:165.
    """

    learning_rate: float = param(default=0.02, low=0)

    reads: ClassVar[Reads | None] = "rates"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta y (x - w)."""
        y = activity.post
        return memory, self.learning_rate * (contract(y, activity.pre) - y[:, None] * weights)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound, which is that of a running average."""
        return AVERAGE
