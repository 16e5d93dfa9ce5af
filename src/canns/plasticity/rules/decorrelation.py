"""Anti-Hebbian decorrelation of binary neurons that have a given mean activity."""

from typing import ClassVar

from canns.dynamics import Activity, Role
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.typing import Array, FloatArray, PyTree, param, pytree

__all__ = ["Decorrelation"]


@pytree
class Decorrelation(Rule):
    r"""Lateral weights change until two neurons are active together as often as by chance.

    .. math:: \Delta w_{ij} = -\alpha\,(y_i y_j - p^2)

    Use it for the lateral part of the weights, with the constraint that they inhibit,
    ``Chain((NonPositive(), ZeroDiagonal()))``. If a weight stays below zero,
    :math:`E[y_i y_j] = p^2`. To decorrelate linear neurons, use
    :class:`~canns.plasticity.AntiHebbian`, which has no p.

    Args:
        learning_rate: Alpha.
        p: Target share of inputs to which each neuron responds, in [0, 1].

    Example:
        >>> import jax.numpy as jnp
        >>> y = jnp.array([1.0, 1.0, 0.0])
        >>> Decorrelation(1.0, 0.5).step((), jnp.zeros((3, 3)), Activity(y, y))[1][0].tolist()
        [-0.75, -0.75, 0.25]

    Source: Foldiak (1990), Biol. Cybern. 64:165.
    """

    learning_rate: float = param(default=0.1, low=0)
    p: float = param(default=0.125, low=0, high=1)

    reads: ClassVar[Reads | None] = "anything"
    role: ClassVar[Role | None] = "lateral"

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the weights are not lateral, (out, out)."""
        super().check_weights(weights)
        if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
            expected = "one for this part of the weights"
            got = f"Decorrelation for shape {weights.shape}"
            raise ValidationError("rule", expected, got, "It is for lateral ones, (out, out).")

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return -alpha (y y' - p^2)."""
        together = contract(activity.post, activity.pre)
        return memory, -self.learning_rate * (together - self.p**2)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return no numbers: the activity of binary neurons is bounded in any case."""
        return "Use a smaller learning rate; weights that are free to excite have no bound."
