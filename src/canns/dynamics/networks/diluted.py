"""Diluted networks, in which each neuron hears few others: random connections and dynamics."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from canns._explain import explained
from canns._validation import check_size
from canns.dynamics.couplings.sparse import Sparse
from canns.dynamics.networks.hopfield import Hopfield, Prepared
from canns.typing import Array, PyTree, pytree

__all__ = ["DilutedHopfield", "random_connections", "symmetric_connections"]

_WIDTHS = 16  # table widths are multiples of this, so that few widths are compiled


@pytree
class DilutedHopfield(Hopfield):
    r"""The network of :class:`Hopfield` whose weights, (N, C), belong to a table of connections.

    .. math:: h_i = \sum_{k=1}^{C} W_{ik}\, s_{j(i, k)} - \theta

    It is :class:`Hopfield` with :class:`~canns.dynamics.Sparse` couplings, but keeps the table
    apart from the weights. The energy is a Lyapunov function of asynchronous updates only if
    connections and weights are symmetric.

    Args:
        connections: j, (N, C), integers: the neurons that each neuron hears.

    The other arguments are those of :class:`Hopfield`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import update_once
        >>> ring = DilutedHopfield(connections=jnp.array([[2], [0], [1]]))
        >>> weights, state = jnp.ones((3, 1)), jnp.array([1.0, -1.0, -1.0])
        >>> update_once(ring, weights, state, jax.random.key(0)).tolist()
        [-1.0, 1.0, -1.0]

    Source: Derrida, Gardner & Zippelius (1987), Europhys. Lett. 4:167.
    """

    connections: Array = dataclasses.field(kw_only=True)

    def flips(self, weights: PyTree) -> bool:
        """False: sweeps by flips need a matrix."""
        return False

    def prepare(self, weights: PyTree) -> Prepared:
        """Return the tolerance within which a field counts as zero, (N,)."""
        return super().prepare(Sparse(self.connections, weights))

    def local_field(self, weights: PyTree, states: Array) -> Array:
        """Return the field of each row of ``states``, (B, N)."""
        return super().local_field(Sparse(self.connections, weights), states)

    def step(
        self,
        weights: PyTree,
        prepared: Prepared,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None = None,
    ) -> Array:
        """Return the states, (B, N), after one synchronous update or one asynchronous sweep."""
        couplings = Sparse(self.connections, weights)
        return super().step(couplings, prepared, states, field, key, clamped)


@explained
def random_connections(
    num_neurons: int, num_connections: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Return a table in which each neuron hears C different others, drawn at random.

    Args:
        num_neurons: N, at least 2.
        num_connections: C, from 1 to N - 1.
        rng: Random generator.

    Returns:
        The neurons that each neuron hears, (N, C).

    Raises:
        ValidationError: If a number is out of range.

    Example:
        >>> import numpy as np
        >>> random_connections(3, 2, np.random.default_rng(0)).sum(axis=1).tolist()
        [3, 2, 1]
    """
    size, heard = _check_sizes(num_neurons, num_connections)
    draws = [rng.choice(size - 1, heard, replace=False, shuffle=False) for _ in range(size)]
    table = np.stack(draws).astype(np.int32)
    return table + (table >= np.arange(size, dtype=np.int32)[:, None])  # skip the neuron itself


def symmetric_connections(
    num_neurons: int, num_connections: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Return a table in which any two neurons hear each other with probability C/(N - 1).

    Each neuron has C neighbours on average, with binomial fluctuations (Erdos-Renyi). Rows are
    padded with the neuron's own index, which means no connection.

    Args:
        num_neurons: N, at least 2.
        num_connections: C, from 1 to N - 1.
        rng: Random generator.

    Returns:
        The neurons that each neuron hears, (N, width).

    Raises:
        ValidationError: If a number is out of range.

    Example:
        >>> import numpy as np
        >>> table = symmetric_connections(3, 2, np.random.default_rng(0))
        >>> table.shape, (table != np.arange(3)[:, None]).sum(axis=1).tolist()
        ((3, 16), [2, 2, 2])
    """
    size, heard = _check_sizes(num_neurons, num_connections)
    later = size - 1 - np.arange(size)
    numbers = rng.binomial(later, heard / (size - 1))
    draws = [
        1 + i + rng.choice(later[i], numbers[i], replace=False, shuffle=False)
        for i in range(size - 1)
    ]
    lower, upper = np.repeat(np.arange(size - 1), numbers[:-1]), np.concatenate(draws)
    return _table(size, np.concatenate([lower, upper]), np.concatenate([upper, lower]))


def _table(size: int, heads: NDArray[np.int_], tails: NDArray[np.int_]) -> NDArray[np.int32]:
    """Return a padded table with one row per head: the tails of its edges."""
    order = np.argsort(heads, kind="stable")
    heads, tails = heads[order], tails[order]
    degrees = np.bincount(heads, minlength=size)
    column = np.arange(len(heads)) - np.repeat(np.cumsum(degrees) - degrees, degrees)
    width = _WIDTHS * max(1, -(-int(degrees.max()) // _WIDTHS))
    table = np.repeat(np.arange(size, dtype=np.int32)[:, None], width, axis=1)
    table[heads, column] = tails
    return table


def _check_sizes(num_neurons: int, num_connections: int) -> tuple[int, int]:
    size = check_size("num_neurons", num_neurons, low=2)
    return size, check_size("num_connections", num_connections, high=size - 1)
