"""The order in which an asynchronous sweep updates the neurons."""

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics.networks.noise import PartKey, shared_key
from canns.typing import Array

__all__ = ["LAST", "ORDERS", "Order", "UpdateOrder", "cyclic_order", "draw_order", "random_order"]

UpdateOrder = Literal["random", "cyclic"]
ORDERS: tuple[UpdateOrder, ...] = ("random", "cyclic")

LAST = np.uint32((1 << 32) - 1)  # higher than every rank
_MOST = 1 << 15  # up to so many neurons, a number leaves at least as many random bits in a rank


class Order(NamedTuple):
    """An order of N neurons.

    Args:
        ranks: Different numbers, (N,), of uint32: the neuron with the lowest comes first.
        sequence: If the ranks are 0 to N - 1, the neuron of each rank, (N,). None if the low bits
            of a rank are the number of its neuron, so that nothing needs to be sorted.
    """

    ranks: Array
    sequence: Array | None = None

    def neuron_at(self, rank: Array) -> Array:
        """Return the number of the neuron with ``rank``."""
        if self.sequence is not None:
            neuron: Array = self.sequence[rank]
        else:
            neuron = rank & jnp.uint32((1 << _bits(len(self.ranks))) - 1)
        return neuron

    def in_turn(self) -> Array:
        """Return the neurons, one after another, (N,)."""
        return self.neuron_at(jnp.sort(self.ranks)) if self.sequence is None else self.sequence


def cyclic_order(size: int) -> Order:
    """Return the order from the first neuron to the last.

    Example:
        >>> cyclic_order(3).in_turn().tolist()
        [0, 1, 2]
    """
    return Order(jnp.arange(size, dtype=jnp.uint32))


def random_order(key: Array, size: int) -> Order:
    """Return a random order; if two neurons draw the same bits, the lower number comes first.

    Example:
        >>> sorted(random_order(jax.random.key(0), 5).in_turn().tolist())
        [0, 1, 2, 3, 4]
    """
    numbers = jnp.arange(size, dtype=jnp.uint32)
    if size <= _MOST:
        drawn = jax.random.bits(key, (size,), jnp.uint32)
        return Order(drawn << _bits(size) | numbers)
    sequence = jax.random.permutation(key, size)
    return Order(jnp.zeros(size, jnp.uint32).at[sequence].set(numbers), sequence)


def draw_order(order: UpdateOrder, key: Array | PartKey, size: int) -> Order:
    """Return an order of the given kind; a cyclic one draws nothing.

    Example:
        >>> draw_order("cyclic", jax.random.key(0), 2).in_turn().tolist()
        [0, 1]
    """
    return random_order(shared_key(key), size) if order == "random" else cyclic_order(size)


def _bits(size: int) -> int:
    return size.bit_length()  # enough that no number is all ones, so no rank equals LAST
