"""What a network prepares of its weights, kept for as long as these weights are used."""

import weakref
from typing import Any

import jax
import jax.numpy as jnp

from canns.dynamics._couplings import Symmetric
from canns.dynamics._hopfield import Hopfield
from canns.dynamics._network import Network
from canns.typing import Array

__all__ = ["prepared_for"]

_kept: dict[Any, tuple[bool, Any]] = {}


def prepared_for(network: Network, weights: Any) -> tuple[Any, Any]:
    """Return the weights, marked where they are symmetric and that is used, and what is prepared.

    A second recall with the same arrays finds both at hand. They are dropped with the arrays.
    """
    leaves = jax.tree.leaves((network, weights))
    arrays = [leaf for leaf in leaves if isinstance(leaf, jax.Array)]
    if any(isinstance(leaf, jax.core.Tracer) for leaf in arrays):
        return weights, network.prepare(weights)
    numbers = tuple(leaf for leaf in leaves if not isinstance(leaf, jax.Array))
    key = jax.tree.structure((network, weights)), numbers, tuple(map(id, arrays))
    if key not in _kept:
        marked = _marked(network, weights)
        # Without the weights themselves, which would otherwise never go.
        _kept[key] = isinstance(marked, Symmetric), _prepare(network, marked)
        for array in arrays:
            weakref.finalize(array, _kept.pop, key, None)
    symmetric, prepared = _kept[key]
    return (Symmetric(weights) if symmetric else weights), prepared


def _marked(network: Network, weights: Any) -> Any:
    flips = isinstance(network, Hopfield) and network.flips(weights)
    if flips and isinstance(weights, jax.Array) and bool(_is_symmetric(weights)):
        return Symmetric(weights)
    return weights


@jax.jit
def _prepare(network: Network, weights: Any) -> Any:
    return network.prepare(weights)


@jax.jit
def _is_symmetric(matrix: Array) -> Array:
    return jnp.all(matrix == matrix.T)
