"""Random patterns, and cues at a given overlap with them."""

from functools import partial

import jax
import jax.numpy as jnp

from canns._validation import float_dtype
from canns.typing import Array

__all__ = ["corrupt", "random_patterns"]


@partial(jax.jit, static_argnames=("num_neurons", "width"))
def random_patterns(key: Array, num_patterns: int, num_neurons: int, width: int) -> Array:
    """Return unbiased +-1 patterns, (width, N); the rows from ``num_patterns`` on are zero.

    Rows of zeros add nothing to the couplings, so one compilation serves every load up to
    ``width``. Pattern mu does not depend on the number of patterns.
    """

    def pattern(mu: Array) -> Array:
        return jax.random.rademacher(jax.random.fold_in(key, mu), (num_neurons,), float_dtype())

    index = jnp.arange(width)
    patterns = jax.vmap(pattern)(index)
    return jnp.where(index[:, None] < num_patterns, patterns, 0.0)


@jax.jit
def corrupt(key: Array, patterns: Array, num_flips: int | Array) -> Array:
    """Return ``patterns``, (B, N), with ``num_flips`` random entries of each flipped."""
    first = jnp.arange(patterns.shape[1]) < num_flips
    rows = jnp.broadcast_to(first, patterns.shape)
    chosen = jax.random.permutation(key, rows, axis=1, independent=True)
    return jnp.where(chosen, -patterns, patterns)
