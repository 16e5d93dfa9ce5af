"""The rule of Krotov and Hopfield: Hebbian for the winner, anti-Hebbian for a runner-up."""

import math
from typing import ClassVar

import numpy as np

from canns.dynamics import Activity, Neuron, RankedWinners
from canns.plasticity.rule import Memory, PotentialRead, Reads, Rule, contract
from canns.plasticity.rules.instar import AVERAGING_RATE
from canns.typing import AnyArray, Array, FloatArray, param, pytree

__all__ = ["KrotovHopfield", "NormRule", "normalised_product"]


def normalised_product(learning_rate: float, weights: Array, activity: Activity) -> Array:
    """Return eta y (x - u W), whose decay term keeps the norm of an active row at 1."""
    y, u = activity.post, activity.potential
    assert u is not None, "see needs"
    return learning_rate * (contract(y, activity.pre) - (y * u)[:, None] * weights)


class NormRule(Rule):
    """A rule that keeps the norm of a row near 1, stable for ``eta |x| < 1``."""

    learning_rate: float

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return 1/max|x|, below which the norm of a row parallel to x is stable."""
        longest = math.sqrt(float(np.einsum("ij,ij->i", inputs, inputs).max()))
        return 1 / longest if longest > 0 else math.inf

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return 0.01/E|x|: a row is an average of the directions of the last 100 samples."""
        length = float(np.sqrt(np.einsum("ij,ij->i", inputs, inputs)).mean())
        return AVERAGING_RATE / length if length > 0 else AVERAGING_RATE

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound for a stable norm, at p = 2."""
        return (
            "The norm of a row is stable for learning_rate < 1/max|x| = "
            f"{self.largest_rate(inputs):.3g}, if it is not far from 1 at first."
        )


@pytree
class KrotovHopfield(NormRule):
    r"""The unsupervised rule of Krotov and Hopfield, sample by sample.

    .. math:: \Delta w_{ij} = \eta\, g_i\,(x_j - I_i w_{ij})

    For :class:`~canns.dynamics.RankedWinners`, which has the exponent p, and the activity g: 1 for
    the neuron with the largest current I, and :math:`-\Delta` for the neuron of rank k. The p-norm
    of a row changes by :math:`\frac{d}{dt} |w_i|_p^p = \eta p\, g_i I_i (1 - |w_i|_p^p)`, so the
    p-norm of a winner's row converges to 1. The row of a neuron that wins for only one input x
    converges to :math:`x / |x|_p`.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> x, g, current = jnp.array([1.0, 0.0]), jnp.array([1.0]), jnp.array([0.5])
        >>> activity = Activity(x, g, potential=current)
        >>> KrotovHopfield(0.5).step((), jnp.array([[0.5, 1.0]]), activity)[1].tolist()
        [[0.375, -0.25]]

    Source: Krotov & Hopfield (2019), PNAS 116:7723.
    """

    learning_rate: float = param(default=0.02, low=0)

    needs: ClassVar[tuple[str, ...]] = ("potential",)
    remedy: ClassVar[str] = "Train a NeuronLayer of RankedWinners."
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (RankedWinners,)

    reads: ClassVar[Reads | None] = "responses"
    reads_potential: ClassVar[PotentialRead | None] = "field"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta g (x - I W)."""
        return memory, normalised_product(self.learning_rate, weights, activity)
