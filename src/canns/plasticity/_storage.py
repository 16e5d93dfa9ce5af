"""Storage of a set of patterns in a recurrent network by a product rule."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from canns.dynamics import Clamped
from canns.plasticity._hebbian import AntiHebbian, Hebbian
from canns.plasticity._learn import learn
from canns.plasticity._projections import Identity, ZeroDiagonal
from canns.typing import Array

__all__ = ["store_patterns"]


def store_patterns(
    weights: Array,
    patterns: NDArray[Any],
    rule: type[Hebbian] | type[AntiHebbian] = Hebbian,
    *,
    subtract_mean: bool = True,
    zero_diagonal: bool = True,
    normalize_by_patterns: bool = True,
    compiled: bool = True,
) -> Array:
    r"""Return the weights with ``patterns`` added to, or taken from, what they store.

    .. math:: W \pm \frac{1}{P} \sum_\mu (x^\mu - \rho)(x^\mu - \rho)^T, \qquad W_{ii} = 0

    Args:
        weights: W, (N, N).
        patterns: One pattern a row, (P, N).
        rule: Hebbian adds, AntiHebbian removes.
        subtract_mean: Centre by rho, the mean over all entries of ``patterns``; else rho = 0.
        zero_diagonal: Remove self-connections afterwards.
        normalize_by_patterns: Divide by P; else by 1.
        compiled: False runs the same code un-jitted.

    Returns:
        The new weights, (N, N).

    Example:
        >>> import jax.numpy as jnp, numpy as np
        >>> store_patterns(jnp.zeros((2, 2)), np.array([[1.0, -1.0]])).tolist()
        [[0.0, -1.0], [-1.0, 0.0]]

    Source: Hopfield (1982), PNAS 79:2554.
    """
    if subtract_mean:
        patterns = patterns - patterns.mean(dtype=np.float64).astype(patterns.dtype)
    rate = 1.0 / len(patterns) if normalize_by_patterns else 1.0
    project = ZeroDiagonal() if zero_diagonal else Identity()
    learner = learn(rule(rate), Clamped(), weights, patterns, project=project, compiled=compiled)
    return learner.weights
