"""Sparse couplings: a table of the few that each neuron has."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns.typing import Array, epsilon

__all__ = ["Sparse"]


class Sparse(NamedTuple):
    r"""A coupling matrix with few entries per row, stored as these entries.

    .. math:: (W s)_i = \sum_{k} w_{ik} s_{j(i, k)}

    A field costs NC operations and memory instead of :math:`N^2`.

    Args:
        indices: j, (N, C), integers: the neurons that each neuron hears.
        weights: w, (N, C). Shorter rows are padded with the neuron's own index and weight 0.
    """

    indices: Array
    weights: Array

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix, (N, N)."""
        return len(self.indices), len(self.indices)

    @property
    def size(self) -> int:
        """The number of stored weights, NC."""
        return self.weights.size

    @classmethod
    @explained
    def hebbian(cls, indices: Array, patterns: Array, scale: float | Array = 1.0) -> "Sparse":
        """Return Hebb's couplings of ``patterns``, (P, N), at ``indices``, (N, C), 0 on oneself."""
        return cls(indices, scale * _products_at(indices, patterns))

    @explained
    def field(self, states: Array) -> Array:
        """Return ``W s`` for each row of ``states``, (B, N)."""
        fields: Array = _fields(self, states)
        return fields

    def rounding(self) -> Array:
        """Return a bound on the rounding error of each neuron's field, (N,)."""
        return 8 * epsilon(self.weights.dtype) * jnp.sum(jnp.abs(self.weights), axis=1)

    @explained
    def start_sweep(self, states: Array) -> "SparseSweep":
        """Return the start of a sweep from ``states``, (B, N)."""
        return SparseSweep(*self)


@jax.jit
def _products_at(indices: Array, patterns: Array) -> Array:
    """Return the sum of ``x_i x_j`` over patterns, 0 if i = j, (N, C)."""

    def add(total: Array, pattern: Array) -> tuple[Array, None]:
        return total + pattern[:, None] * pattern[indices], None

    # One pattern after another: all at once would need an array of (P, N, C).
    total, _ = jax.lax.scan(add, jnp.zeros(indices.shape, patterns.dtype), patterns)
    return total * (indices != jnp.arange(len(indices))[:, None])


@jax.jit
def _fields(couplings: Sparse, states: Array) -> Array:
    """Return ``W s`` for each row of ``states``, (B, N)."""
    indices, weights = couplings
    # Row by row: all at once would need an array of (B, N, C).
    fields: Array = jax.lax.map(lambda s: jnp.sum(weights * s[indices], axis=1), states)
    return fields


class SparseSweep(NamedTuple):
    """An asynchronous sweep over sparse couplings; each neuron costs O(C)."""

    indices: Array
    weights: Array

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""
        return states[:, self.indices[i]] @ self.weights[i]

    def after(self, i: Array, change: Array) -> "SparseSweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""
        return self
