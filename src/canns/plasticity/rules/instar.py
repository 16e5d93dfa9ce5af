"""The instar rule: weights move towards the inputs at which their neuron is active."""

from typing import ClassVar

from canns._warnings import warn
from canns.dynamics import Activity, LateralThreshold, Neuron, SoftWinners, WinnerTakeAll
from canns.plasticity.rule import Memory, Reads, Rule, contract, refuse_rate
from canns.typing import AnyArray, Array, FloatArray, PyTree, param, pytree

__all__ = ["AVERAGE", "AVERAGING_RATE", "Instar"]

AVERAGING_RATE = 0.01  # the variance of such a running average is 1/199 of that of the samples

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
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = WinnerTakeAll, SoftWinners, LateralThreshold

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta y (x - w)."""
        y = activity.post
        return memory, self.learning_rate * (contract(y, activity.pre) - y[:, None] * weights)

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return 2, the bound of a running average at activities of 0 and 1."""
        return 2.0

    def check_data(self, weights: PyTree, inputs: AnyArray, neuron: Neuron, power: float) -> None:
        """Raise beyond the bound; warn above 1, at which a row jumps onto the sample."""
        name = type(self).__name__
        refuse_rate(name, self.learning_rate, self.largest_rate(inputs), "Take one below 1.")
        if self.learning_rate > 1:
            warn(
                f"At a learning_rate of {self.learning_rate:g}, above 1, a winner's row jumps past "
                "the sample that it moves towards.",
                "Take 0.1 or less.",
            )

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return the rate of an average over the last 100 samples, whatever their scale."""
        return AVERAGING_RATE

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound, which is that of a running average."""
        return AVERAGE
