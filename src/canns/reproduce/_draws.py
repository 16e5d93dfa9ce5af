"""Random patterns for the figures."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["signs", "sparse_codes"]


def signs(rng: np.random.Generator, num_patterns: int, num_neurons: int) -> NDArray[np.float32]:
    """Return unbiased +-1 patterns, (P, N)."""
    bits = rng.integers(0, 2, (num_patterns, num_neurons), np.int8)
    return (2 * bits - 1).astype(np.float32)


def sparse_codes(
    rng: np.random.Generator, num_patterns: int, num_neurons: int, num_active: int
) -> NDArray[np.float32]:
    """Return 0/1 patterns with ``num_active`` ones each, (P, N)."""
    patterns = np.zeros((num_patterns, num_neurons), np.float32)
    patterns[:, :num_active] = 1
    return rng.permuted(patterns, axis=1)
