"""The entries of a vector that are not zero, visited one after the other."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns.typing import Array

__all__ = ["Active", "active", "each_active"]

_BITS = 32  # neurons in a word
_MANY = 1024  # words from which on a search goes by groups of words

C = TypeVar("C")


class Active(NamedTuple):
    """The neurons that are not silent, as bits, and how many they are.

    Args:
        words: Bit k of word b is set if neuron k B + b is active; B is the number of words.
        count: How many neurons are active.
    """

    words: Array
    count: Array  # type: ignore[assignment]  # in place of the tuple's method

    @explained
    def unless(self, none: Array) -> "Active":
        """Return no neurons if ``none`` is True, else these."""
        return self._replace(count=jnp.where(none, 0, self.count))


@explained
def active(x: Array) -> Active:
    """Return which entries of ``x``, (N,), are not zero.

    Example:
        >>> int(active(jnp.array([0.0, 2.0, 0.0, -1.0])).count)
        2
    """
    length = -(-len(x) // _BITS)
    words = jnp.zeros(length, jnp.uint32)
    # A word gathers neurons that are far apart, so that one pass in wide vectors makes all words.
    for k in range(-(-len(x) // length)):
        part = x[k * length : (k + 1) * length] != 0
        bit = jnp.where(part, jnp.uint32(1 << k), jnp.uint32(0))
        words |= jnp.pad(bit, (0, length - len(part))) if len(part) < length else bit
    return Active(words, jax.lax.population_count(words).astype(jnp.int32).sum())


@explained
def each_active(found: Active, body: Callable[[Array, C], C], carry: C) -> C:
    """Return ``carry`` after ``body(j, carry)`` for each active neuron j, always in one order.

    The cost is by the active neuron. The loop cannot be differentiated in reverse mode.

    Example:
        >>> found = active(jnp.array([0.0, 2.0, 0.0, -1.0]))
        >>> int(each_active(found, lambda j, total: total + j, jnp.int32(0)))
        4
    """
    if len(found.words) > _MANY:
        return _each_of_many(found, body, carry)
    length = len(found.words)

    def step(_: Array, state: tuple[Array, C]) -> tuple[Array, C]:
        words, carry = state
        block, bit, rest = _next(words)
        return rest, body(bit * length + block, carry)

    after: C = jax.lax.fori_loop(0, found.count, step, (found.words, carry))[1]
    return after


def _each_of_many(found: Active, body: Callable[[Array, C], C], carry: C) -> C:
    """Do as :func:`each_active`, with bits for the words, too: to look at all words takes long."""
    length, filled = len(found.words), active(found.words).words
    groups = len(filled)

    def step(_: Array, state: tuple[Array, Array, C]) -> tuple[Array, Array, C]:
        filled, words, carry = state
        group, place, others = _next(filled)
        block = place * groups + group
        word = jax.lax.dynamic_index_in_dim(words, block, keepdims=False)
        bit, left = _lowest(word)
        words = jax.lax.dynamic_update_index_in_dim(words, left, block, 0)
        filled = jnp.where(left == 0, others, filled)
        return filled, words, body(bit * length + block, carry)

    after: C = jax.lax.fori_loop(0, found.count, step, (filled, found.words, carry))[2]
    return after


def _next(words: Array) -> tuple[Array, Array, Array]:
    """Return the first word that has a bit, the lowest of its bits, and the words without it."""
    block = jnp.argmax(words != 0).astype(jnp.int32)
    bit, left = _lowest(jax.lax.dynamic_index_in_dim(words, block, keepdims=False))
    return block, bit, jax.lax.dynamic_update_index_in_dim(words, left, block, 0)


def _lowest(word: Array) -> tuple[Array, Array]:
    """Return the place of the lowest bit of a word, and the word without it."""
    below = (word & (~word + jnp.uint32(1))) - jnp.uint32(1)  # ones below the lowest bit set
    return jax.lax.population_count(below).astype(jnp.int32), word & (word - jnp.uint32(1))
