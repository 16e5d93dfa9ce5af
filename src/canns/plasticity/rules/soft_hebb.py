"""SoftHebb: Hebbian learning with soft winner-take-all, which finds the classes of a mixture."""

from typing import ClassVar

from canns.dynamics import Activity, Neuron, SoftWinners
from canns.plasticity.rule import Memory, PotentialRead, Reads
from canns.plasticity.rules.krotov_hopfield import NormRule, normalised_product
from canns.typing import Array, param, pytree

__all__ = ["SoftHebb"]


@pytree
class SoftHebb(NormRule):
    r"""The SoftHebb rule.

    .. math:: \Delta w_{ij} = \eta\, y_i\,(x_j - u_i w_{ij})

    For :class:`~canns.dynamics.SoftWinners`, whose y is the softmax of u = W x. At the fixed point
    each row is :math:`w_i = E[y_i x] / |E[y_i x]|`, of unit norm. If the classes are far apart and
    each has its own neuron, the row is the class mean, scaled to unit norm. The neurons have no
    bias, as in the paper for classes of equal probability.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(jnp.array([1.0]), jnp.array([0.5]), potential=jnp.array([0.5]))
        >>> SoftHebb(1.0).step((), jnp.array([[0.5]]), activity)[1].tolist()
        [[0.375]]

    Source: Moraitis, Toichkin, Journe, Chua & Guo (2022), Neuromorph. Comput. Eng. 2:044017.
    """

    learning_rate: float = param(default=0.02, low=0)

    needs: ClassVar[tuple[str, ...]] = ("potential",)
    remedy: ClassVar[str] = "Train a NeuronLayer of SoftWinners."
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (SoftWinners,)

    reads: ClassVar[Reads | None] = "responses"
    reads_potential: ClassVar[PotentialRead | None] = "field"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta y (x - u W)."""
        return memory, normalised_product(self.learning_rate, weights, activity)
