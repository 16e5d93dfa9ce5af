"""What a network prepares of a matrix for sweeps by flips, kept while that matrix is used."""

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
    """Return the weights, marked where they are symmetric, and what the network prepares of them.

    A second recall with the same matrix finds both at hand; they are dropped with it. What other
    networks prepare is None here, for it takes no longer than an update.
    """
    matrix = isinstance(weights, jax.Array) and not isinstance(weights, jax.core.Tracer)
    if not (matrix and isinstance(network, Hopfield) and network.flips(weights)):
        return weights, None
    key = jax.tree.structure(network), id(weights)
    if key not in _kept:
        symmetric = bool(_is_symmetric(weights))
        marked = Symmetric(weights) if symmetric else weights
        # Without the weights themselves, which would otherwise never go.
        _kept[key] = symmetric, prepare(network, marked)
        weakref.finalize(weights, _kept.pop, key, None)
    symmetric, prepared = _kept[key]
    return (Symmetric(weights) if symmetric else weights), prepared


@jax.jit
def prepare(network: Network, weights: PyTree) -> PyTree:
    """Return what the network prepares of its weights, in one compiled call."""
    return network.prepare(weights)


@jax.jit
def _is_symmetric(matrix: Array) -> Array:
    return jnp.all(matrix == matrix.T)
