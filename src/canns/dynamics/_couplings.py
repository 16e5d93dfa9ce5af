"""Couplings as a matrix, as the patterns they are made of, or as the few that there are."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns.typing import Array, epsilon

__all__ = [
    "Couplings",
    "LowRank",
    "Sparse",
    "Sweep",
    "field_of",
    "rounding_of",
    "start_sweep",
]


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


class Sparse(NamedTuple):
    r"""A coupling matrix of which each row has few entries, kept as those.

    .. math:: (W s)_i = \sum_{k} w_{ik} s_{j(i, k)}

    A field costs NC operations and memory in place of :math:`N^2`.

    Args:
        indices: j, (N, C), of integers: which neurons each one hears.
        weights: w, (N, C). Rows with fewer entries are filled up with a neuron's own index and 0.
    """

    indices: Array
    weights: Array

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix that this stands for, (N, N)."""
        return len(self.indices), len(self.indices)

    @property
    def size(self) -> int:
        """How many numbers are kept of it, NC."""
        return self.weights.size

    @classmethod
    def hebbian(cls, indices: Array, patterns: Array, scale: float | Array = 1.0) -> "Sparse":
        """Return Hebb's couplings of ``patterns``, (P, N), at ``indices``, (N, C), of others."""
        return cls(indices, scale * _products_at(indices, patterns))


@jax.jit
def _products_at(indices: Array, patterns: Array) -> Array:
    """Return the sum of ``x_i x_j`` over patterns, where j is another, (N, C)."""

    def add(total: Array, pattern: Array) -> tuple[Array, None]:
        return total + pattern[:, None] * pattern[indices], None

    # One pattern after another, for all at once would be an array of (P, N, C).
    total, _ = jax.lax.scan(add, jnp.zeros(indices.shape, patterns.dtype), patterns)
    return total * (indices != jnp.arange(len(indices))[:, None])


@jax.jit
def _sparse_field(couplings: Sparse, states: Array) -> Array:
    """Return ``W s`` for each row of ``states``, (B, N)."""
    indices, weights = couplings
    # Row by row, for all at once would be an array of (B, N, C).
    fields: Array = jax.lax.map(lambda s: jnp.sum(weights * s[indices], axis=1), states)
    return fields


Couplings = Array | LowRank | Sparse


def field_of(weights: Couplings, states: Array) -> Array:
    """Return ``W s`` for each row of ``states``, (B, N)."""
    if isinstance(weights, LowRank):
        overlaps = jnp.einsum("pj,bj->bp", weights.pre, states)
        return weights.scale * (overlaps @ weights.post) - weights.diagonal * states
    if isinstance(weights, Sparse):
        fields: Array = _sparse_field(weights, states)
        return fields
    return jnp.einsum("ij,bj->bi", weights, states)


class MatrixSweep(NamedTuple):
    """An asynchronous sweep over the rows of a matrix."""

    weights: Array

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""
        return states @ self.weights[i]

    def after(self, i: Array, change: Array) -> "MatrixSweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""
        return self


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


class SparseSweep(NamedTuple):
    """An asynchronous sweep over the few couplings of each neuron, at O(C) a neuron."""

    indices: Array
    weights: Array

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""
        return states[:, self.indices[i]] @ self.weights[i]

    def after(self, i: Array, change: Array) -> "SparseSweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""
        return self


Sweep = MatrixSweep | LowRankSweep | SparseSweep


def start_sweep(weights: Couplings, states: Array) -> Sweep:
    """Return what a sweep from ``states``, (B, N), needs."""
    if isinstance(weights, LowRank):
        post, pre, scale, diagonal = weights
        return LowRankSweep(post.T, pre.T, scale, diagonal, jnp.einsum("pj,bj->bp", pre, states))
    if isinstance(weights, Sparse):
        return SparseSweep(*weights)
    return MatrixSweep(weights)


def rounding_of(weights: Couplings) -> Array:
    r"""Return what rounding may move each neuron's field by, :math:`8\epsilon\sum_j|W_{ij}|`, (N,).

    Half of it was seen, in sums that first rise and then fall. Of :class:`LowRank` couplings the
    sum is bounded by :math:`\sqrt{N \sum_j W_{ij}^2}`, taken for orthogonal patterns.
    """
    if isinstance(weights, LowRank):
        squares = jnp.sum(weights.pre**2, axis=1)
        rows = jnp.sqrt(jnp.einsum("pi,p->i", weights.post**2, squares))
        size = weights.pre.shape[1]
        return 8 * epsilon(rows.dtype) * weights.scale * jnp.sqrt(size) * rows
    if isinstance(weights, Sparse):
        weights = weights.weights
    return 8 * epsilon(weights.dtype) * jnp.sum(jnp.abs(weights), axis=1)
