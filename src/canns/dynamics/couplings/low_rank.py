"""Couplings kept as the patterns that they are the sum of."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns.typing import Array, epsilon

__all__ = ["LowRank"]


class LowRank(NamedTuple):
    r"""A coupling matrix kept as the patterns that it is the sum of, never built.

    .. math:: W = c \sum_\mu y^\mu (x^\mu)^T - \mathrm{diag}(d)

    A field costs 2PN operations in place of :math:`N^2`, and P patterns memory in place of N.

    Args:
        post: The patterns y, (P, N).
        pre: The patterns x, (P, N); the same array for Hebb's rule.
        scale: c.
        diagonal: d, (N,): the self-couplings of the sum, to take them away; or zeros.
    """

    post: Array
    pre: Array
    scale: Array
    diagonal: Array

    @classmethod
    def hebbian(cls, patterns: Array, scale: float | Array = 1.0) -> "LowRank":
        """Return Hebb's couplings of ``patterns``, (P, N), without self-couplings."""
        c = jnp.asarray(scale, patterns.dtype)
        return cls(patterns, patterns, c, c * jnp.sum(patterns**2, axis=0))

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix that this stands for, (N, N)."""
        return self.post.shape[1], self.pre.shape[1]

    def field(self, states: Array) -> Array:
        """Return ``W s`` for each row of ``states``, (B, N)."""
        overlaps = jnp.einsum("pj,bj->bp", self.pre, states)
        return self.scale * (overlaps @ self.post) - self.diagonal * states

    def rounding(self) -> Array:
        r"""Return what rounding may move each neuron's field by, (N,).

        The sum over :math:`|W_{ij}|` is bounded by :math:`\sqrt{N \sum_j W_{ij}^2}`, taken for
        orthogonal patterns.
        """
        squares = jnp.sum(self.pre**2, axis=1)
        rows = jnp.sqrt(jnp.einsum("pi,p->i", self.post**2, squares))
        size = self.pre.shape[1]
        return 8 * epsilon(rows.dtype) * self.scale * jnp.sqrt(size) * rows

    def start_sweep(self, states: Array) -> "LowRankSweep":
        """Return what a sweep from ``states``, (B, N), needs."""
        overlaps = jnp.einsum("pj,bj->bp", self.pre, states)
        return LowRankSweep(self.post.T, self.pre.T, self.scale, self.diagonal, overlaps)


class LowRankSweep(NamedTuple):
    """An asynchronous sweep over patterns, one neuron a row, with the overlaps kept up to date.

    A neuron costs O(P), whether it only reads its field or moves.
    """

    post: Array
    pre: Array
    scale: Array
    diagonal: Array
    overlaps: Array

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""
        return self.scale * (self.overlaps @ self.post[i]) - self.diagonal[i] * states[:, i]

    def after(self, i: Array, change: Array) -> "LowRankSweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""

        def moved(overlaps: Array) -> Array:
            return overlaps + change[:, None] * self.pre[i]

        # Near a stored pattern hardly any neuron moves.
        some = jnp.any(change != 0)
        return self._replace(overlaps=jax.lax.cond(some, moved, lambda o: o, self.overlaps))
