"""Synaptic scaling: homeostasis of each neuron's mean rate."""

from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics import Activity, Linear, Neuron
from canns.plasticity.rule import Memory, Reads, Rule
from canns.typing import AnyArray, Array, FloatArray, param, pytree

__all__ = ["SynapticScaling"]


@pytree
class SynapticScaling(Rule):
    r"""Multiplicative synaptic scaling towards a target rate.

    .. math::
        \Delta W = \eta\,(r^* - \bar r)\, W, \qquad \bar r \leftarrow \bar r + (y - \bar r)/\tau

    The weight change uses the average after this step; the average starts at the target. All
    weights of a neuron change by the same factor, so their ratios, which other rules learn, are
    kept: combine the rules by :class:`~canns.plasticity.Sum`. The fixed point is
    :math:`\bar r = r^*`. For a linear neuron at a constant input it is stable if and only if
    :math:`\eta\, r^* < 4 \tau - 2`.

    Args:
        learning_rate: Eta.
        target_rate: r*, the target mean output of each neuron, above 0.
        rate_tau: Tau in steps, at least 1.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 1.0]), post=jnp.array([4.0]))
        >>> rule = SynapticScaling(0.5, target_rate=2.0, rate_tau=2.0)
        >>> (rate,), delta = rule.step((jnp.array([2.0]),), jnp.array([[1.0, 3.0]]), activity)
        >>> float(rate[0]), delta.tolist()
        (3.0, [[-0.5, -1.5]])

    Source: Turrigiano (2008), Cell 135:422; van Rossum, Bi & Turrigiano (2000), J. Neurosci.
    20:8812.
    """

    learning_rate: float = param(default=0.001, low=0)
    target_rate: float = param(default=1.0, low=0, open_low=True)
    rate_tau: float = param(default=100.0, low=1)

    memory_attrs: ClassVar[tuple[str, ...]] = ("mean_rate",)
    own_memory: ClassVar[bool] = True
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (Linear,)

    reads: ClassVar[Reads | None] = "responses"

    def init(self, weights: Array) -> Memory:
        """Return an average equal to the target."""
        return (jnp.full(weights.shape[0], self.target_rate, weights.dtype),)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the updated average and eta (r* - r) W."""
        (rate,) = memory
        rate = rate + (activity.post - rate) / self.rate_tau
        return (rate,), self.learning_rate * (self.target_rate - rate)[:, None] * weights

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return ``(4 tau - 2)/r*``, whatever the inputs."""
        return (4 * self.rate_tau - 2) / self.target_rate

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound eta r* < 4 tau - 2 in numbers."""
        bound = self.largest_rate(inputs)
        return (
            "The mean rate of a linear neuron is stable for learning_rate < (4 rate_tau - 2)/"
            f"target_rate = {bound:.3g}; outputs should be of the order of the target."
        )
