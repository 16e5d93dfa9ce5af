"""Couplings kept as the patterns that were stored, as small as their values allow."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns.dynamics.couplings.bits import (
    WORD,
    overlaps_of_bits,
    pack_signs,
    sum_of_signs,
    unpack_signs,
)
from canns.dynamics.couplings.matrix_from_patterns import matrix_of
from canns.dynamics.couplings.stored_sweep import StoredSweep, sweep_from
from canns.typing import Array, epsilon

__all__ = ["StoredPatterns"]

_BLOCK = 1 << 21  # numbers of a block of patterns that is turned into floats at a time, 8 MB


class StoredPatterns(NamedTuple):
    r"""A coupling matrix kept as the patterns that it was made of, never built.

    .. math:: W = Y^T K Y - \mathrm{diag}(d), \qquad Y^\mu = x^\mu - \rho_\mu

    A field costs 4PN operations in place of :math:`2N^2`. Patterns are kept as floats, as int8
    where that is exact, or as bits where they are +-1; then overlaps with states of +-1 are
    counted bit by bit, 32 at a time.

    Args:
        patterns: x, (P, N); or their bits, (P, N/32 rounded up), of uint32.
        centre: Rho, (P,); None for 0.
        strengths: K, (P, P); or its diagonal, (P,); or one number c, (), for K = c 1.
        diagonal: d, (N,): the self-couplings that are taken away, or zeros.
        own: The self-couplings of the sum, (N,); None to compute them when needed.
        row_norms: :math:`(\sum_j W_{ij}^2)^{1/2}`, taken for orthogonal patterns, (N,); or None.
        used: P, an int32, if more rows follow. They are zeros of strength zero, which add
            nothing; so a network that stores more and more compiles few programs. None for P rows.
        post: y, (P, N), of floats, for :math:`W = y^T K Y - \mathrm{diag}(d)`: what each
            pattern leads to. None for y = Y, patterns that lead to themselves: W is symmetric.

    A network makes them of what it stores, such as
    ``AmariHopfieldNetwork(N, method="packed").couplings``; :meth:`hebbian` and
    :func:`~canns.dynamics.LowRank` make them of patterns in floats, which may be traced.

    Example:
        >>> xi, own = jnp.array([[1, -1, 1, -1]], jnp.int8), jnp.full(4, 0.25)
        >>> weights = StoredPatterns(xi, jnp.zeros(1), own[:1], own, own, own)
        >>> weights.field(jnp.array([[1.0, -1.0, 1.0, 1.0]])).tolist()
        [[0.25, -0.25, 0.25, -0.75]]
    """

    patterns: Array
    centre: Array | None
    strengths: Array
    diagonal: Array
    own: Array | None = None
    row_norms: Array | None = None
    used: Array | None = None
    post: Array | None = None

    @classmethod
    @explained
    def hebbian(cls, patterns: Array, scale: float | Array = 1.0) -> "StoredPatterns":
        """Return Hebb's couplings of ``patterns``, (P, N), of floats, without self-couplings."""
        c = jnp.asarray(scale, patterns.dtype)
        return cls(patterns, None, c, c * jnp.sum(patterns**2, axis=0))

    # Sizes are counted from the last axis, so that they are also those of stacked couplings.

    @property
    def num_patterns(self) -> int:
        """P, without the rows that only fill the arrays up."""
        return self.patterns.shape[-2] if self.used is None else int(self.used)

    @property
    def num_neurons(self) -> int:
        """N."""
        return self.diagonal.shape[-1]

    @property
    def packed(self) -> bool:
        """Whether the patterns are kept as bits."""
        return bool(self.patterns.dtype == jnp.uint32)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix that this stands for, (N, N)."""
        return self.num_neurons, self.num_neurons

    @property
    def size(self) -> int:
        """How many numbers are kept of the patterns, PN; or how many words of bits."""
        return self.patterns.size

    @property
    def scale(self) -> Array | float:
        """C, if K = c 1; else 1. It multiplies finished sums, so that those of signs are exact."""
        return self.strengths if self.strengths.ndim == 0 else 1.0

    @explained
    def field(self, states: Array) -> Array:
        """Return ``W s`` for each row of ``states``, (B, N)."""
        fields = self._sum(self.weigh(self.overlaps(states)))
        return self.scale * fields - self.diagonal * states

    @explained
    def overlaps(self, states: Array) -> Array:
        """Return ``Y s`` for each row of ``states``, (B, P)."""
        products = self._products(states)
        if self.centre is None:
            return products
        return products - self.centre * jnp.sum(states, axis=-1, keepdims=True)

    @explained
    def weigh(self, overlaps: Array) -> Array:
        """Return ``K o`` for each row of ``overlaps``, (B, P); without :attr:`scale`."""
        if self.strengths.ndim == 0:
            return overlaps
        return overlaps * self.strengths if self.strengths.ndim == 1 else overlaps @ self.strengths

    def rounding(self) -> Array:
        """Return what rounding may move each neuron's field by, (N,)."""
        norms = self.norms_of_rows()
        return 8 * epsilon(norms.dtype) * jnp.sqrt(self.num_neurons) * norms

    @explained
    def start_sweep(self, states: Array) -> StoredSweep:
        """Return what a sweep from ``states``, (B, N), needs."""
        return sweep_from(self, states)

    def matrix(self) -> Array:
        """Return W, (N, N), built as Hebb's rule builds it."""
        return matrix_of(self)

    def centres(self) -> Array:
        """Return rho, (P,)."""
        if self.centre is not None:
            return self.centre
        return jnp.zeros(self.patterns.shape[-2], self.diagonal.dtype)

    def centred(self) -> Array:
        """Return Y, (P, N), in floats."""
        numbers = self.numbers(0, self.num_neurons).astype(self.diagonal.dtype)
        return numbers if self.centre is None else numbers - self.centre[:, None]

    def factors(self) -> tuple[Array, Array]:
        """Return ``K y`` and Y, (P, N), in floats: W is c times their product, less d."""
        pre = self.centred()
        return self.weigh((pre if self.post is None else self.post).T).T, pre

    def self_couplings(self) -> Array:
        """Return the self-couplings of the sum, before d is taken away, (N,)."""
        if self.own is not None:
            return self.own
        post, pre = self.factors()
        return self.scale * jnp.sum(post * pre, axis=0)

    def norms_of_rows(self) -> Array:
        """Return the norm of each row of W, (N,), taken for orthogonal patterns."""
        if self.row_norms is not None:
            return self.row_norms
        post, pre = self.factors()
        rows = jnp.sqrt(jnp.einsum("pi,p->i", post**2, jnp.sum(pre**2, axis=1)))
        return jnp.abs(self.scale) * rows

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
            # Patterns first: of ``states @ patterns.T`` XLA would copy the transpose.
            return jnp.einsum("pj,bj->bp", self.patterns, states)

        def add(start: Any, block: Array, total: Array) -> Array:
            part = jax.lax.dynamic_slice_in_dim(states, start, block.shape[1], axis=1)
            return total + part @ block.T

        return self._over_blocks(add, jnp.zeros((len(states), len(self.patterns)), states.dtype))

    def _sum(self, weighted: Array) -> Array:
        """Return ``y^T k`` for each row k of ``weighted``, (B, N).

        What is unpacked is centred before it is summed: an entry that is zero then, as a 0 is in
        patterns of 0 and 1, adds nothing, while two large sums would leave their rounding.
        """
        if self.post is not None:
            return weighted @ self.post
        if self._kept_as_they_are:
            total = weighted @ self.patterns
            return total if self.centre is None else total - weighted @ self.centre[:, None]
        centre = self.centres()
        if self.packed and len(weighted) == 1:  # a product would have to unpack them first
            total = sum_of_signs(self.patterns, weighted[0], centre)
            return total[None, : self.num_neurons]

        def put(start: Any, block: Array, fields: Array) -> Array:
            part = weighted @ (block - centre[:, None])
            return jax.lax.dynamic_update_slice_in_dim(fields, part, start, axis=1)

        return self._over_blocks(put, jnp.zeros((len(weighted), self.num_neurons), weighted.dtype))

    @property
    def _kept_as_they_are(self) -> bool:
        return bool(jnp.issubdtype(self.patterns.dtype, jnp.floating))

    def _over_blocks(self, step: Callable[[Any, Array, Array], Array], start: Array) -> Array:
        """Return ``start`` after ``step`` took each block of neurons, with its patterns."""
        size, dtype = self.num_neurons, start.dtype
        width = min(size, max(WORD, _BLOCK // max(1, len(self.patterns)) // WORD * WORD))

        def at(first: Any, length: int, total: Array) -> Array:
            return step(first, self.numbers(first, length).astype(dtype), total)

        whole, rest = divmod(size, width)
        total: Array = jax.lax.fori_loop(0, whole, lambda k, t: at(k * width, width, t), start)
        return at(whole * width, rest, total) if rest else total

    @explained
    def numbers(self, first: Any, length: int) -> Array:
        """Return the patterns of ``length`` neurons from ``first`` on, the start of a word."""
        if not self.packed:
            return jax.lax.dynamic_slice_in_dim(self.patterns, first, length, axis=1)
        words = -(-length // WORD)
        bits = jax.lax.dynamic_slice_in_dim(self.patterns, first // WORD, words, axis=1)
        return unpack_signs(bits, self.diagonal.dtype)[:, :length]
