"""Build the coupling matrix from stored patterns."""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from canns._kernel import jit_wide
from canns._precision import full_precision
from canns.dynamics.couplings.bits import overlaps_of_bits, pack_columns, unpack_signs
from canns.typing import Array

if TYPE_CHECKING:
    from canns.dynamics.couplings.stored_patterns import StoredPatterns

__all__ = ["matrix_of"]

_FEW_WORDS = 64  # up to so many words of patterns, one loop fills the matrix, writing it only once
_ROWS = 256  # with more words, so many rows of the matrix are filled at a time


def matrix_of(stored: "StoredPatterns") -> Array:
    """Return W, (N, N)."""
    if stored.num_patterns == 0:
        return jnp.zeros(stored.shape, stored.diagonal.dtype)
    alike = stored.packed and stored.strengths.ndim == 1 and bool(_uniform(stored))
    built: Array = _matrix_of_bits(stored) if alike else _matrix(stored)
    return built


@jax.jit
@full_precision
def _matrix(stored: "StoredPatterns") -> Array:
    centred, strengths = stored.centred(), stored.strengths
    index = jnp.arange(stored.num_neurons)
    if stored.post is not None:
        post, pre = stored.factors()
        built = stored.scale * (post.T @ pre)
        return built.at[index, index].add(-stored.diagonal)
    if strengths.ndim == 2:
        built = centred.T @ (strengths @ centred)
    else:
        root = jnp.sqrt(jnp.abs(strengths))[..., None] * centred
        built = (jnp.sign(strengths)[..., None] * root).T @ root
    # Mirror one half, because a product is not always symmetric to the last bit. Set the diagonal,
    # because subtracting the removed self-couplings would leave rounding errors.
    built = jnp.where(index[:, None] <= index, built, built.T)
    left = stored.self_couplings() - stored.diagonal
    return jnp.where(index[:, None] == index, left[:, None], built)


@jax.jit
def _uniform(stored: "StoredPatterns") -> Array:
    """Whether all patterns have the same centre and the same strength."""
    centre, strengths = stored.centres(), stored.strengths
    alike = (centre == centre[0]) & (strengths == strengths[0])
    return jnp.all(alike | (jnp.arange(len(centre)) >= _count(stored)))


def _count(stored: "StoredPatterns") -> Array | int:
    return len(stored.patterns) if stored.used is None else stored.used


def _matrix_from_counts(stored: "StoredPatterns") -> Array:
    r"""Return W of patterns with one centre and strength, from counts of equal signs.

    .. math:: W_{ij} = K (n_{ij} - \rho (a_i + a_j) + P \rho^2), \qquad
        n_{ij} = \sum_\mu x_i^\mu x_j^\mu, \quad a_i = \sum_\mu x_i^\mu
    """
    count, size = _count(stored), len(stored.diagonal)
    strength, centre = stored.strengths[0], stored.centres()[0]
    left = stored.self_couplings() - stored.diagonal
    signs = unpack_signs(stored.patterns, jnp.int8)[:, :size]
    # A padding row reads as -1 in every neuron: the added term cancels it in the sums, and it
    # adds no differing bits.
    sums = jnp.sum(signs, axis=0, dtype=jnp.int32) + (len(signs) - count)
    sums = sums.astype(strength.dtype)
    # Word by word, so that the words of neighbouring neurons are adjacent in memory.
    words = pack_columns(signs)
    bits, few = words.T, len(words) <= _FEW_WORDS

    def block(first: Array | int, height: int) -> Array:
        rows = first + jnp.arange(height)
        some = jax.lax.dynamic_slice_in_dim(bits, first, height)
        agree = overlaps_of_bits(bits, some, count, len(words) if few else None)
        means = centre * (sums[rows][:, None] + sums)
        centred = strength * (agree.astype(strength.dtype) - means + count * centre**2)
        return jnp.where(rows[:, None] == jnp.arange(size), left[rows][:, None], centred)

    if few:
        return block(0, size)
    height = min(size, _ROWS)

    def fill(k: Array, built: Array) -> Array:
        first = jnp.minimum(k * height, size - height)  # the last block overlaps the one before
        return jax.lax.dynamic_update_slice_in_dim(built, block(first, height), first, axis=0)

    blank = jnp.zeros((size, size), strength.dtype)
    built: Array = jax.lax.fori_loop(0, -(-size // height), fill, blank)
    return built


_matrix_of_bits = jit_wide(_matrix_from_counts)
