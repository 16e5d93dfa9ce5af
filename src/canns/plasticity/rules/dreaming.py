"""The dreaming kernel: between Hebb's rule and the projector."""

from typing import ClassVar

import jax.numpy as jnp
from jax.scipy.linalg import solve

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Rule, Shown, widen
from canns.typing import Array, FloatArray, param, pytree

__all__ = ["Dreaming"]


@pytree
class Dreaming(Rule):
    r"""Hebb's weights after reinforcement and removal ("sleep") for a time t.

    .. math:: W = \frac{1}{N} X^T \frac{1 + t}{1 + t C} X, \qquad C = \frac{1}{N} X X^T

    with the patterns in the rows of X, (P, N). At t = 0 this is Hebb's rule. As t grows, W
    approaches the projector onto the patterns, and the capacity grows from 0.14 N to N. The new
    weights replace the old ones.

    Args:
        dream_time: t.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Clamped
        >>> from canns.plasticity import learn, Setup
        >>> patterns = jnp.array([[1.0, 1.0], [1.0, -1.0]])
        >>> learn(Setup(Dreaming(3.0), Clamped()), jnp.zeros((2, 2)), patterns).weights.tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    Source: Fachechi, Agliari & Barra (2019), Neural Networks 112:24.
    """

    dream_time: float = param(default=10.0, low=0)

    shown: ClassVar[Shown] = "whole"
    padding_value: ClassVar[float] = 0.0

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the new weights minus the old ones, by the smaller of the two Gram matrices."""
        pre, post = widen(activity.pre), widen(activity.post)
        num_patterns, size = pre.shape
        gram = (pre @ pre.T if num_patterns <= size else pre.T @ pre) / size
        # (1 + tC)/(1 + t), so that no large numbers occur at a long time t.
        awake = 1 / (1 + self.dream_time)
        kernel = awake * jnp.eye(len(gram), dtype=gram.dtype) + (1 - awake) * gram
        if num_patterns <= size:
            wanted = post.T @ solve(kernel, pre, assume_a="pos") / size
        else:
            wanted = solve(kernel, pre.T @ post, assume_a="pos").T / size
        # Otherwise an infinite Gram matrix would give weights of zero, and hide the overflow.
        wanted = jnp.where(jnp.isfinite(gram).all(), wanted, jnp.nan)
        return memory, wanted.astype(weights.dtype) - weights

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message that linearly dependent patterns limit the time."""
        return (
            "If patterns are linearly dependent, rounding limits the time: use a shorter "
            "dream_time, or PseudoInverse, which is its limit."
        )
