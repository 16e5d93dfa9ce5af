"""Couplings kept as the patterns that were stored, as small as their values allow."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.couplings.bits import (
    WORD,
    overlaps_of_bits,
    pack_signs,
    sum_of_signs,
    unpack_signs,
)
from canns.dynamics.couplings.matrix_from_patterns import matrix_of
from canns.typing import Array, epsilon

__all__ = ["StoredPatterns"]

_BLOCK = 1 << 21  # numbers of a block of patterns that is turned into floats at a time, 8 MB


class StoredPatterns(NamedTuple):
    r"""A symmetric coupling matrix kept as the patterns that it was made of, never built.

    .. math:: W = Y^T K Y - \mathrm{diag}(d), \qquad Y^\mu = x^\mu - \rho_\mu

    A field costs 4PN operations in place of :math:`2N^2`. Patterns are kept as floats, as int8
    where that is exact, or as bits where they are +-1; then overlaps with states of +-1 are
    counted bit by bit, 32 at a time.

    Args:
        patterns: x, (P, N); or their bits, (P, N/32 rounded up), of uint32.
        centre: Rho, (P,).
        strengths: K, (P, P), or its diagonal, (P,).
        diagonal: d, (N,): the self-couplings that are taken away, or zeros.
        own: The self-couplings of the sum, (N,).
        row_norms: :math:`(\sum_j W_{ij}^2)^{1/2}`, taken for orthogonal patterns, (N,).
        used: P, an int32, if more rows follow. They are zeros of strength zero, which add
            nothing; so a network that stores more and more compiles few programs. None for P rows.

    A network makes them of what it stores, such as
    ``AmariHopfieldNetwork(N, method="packed").couplings``.

    Example:
        >>> xi, own = jnp.array([[1, -1, 1, -1]], jnp.int8), jnp.full(4, 0.25)
        >>> weights = StoredPatterns(xi, jnp.zeros(1), own[:1], own, own, own)
        >>> weights.field(jnp.array([[1.0, -1.0, 1.0, 1.0]])).tolist()
        [[0.25, -0.25, 0.25, -0.75]]
    """

    patterns: Array
    centre: Array
    strengths: Array
    diagonal: Array
    own: Array
    row_norms: Array
    used: Array | None = None

    @property
    def num_patterns(self) -> int:
        """P, without the rows that only fill the arrays up."""
        return len(self.patterns) if self.used is None else int(self.used)

    @property
    def packed(self) -> bool:
        """Whether the patterns are kept as bits."""
        return bool(self.patterns.dtype == jnp.uint32)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix that this stands for, (N, N)."""
        return len(self.diagonal), len(self.diagonal)

    def field(self, states: Array) -> Array:
        """Return ``W s`` for each row of ``states``, (B, N)."""
        return self._sum(self.weigh(self.overlaps(states))) - self.diagonal * states

    def overlaps(self, states: Array) -> Array:
        """Return ``Y s`` for each row of ``states``, (B, P)."""
        products = self._products(states)
        return products - self.centre * jnp.sum(states, axis=-1, keepdims=True)

    def rounding(self) -> Array:
        """Return what rounding may move each neuron's field by, (N,)."""
        size = len(self.diagonal)
        return 8 * epsilon(self.row_norms.dtype) * jnp.sqrt(size) * self.row_norms

    def start_sweep(self, states: Array) -> "StoredSweep":
        """Return what a sweep from ``states``, (B, N), needs."""
        weighted = self.weigh(self.overlaps(states))
        return StoredSweep(self._replace(patterns=self.patterns.T), weighted)

    def matrix(self) -> Array:
        """Return W, (N, N), built as Hebb's rule builds it."""
        return matrix_of(self)

    def weigh(self, overlaps: Array) -> Array:
        """Return ``K o`` for each row of ``overlaps``, (B, P)."""
        return overlaps * self.strengths if self.strengths.ndim == 1 else overlaps @ self.strengths

    def _products(self, states: Array) -> Array:
        """Return ``x s`` for each row of ``states``, (B, P)."""
        if not self.packed:
            return self._products_of_numbers(states)
        signs = jnp.all(jnp.abs(states) == 1)
        ways = self._products_of_bits, self._products_of_numbers
        products: Array = jax.lax.cond(signs, *ways, states)
        return products

    def _products_of_bits(self, states: Array) -> Array:
        bits = pack_signs(states)
        return overlaps_of_bits(self.patterns, bits, states.shape[1]).astype(states.dtype)

    def _products_of_numbers(self, states: Array) -> Array:
        if self._kept_as_they_are:
            return states @ self.patterns.T

        def add(start: Any, block: Array, total: Array) -> Array:
            part = jax.lax.dynamic_slice_in_dim(states, start, block.shape[1], axis=1)
            return total + part @ block.T

        return self._over_blocks(add, jnp.zeros((len(states), len(self.patterns)), states.dtype))

    def _sum(self, weighted: Array) -> Array:
        """Return ``Y^T k`` for each row k of ``weighted``, (B, N).

        What is unpacked is centred before it is summed: an entry that is zero then, as a 0 is in
        patterns of 0 and 1, adds nothing, while two large sums would leave their rounding.
        """
        centre = self.centre[:, None]
        if self._kept_as_they_are:
            return weighted @ self.patterns - weighted @ centre
        if self.packed and len(weighted) == 1:  # a product would have to unpack them first
            total = sum_of_signs(self.patterns, weighted[0], self.centre)
            return total[None, : len(self.diagonal)]

        def put(start: Any, block: Array, fields: Array) -> Array:
            part = weighted @ (block - centre)
            return jax.lax.dynamic_update_slice_in_dim(fields, part, start, axis=1)

        return self._over_blocks(
            put, jnp.zeros((len(weighted), len(self.diagonal)), weighted.dtype)
        )

    @property
    def _kept_as_they_are(self) -> bool:
        return bool(jnp.issubdtype(self.patterns.dtype, jnp.floating))

    def _over_blocks(self, step: Callable[[Any, Array, Array], Array], start: Array) -> Array:
        """Return ``start`` after ``step`` took each block of neurons, with its patterns."""
        size, dtype = len(self.diagonal), start.dtype
        width = min(size, max(WORD, _BLOCK // max(1, len(self.patterns)) // WORD * WORD))

        def at(first: Any, length: int, total: Array) -> Array:
            return step(first, self.numbers(first, length).astype(dtype), total)

        whole, rest = divmod(size, width)
        total: Array = jax.lax.fori_loop(0, whole, lambda k, t: at(k * width, width, t), start)
        return at(whole * width, rest, total) if rest else total

    def numbers(self, first: Any, length: int) -> Array:
        """Return the patterns of ``length`` neurons from ``first`` on, the start of a word."""
        if not self.packed:
            return jax.lax.dynamic_slice_in_dim(self.patterns, first, length, axis=1)
        words = -(-length // WORD)
        bits = jax.lax.dynamic_slice_in_dim(self.patterns, first // WORD, words, axis=1)
        return unpack_signs(bits, self.diagonal.dtype)[:, :length]


class StoredSweep(NamedTuple):
    """An asynchronous sweep over stored patterns, with the weighted overlaps kept up to date.

    Args:
        couplings: The couplings, with their patterns transposed, a neuron (or 32) a row.
        weighted: :math:`K Y s` for each state s, (B, P).
    """

    couplings: StoredPatterns
    weighted: Array

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""
        return self.weighted @ self._own(i) - self.couplings.diagonal[i] * states[:, i]

    def after(self, i: Array, change: Array) -> "StoredSweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""
        strengths = self.couplings.strengths

        def moved(weighted: Array) -> Array:
            own = self._own(i)
            shares = strengths * own if strengths.ndim == 1 else strengths @ own
            return weighted + change[:, None] * shares

        # Near a stored pattern hardly any neuron moves.
        some = jnp.any(change != 0)
        return self._replace(weighted=jax.lax.cond(some, moved, lambda k: k, self.weighted))

    def _own(self, i: Array) -> Array:
        """Return the i-th neuron of every pattern, centred, (P,)."""
        stored, dtype = self.couplings, self.couplings.diagonal.dtype
        if not stored.packed:
            return stored.patterns[i].astype(dtype) - stored.centre
        bit = (stored.patterns[i // WORD] >> (i % WORD).astype(jnp.uint32)) & 1
        return 2 * bit.astype(dtype) - 1 - stored.centre
