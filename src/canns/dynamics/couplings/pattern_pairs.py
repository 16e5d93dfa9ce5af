"""Couplings that lead from each pattern to another, such as those of a sequence."""

import jax.numpy as jnp

from canns._explain import explained
from canns.dynamics.couplings.stored_patterns import StoredPatterns
from canns.typing import Array

__all__ = ["LowRank"]


@explained
def LowRank(post: Array, pre: Array, scale: float | Array, diagonal: Array) -> StoredPatterns:
    r"""Return couplings of pairs of patterns, which need not be symmetric, in floats.

    .. math:: W = c \sum_\mu y^\mu (x^\mu)^T - \mathrm{diag}(d)

    With ``post=jnp.roll(pre, -1, 0)`` each pattern leads to the next. For Hebb's couplings take
    :meth:`StoredPatterns.hebbian`, which keeps the patterns once; ``LowRank.hebbian`` is the same.

    Args:
        post: The patterns y, (P, N).
        pre: The patterns x, (P, N).
        scale: c.
        diagonal: d, (N,): the self-couplings of the sum, to take them away; or zeros.

    Returns:
        The couplings. They are not checked, so that any of them may be traced.

    Example:
        >>> pre, post = jnp.array([[1.0, 1.0]]), jnp.array([[1.0, -1.0]])
        >>> LowRank(post, pre, 0.5, jnp.zeros(2)).field(pre).tolist()
        [[1.0, -1.0]]
    """
    return StoredPatterns(pre, None, jnp.asarray(scale), diagonal, post=post)


LowRank.hebbian = StoredPatterns.hebbian  # type: ignore[attr-defined]
