"""The spectrum of symmetric couplings."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns._precision import full_precision
from canns.analyzer.metrics._subject import check_couplings
from canns.dynamics import Hopfield, Sparse, StoredPatterns
from canns.errors import ValidationError
from canns.typing import Array, epsilon

__all__ = ["weight_spectrum"]


def weight_spectrum(weights: StoredPatterns | Sparse | ArrayLike) -> NDArray[Any]:
    r"""Return the eigenvalues of symmetric couplings, rising.

    Hebb's couplings of P random patterns, :math:`W = X^T X/N - \alpha`, have N - P eigenvalues
    :math:`-\alpha`. The others follow Marchenko and Pastur's law,

    .. math::
        \rho(\lambda) = \frac{\sqrt{(\lambda_+ - x)(x - \lambda_-)}}{2\pi\alpha x}, \quad
        x = \lambda + \alpha, \quad \lambda_\pm = (1 \pm \sqrt\alpha)^2

    Args:
        weights: A symmetric matrix, (N, N), or :class:`~canns.dynamics.Sparse`; or
            :class:`~canns.dynamics.StoredPatterns` with post = pre and a constant diagonal, whose
            eigenvalues are those of the P x P Gram matrix of the patterns.

    Returns:
        The N eigenvalues.

    Raises:
        ValidationError: If the couplings are not symmetric, or not of that form.

    Example:
        >>> import jax.numpy as jnp
        >>> patterns = jnp.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, -1.0, -1.0]])
        >>> weight_spectrum(StoredPatterns.hebbian(patterns, 1 / 4)).round(3).tolist()
        [-0.5, -0.5, 0.5, 0.5]

    Source: Marchenko & Pastur (1967), Math. USSR-Sb. 1:457.
    """
    couplings, size = check_couplings("weights", weights)
    if isinstance(couplings, StoredPatterns):
        return _of_patterns(couplings, size)
    if isinstance(couplings, Sparse):
        couplings = Hopfield().local_field(couplings, jnp.eye(size)).T
    scale = float(jnp.abs(couplings).max())
    if float(jnp.abs(couplings - couplings.T).max()) > size * epsilon(couplings.dtype) * scale:
        raise ValidationError("weights", "symmetric", "W other than its transpose")
    return np.asarray(jnp.linalg.eigvalsh(couplings))


def _of_patterns(weights: StoredPatterns, size: int) -> NDArray[Any]:
    if weights.post is not None and not bool((weights.post == weights.centred()).all()):
        raise ValidationError("weights.post", "equal to weights.pre", "other patterns")
    diagonal = np.asarray(weights.diagonal)
    if np.ptp(diagonal) > 4 * epsilon(diagonal.dtype) * np.abs(diagonal).max():
        raise ValidationError(
            "weights.diagonal",
            "constant, as it is for patterns of -1 and 1",
            f"{diagonal.min():g} to {diagonal.max():g}",
            "Build the matrix.",
        )
    found = np.asarray(_gram_eigenvalues(weights))
    eigenvalues: NDArray[Any] = np.zeros(size, found.dtype)
    count = min(size, len(found))
    eigenvalues[:count] = found[np.argsort(-np.abs(found))[:count]]  # with P > N the rest are 0
    eigenvalues -= diagonal.mean()
    eigenvalues.sort()
    return eigenvalues


@jax.jit
@full_precision
def _gram_eigenvalues(weights: StoredPatterns) -> Array:
    """Return the eigenvalues of ``Y^T K Y`` that may differ from 0, (P,)."""
    patterns = weights.centred()
    gram = patterns @ patterns.T
    if weights.strengths.ndim > 0:
        # Those of K G are those of R^T K R, with G = R R^T, which is symmetric.
        squares, axes = jnp.linalg.eigh(gram)
        root = axes * jnp.sqrt(jnp.maximum(squares, 0.0))
        gram = weights.weigh(root.T) @ root
    eigenvalues: Array = jnp.linalg.eigvalsh(weights.scale * gram)
    return eigenvalues
