"""Random numbers of an update: an order that all cues share, and separate noise for each cue."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns.typing import Array

__all__ = ["PartKey", "cue_noise", "shared_key", "split_key"]


class PartKey(NamedTuple):
    """The random key for an update of a part of a batch.

    Args:
        key: The key of the whole batch.
        first: The index in the batch of the part's first cue.
    """

    key: Array
    first: Array | int


def shared_key(key: Array | PartKey) -> Array:
    """Return the key of the whole batch."""
    return key.key if isinstance(key, PartKey) else key


def split_key(key: Array | PartKey) -> tuple[Array, Array | PartKey]:
    """Return the key for what all cues share, and the key for each cue's own noise."""
    shared, each = jax.random.split(shared_key(key))
    return shared, PartKey(each, key.first) if isinstance(key, PartKey) else each


def cue_noise(key: Array | PartKey, states: Array) -> Array:
    """Return logistic noise for each neuron of each cue, (B, N).

    It depends on the index of the cue, so that a batch can be cut into parts.

    Example:
        >>> key, states = jax.random.key(0), jnp.zeros((3, 2))
        >>> whole, part = cue_noise(key, states), cue_noise(PartKey(key, 1), states[1:])
        >>> bool((whole[1:] == part).all())
        True
    """
    first = key.first if isinstance(key, PartKey) else 0
    keys = jax.vmap(jax.random.fold_in, (None, 0))(shared_key(key), first + jnp.arange(len(states)))
    return jax.vmap(lambda own: jax.random.logistic(own, states.shape[1:], states.dtype))(keys)
