"""Couplings as a matrix, as patterns, or as a sparse table."""

from typing import NamedTuple, Protocol

import jax
import jax.numpy as jnp

from canns.dynamics.couplings.pattern_pairs import LowRank
from canns.dynamics.couplings.sparse import Sparse
from canns.dynamics.couplings.stored_patterns import StoredPatterns
from canns.typing import Array, epsilon

__all__ = [
    "Coupled",
    "Couplings",
    "LowRank",
    "Sparse",
    "StoredPatterns",
    "Sweep",
    "Symmetric",
    "field_of",
    "rounding_of",
    "start_sweep",
]


class Symmetric(NamedTuple):
    """A matrix that is known to be symmetric, so that its rows are its columns.

    Args:
        matrix: W, (N, N).
        patterns: The same couplings as patterns, if a field is faster from these; else None.
    """

    matrix: Array
    patterns: StoredPatterns | None = None


Couplings = Array | StoredPatterns | Sparse
Coupled = Couplings | Symmetric  # all kinds of couplings that a recall takes


class Sweep(Protocol):
    """The state of an asynchronous sweep that visits each neuron."""

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""

    def after(self, i: Array, change: Array) -> "Sweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""


class MatrixSweep(NamedTuple):
    """An asynchronous sweep over the rows of a matrix."""

    weights: Array

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""
        return states @ self.weights[i]

    def after(self, i: Array, change: Array) -> "MatrixSweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""
        return self


def field_of(weights: Coupled, states: Array) -> Array:
    """Return ``W s`` for each row of ``states``, (B, N)."""
    weights = _faster_form(weights)
    if isinstance(weights, jax.Array | Symmetric):
        return jnp.einsum("ij,bj->bi", _matrix(weights), states)
    return weights.field(states)


def rounding_of(weights: Coupled) -> Array:
    r"""Return a bound on each field's rounding error, :math:`8\epsilon\sum_j|W_{ij}|`, (N,).

    Half of the bound was observed, in sums that first rise and then fall.
    """
    weights = _faster_form(weights)
    if isinstance(weights, jax.Array | Symmetric):
        matrix = _matrix(weights)
        return 8 * epsilon(matrix.dtype) * jnp.sum(jnp.abs(matrix), axis=1)
    return weights.rounding()


def start_sweep(weights: Coupled, states: Array) -> Sweep:
    """Return the start of a sweep from ``states``, (B, N)."""
    if isinstance(weights, jax.Array | Symmetric):
        return MatrixSweep(_matrix(weights))
    return weights.start_sweep(states)


def _matrix(weights: Array | Symmetric) -> Array:
    return weights.matrix if isinstance(weights, Symmetric) else weights


def _faster_form(weights: Coupled) -> Coupled:
    """Return the patterns of a symmetric matrix if it has them, else ``weights``."""
    beside = weights.patterns if isinstance(weights, Symmetric) else None
    return weights if beside is None else beside
