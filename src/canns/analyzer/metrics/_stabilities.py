"""The distribution of stabilities of stored patterns."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from canns._precision import full_precision
from canns._results import Result
from canns._validation import check_matrix
from canns.analyzer.metrics._subject import check_couplings
from canns.dynamics import Hopfield, Sparse, StoredPatterns, check_signs
from canns.plasticity import stabilities
from canns.typing import AnyArray, Array, epsilon

__all__ = ["StabilityDistribution", "stability_distribution"]


@dataclass(frozen=True, eq=False, repr=False)
class StabilityDistribution(Result):
    """Stabilities of patterns, and a summary of them.

    Args:
        values: Kappa of each neuron at each pattern, (P, N).
        minimum: The smallest value.
        share_positive: Share of the values above 0. These neurons are right after one update,
            whatever a field of 0 gives.
        share_fixed: Share of the patterns whose values are all above 0: the exact fixed points.
    """

    values: AnyArray
    minimum: float
    share_positive: float
    share_fixed: float

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {"values": ("pattern", "neuron")}
    rows: ClassVar[tuple[str, ...]] = ("pattern", "neuron")

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the distribution of the stabilities."""
        return pictures.stability_histogram(self.values, config, ax=ax)

    def summary(self) -> str:
        """Return the least stability, and the shares of stable neurons and patterns."""
        patterns, neurons = self.values.shape
        return (
            f"{patterns} patterns of {neurons} neurons: least stability {self.minimum:.4g}; "
            f"{self.share_positive:.1%} of the values positive; "
            f"{self.share_fixed:.1%} of the patterns are fixed points"
        )


def stability_distribution(
    weights: StoredPatterns | Sparse | ArrayLike, patterns: ArrayLike
) -> StabilityDistribution:
    r"""Return the stability of each neuron at each pattern, and a summary.

    .. math:: \kappa_i^\mu = \xi_i^\mu \sum_{j \ne i} W_{ij} \xi_j^\mu \Big/ |W_i|

    Args:
        weights: A matrix, (N, N); or :class:`~canns.dynamics.StoredPatterns` or
            :class:`~canns.dynamics.Sparse`, which are not built. Self-couplings do not count.
        patterns: One +-1 pattern a row, (P, N).

    Returns:
        The values, 0 for a neuron without weights, and their summary.

    Raises:
        ValidationError: If an argument has the wrong shape or is not finite.

    Example:
        >>> import numpy as np
        >>> patterns = np.array([[1.0, 1.0, 1.0]])
        >>> found = stability_distribution(patterns.T @ patterns, patterns)
        >>> found.values.round(3).tolist(), found.share_fixed
        ([[1.4140000343322754, 1.4140000343322754, 1.4140000343322754]], 1.0)

    Source: Gardner (1988), J. Phys. A 21:257.
    """
    couplings, size = check_couplings("weights", weights)
    rows = check_signs("patterns", check_matrix("patterns", patterns, size))
    if isinstance(couplings, StoredPatterns | Sparse):
        values = np.asarray(_unbuilt(couplings, jnp.asarray(rows)))
    else:
        values = stabilities(couplings, rows)
    positive = values > np.sqrt(size) * epsilon(values.dtype)  # more than the rounding of a sum
    return StabilityDistribution(
        values, float(values.min()), float(positive.mean()), float(positive.all(axis=1).mean())
    )


@jax.jit
@full_precision
def _unbuilt(weights: StoredPatterns | Sparse, patterns: Array) -> Array:
    others: StoredPatterns | Sparse
    if isinstance(weights, StoredPatterns):
        others, squares = _of_patterns(weights)
    else:
        others, squares = _of_few(weights)
    norms = jnp.sqrt(jnp.maximum(squares, 0.0))
    fields = jnp.where(patterns > 0, 1.0, -1.0) * Hopfield().local_field(others, patterns)
    return jnp.where(norms > 0, fields / jnp.where(norms > 0, norms, 1.0), 0.0)


def _of_patterns(weights: StoredPatterns) -> tuple[StoredPatterns, Array]:
    """Return the couplings without self-couplings, and the squared length of each row."""
    post, pre = weights.factors()
    own = weights.self_couplings()
    squares = weights.scale**2 * jnp.sum(post * ((pre @ pre.T) @ post), axis=0) - own**2
    return weights._replace(diagonal=own), squares


def _of_few(weights: Sparse) -> tuple[Sparse, Array]:
    """Return the couplings without self-couplings, and the squared length of each row."""
    indices, present = weights
    present = jnp.where(indices == jnp.arange(len(indices))[:, None], 0.0, present)
    return Sparse(indices, present), jnp.sum(present**2, axis=1)
