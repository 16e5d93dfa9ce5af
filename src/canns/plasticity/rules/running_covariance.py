"""The covariance rule with running means."""

from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule
from canns.plasticity.rules.hebbian import UNBOUNDED, product
from canns.typing import Array, FloatArray, param, pytree

__all__ = ["RunningCovariance"]


@pytree
class RunningCovariance(Rule):
    r"""The covariance rule, with means that the rule estimates itself.

    .. math::
        \Delta W = \eta\,(y - \bar y)(x - \bar x)^T, \qquad
        \bar y \leftarrow \bar y + (y - \bar y)/\tau, \quad
        \bar x \leftarrow \bar x + (x - \bar x)/\tau

    The weight change uses the means before this step; they start at zero. Over independent samples
    the expected change is :math:`\eta\, \mathrm{Cov}(y, x)\, 2\tau/(2\tau - 1)`. The fluctuations
    of the means add the share :math:`1/(2\tau - 1)`. If the means are known, use
    :class:`Covariance`.

    Args:
        learning_rate: Eta.
        mean_tau: Tau in steps, at least 1.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([2.0]), post=jnp.array([4.0]))
        >>> memory = jnp.array([1.0]), jnp.array([2.0])
        >>> memory, delta = RunningCovariance(1.0, 2.0).step(memory, jnp.zeros((1, 1)), activity)
        >>> delta.round(3).tolist(), [mean.tolist() for mean in memory]
        ([[2.0]], [[1.5], [3.0]])

    Source: Sejnowski (1977), J. Math. Biol. 4:303; Dayan & Abbott (2001), Theoretical
    Neuroscience, ch. 8.
    """

    learning_rate: float = param(default=0.01, low=0)
    mean_tau: float = param(default=100.0, low=1)

    memory_attrs: ClassVar[tuple[str, ...]] = ("mean_pre", "mean_post")
    own_memory: ClassVar[bool] = True
    centres: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "anything"

    def init(self, weights: Array) -> Memory:
        """Return means of zero."""
        post, pre = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        return pre, post

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the updated means and eta (y - mean)(x - mean)'."""
        mean_pre, mean_post = memory
        pre, post = activity.pre - mean_pre, activity.post - mean_post
        after = mean_pre + pre / self.mean_tau, mean_post + post / self.mean_tau
        return after, product(self.learning_rate, Activity(pre, post))

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message of all product rules: there is no bound."""
        return UNBOUNDED
