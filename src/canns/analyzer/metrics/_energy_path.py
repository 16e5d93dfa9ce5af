"""The energy along paths from one state to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns._keys import as_key
from canns._names import renamed
from canns._precision import full_precision
from canns._results import Result
from canns._validation import check_size, check_vector
from canns.analyzer.metrics._subject import Subjectable, subject
from canns.dynamics import Network
from canns.typing import AnyArray, Array, PyTree

__all__ = ["EnergyPath", "energy_path"]

_BATCH = 256  # states of a path held in memory at once


@dataclass(frozen=True, eq=False, repr=False)
class EnergyPath(Result):
    """Energies along random paths.

    Args:
        energies: Before the first change and after each, (paths, D + 1).
        orders: Neuron that changes at each step, (paths, D).
    """

    energies: AnyArray
    orders: NDArray[np.int64]

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "energies": ("path", "changed"),
        "orders": ("path", "change"),
    }
    rows: ClassVar[tuple[str, ...]] = ("path", "changed")

    @property
    def barriers(self) -> AnyArray:
        """How far each path rises above its start, (paths,)."""
        rise: AnyArray = self.energies.max(axis=1) - self.energies[:, 0]
        return rise

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the energy along each path."""
        names = [f"path {k + 1}" for k in range(len(self.energies))]
        config = config or pictures.PlotConfig(
            title="Energy from one state to another", xlabel="Neurons changed"
        )
        return pictures.energy_curves(self.energies, None, names, config, ax=ax)

    def summary(self) -> str:
        """Return the number of paths, and the least and the largest barrier."""
        paths, steps = self.orders.shape
        low, high = self.barriers.min(), self.barriers.max()
        return f"{paths} paths of {steps} changes; barriers from {low:.4g} to {high:.4g}"


@renamed(key="seed")
def energy_path(
    network: Subjectable,
    start: ArrayLike,
    end: ArrayLike,
    *,
    num_paths: int = 1,
    dynamics: Network | None = None,
    seed: int | Array | None = 0,
) -> EnergyPath:
    """Return the energy as the neurons in which two states differ change one by one.

    The order is random. The least barrier over many orders is an upper bound of the barrier
    between the states.

    Args:
        network: A model; or couplings: a matrix (N, N), :class:`~canns.dynamics.StoredPatterns` or
            :class:`~canns.dynamics.Sparse`.
        start: State, (N,).
        end: State, (N,), that differs from ``start`` in D entries.
        num_paths: Number of orders.
        dynamics: Dynamics that define the energy of bare couplings; None for
            :class:`~canns.dynamics.Hopfield`.
        seed: Seed of the orders.

    Returns:
        The energies and the orders.

    Raises:
        ValidationError: If an argument is out of range, or the widths differ.

    Example:
        >>> import numpy as np
        >>> pattern = np.array([1.0, -1.0, 1.0, -1.0])
        >>> path = energy_path(np.outer(pattern, pattern) - np.eye(4), pattern, -pattern)
        >>> path.energies.tolist(), path.barriers.tolist()
        ([[-6.0, -0.0, 2.0, -0.0, -6.0]], [8.0])
    """
    measured = subject(network, dynamics)
    first = check_vector("start", start, measured.num_neurons)
    last = check_vector("end", end, measured.num_neurons)
    differing = np.flatnonzero(first != last)
    count, key = check_size("num_paths", num_paths), as_key(seed)
    keys = jax.random.split(key, count)
    orders = _orders(keys, jnp.asarray(differing))
    energies = [
        _energies(measured.dynamics, measured.weights, first, last, order) for order in orders
    ]
    return EnergyPath(np.asarray(energies), np.asarray(orders, np.int64))


@jax.jit
def _orders(keys: Array, neurons: Array) -> Array:
    return jax.vmap(lambda key: jax.random.permutation(key, neurons))(keys)


@jax.jit
@full_precision
def _energies(dynamics: Network, weights: PyTree, start: Array, end: Array, order: Array) -> Array:
    # The step at which each neuron changes; beyond the last step for a neuron that does not change.
    when = jnp.full(start.shape, len(order) + 1).at[order].set(jnp.arange(1, len(order) + 1))

    def energy(step: Array) -> Array:
        state = jnp.where(when <= step, end, start)[None]
        return dynamics.energy(state, dynamics.local_field(weights, state))[0]

    energies: Array = jax.lax.map(energy, jnp.arange(len(order) + 1), batch_size=_BATCH)
    return energies
