"""A cache of what a network prepares of a matrix for sweeps by flips."""

import weakref

import jax
import jax.numpy as jnp

from canns.dynamics.couplings.matrix import Symmetric
from canns.dynamics.network import Network
from canns.dynamics.networks.hopfield import Hopfield
from canns.typing import Array, PyTree

__all__ = ["prepare", "prepared_for"]

_kept: dict[tuple[jax.tree_util.PyTreeDef, int], tuple[bool, PyTree]] = {}


def prepared_for(network: Network, weights: PyTree) -> tuple[PyTree, PyTree]:
    """Return the weights, marked if they are symmetric, and what the network prepares of them.

    Both are cached for the next recall with the same matrix, until the matrix is deleted. For
    networks that do not sweep by flips nothing is cached (None): preparing costs only an update.
    """
    matrix = isinstance(weights, jax.Array) and not isinstance(weights, jax.core.Tracer)
    if not (matrix and isinstance(network, Hopfield)) or not network.asynchronous:
        return weights, None
    if not network.flips(weights):
        return weights, None
    key = jax.tree.structure(network), id(weights)
    if key not in _kept:
        symmetric = bool(_is_symmetric(weights))
        marked = Symmetric(weights) if symmetric else weights
        # Do not keep the weights themselves: they would never be deleted.
        _kept[key] = symmetric, prepare(network, marked)
        weakref.finalize(weights, _kept.pop, key, None)
    symmetric, prepared = _kept[key]
    return (Symmetric(weights) if symmetric else weights), prepared


@jax.jit
def prepare(network: Network, weights: PyTree) -> PyTree:
    """Return ``network.prepare(weights)``, in one compiled call."""
    return network.prepare(weights)


@jax.jit
def _is_symmetric(matrix: Array) -> Array:
    return jnp.all(matrix == matrix.T)
