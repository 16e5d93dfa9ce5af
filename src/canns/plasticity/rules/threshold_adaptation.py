"""Thresholds that adapt until each neuron has a given mean activity."""

from typing import ClassVar

from canns.dynamics import Activity, Role
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule
from canns.typing import Array, FloatArray, PyTree, param, pytree

__all__ = ["ThresholdAdaptation"]


@pytree
class ThresholdAdaptation(Rule):
    r"""Each neuron's threshold follows its activity.

    .. math:: \Delta t_i = \gamma\,(y_i - p)

    Use it for the part of the weights that holds the thresholds, (out,). Over T samples the mean
    activity is exactly :math:`p + (t(T) - t(0))/(\gamma T)`.

    Args:
        learning_rate: Gamma.
        p: Target share of inputs to which each neuron responds, in [0, 1].

    Example:
        >>> import jax.numpy as jnp
        >>> y = jnp.array([1.0, 0.0])
        >>> ThresholdAdaptation(1.0, 0.25).step((), jnp.zeros(2), Activity(y, y))[1].tolist()
        [0.75, -0.25]

    Source: Foldiak (1990), Biol. Cybern. 64:165.
    """

    learning_rate: float = param(default=0.02, low=0)
    p: float = param(default=0.125, low=0, high=1)

    reads: ClassVar[Reads | None] = "anything"
    role: ClassVar[Role | None] = "threshold"

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the weights are not thresholds, (out,)."""
        super().check_weights(weights)
        if weights.ndim != 1:
            expected = "one for this part of the weights"
            got = f"ThresholdAdaptation for shape {weights.shape}"
            raise ValidationError("rule", expected, got, "It is for thresholds, (out,).")

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return gamma (y - p)."""
        return memory, self.learning_rate * (activity.post - self.p)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return no numbers: with binary neurons a sample changes a threshold by at most eta."""
        return "Thresholds move by at most learning_rate a sample, so something else diverged."
