"""The largest eigenvalue of couplings of any form, from products with them."""

import jax
import jax.numpy as jnp
import numpy as np

from canns._explain import explained
from canns._precision import full_precision
from canns._validation import check_size
from canns.dynamics.network import Network
from canns.typing import AnyArray, Array, PyTree

__all__ = ["largest_eigenvalue"]

_FEW = 256  # neurons up to which all eigenvalues are computed
_MOST = 10**8  # neurons, of which a few vectors fit in memory
_TOLERANCE = 1e-5  # relative, for which float32 suffices


@explained
def largest_eigenvalue(network: Network, weights: PyTree, size: int) -> float:
    """Return the largest real part of an eigenvalue of W, without building W.

    ARPACK asks for some products of W with a vector, each of which is one local field. Of a few
    neurons all eigenvalues are computed.

    Args:
        network: The dynamics, whose local field is ``W s``.
        weights: The weights of the network, in any form.
        size: N, the number of neurons.

    Example:
        >>> from canns.dynamics import Hopfield
        >>> xi = jnp.array([1.0, -1.0, 1.0, -1.0])
        >>> round(largest_eigenvalue(Hopfield(), jnp.outer(xi, xi) / 4, 4), 3)
        1.0

    Source: Lehoucq, Sorensen & Yang (1998), ARPACK Users' Guide, SIAM.
    """
    check_size("size", size, high=_MOST)
    if size <= _FEW:
        columns = np.asarray(_fields(network, weights, np.eye(size, dtype=np.float32)), float)
        return float(np.linalg.eigvals(columns.T).real.max())
    from scipy.sparse.linalg import LinearOperator, eigs  # here, because few calls need SciPy

    def product(vector: AnyArray) -> AnyArray:
        row = np.asarray(vector, np.float32).reshape(1, size)
        field: AnyArray = np.asarray(_fields(network, weights, row), float)[0]
        return field

    start = np.random.default_rng(0).normal(size=size)
    if not product(start).any():
        return 0.0
    operator = LinearOperator((size, size), matvec=product, dtype=float)
    found = eigs(operator, k=1, which="LR", v0=start, tol=_TOLERANCE, return_eigenvectors=False)
    return float(found.real.max())


@jax.jit
@full_precision
def _fields(network: Network, weights: PyTree, states: Array) -> Array:
    return network.local_field(weights, jnp.asarray(states))
