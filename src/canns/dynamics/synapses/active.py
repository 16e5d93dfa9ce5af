"""The entries of a vector that are not zero, visited one after the other."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns.typing import Array

__all__ = ["Active", "active", "each_active"]

_BITS = 32  # neurons in a word
_BLOCK = 128  # words that are looked through at a time

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
    return Active(words, _count(words))


@explained
def each_active(found: Active, body: Callable[[Array, C], C], carry: C) -> C:
    """Return ``carry`` after ``body(j, carry)`` for each active neuron j, always in one order.

    The cost is by the active neuron. The loop cannot be differentiated in reverse mode.

    Example:
        >>> found = active(jnp.array([0.0, 2.0, 0.0, -1.0]))
        >>> int(each_active(found, lambda j, total: total + j, jnp.int32(0)))
        4
    """
    length = len(found.words)
    if length <= 2 * _BLOCK:
        return _each(found.words, found.count, lambda at, bit: bit * length + at, body, carry)
    # To look for the next set bit takes time by the word, so many words are taken in blocks.
    blocks = -(-length // _BLOCK)
    words = jnp.pad(found.words, (0, blocks * _BLOCK - length))

    def visit(block: Array, carry: C) -> C:
        first = block * _BLOCK
        some = jax.lax.dynamic_slice(words, (first,), (_BLOCK,))
        return _each(some, _count(some), lambda at, bit: bit * length + first + at, body, carry)

    after: C = jax.lax.fori_loop(0, jnp.where(found.count > 0, blocks, 0), visit, carry)
    return after


def _each(
    words: Array,
    count: Array,
    neuron: Callable[[Array, Array], Array],
    body: Callable[[Array, C], C],
    carry: C,
) -> C:
    """Call ``body`` for ``count`` set bits, one after the other, each of which is a neuron."""

    def step(_: Array, state: tuple[Array, C]) -> tuple[Array, C]:
        words, carry = state
        at = jnp.argmax(words != 0).astype(jnp.int32)
        word = jax.lax.dynamic_index_in_dim(words, at, keepdims=False)
        below = (word & (~word + jnp.uint32(1))) - jnp.uint32(1)  # ones below the lowest bit set
        bit = jax.lax.population_count(below).astype(jnp.int32)
        rest = jax.lax.dynamic_update_index_in_dim(words, word & (word - jnp.uint32(1)), at, 0)
        return rest, body(neuron(at, bit), carry)

    after: C = jax.lax.fori_loop(0, count, step, (words, carry))[1]
    return after


def _count(words: Array) -> Array:
    return jax.lax.population_count(words).astype(jnp.int32).sum()
