"""Overlaps of states with patterns."""

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from canns._keys import as_key
from canns._names import renamed
from canns._precision import full_precision
from canns._validation import check_array, check_matrix, check_real, check_size
from canns.analyzer.metrics._subject import Subjectable, subject
from canns.dynamics import BITS, SIGNS, Network, trajectory
from canns.errors import ValidationError
from canns.typing import AnyArray, Array

__all__ = ["overlap", "overlap_trajectory"]


def overlap(
    states: ArrayLike, patterns: ArrayLike, *, coding_level: float | None = None
) -> AnyArray:
    r"""Return the overlap of each state with each pattern.

    .. math::
        m^\mu = \frac1N \sum_i \xi_i^\mu s_i, \qquad
        m^\mu = \frac{1}{N f (1 - f)} \sum_i (\xi_i^\mu - f)\, s_i

    The first equation is for patterns of -1 and 1; the second, with a coding level, for patterns of
    0 and 1. Both are 1 if the state is the pattern (the second only if a share f of its entries is
    1), and 0 on average for independent states.

    Args:
        states: (..., N), with any leading axes.
        patterns: One pattern a row, (P, N).
        coding_level: f, the share of active neurons, in (0, 1); None for -1 and 1.

    Returns:
        Overlaps, (..., P).

    Raises:
        ValidationError: If an argument is out of range, or the widths differ.

    Example:
        >>> overlap([1.0, 1.0, -1.0, -1.0], [[1.0, 1.0, -1.0, -1.0], [1.0, 1.0, 1.0, -1.0]])
        array([1. , 0.5], dtype=float32)
        >>> overlap([[1.0, 0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]], coding_level=0.25).tolist()
        [[1.0]]

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530; Tsodyks & Feigelman
    (1988), Europhys. Lett. 6:101.
    """
    level = check_level(coding_level)
    rows = check_matrix("patterns", patterns)
    values = check_array("states", states)
    if level is None:
        SIGNS.check("states", values)
    if values.ndim == 0 or values.shape[-1] != rows.shape[1]:
        raise ValidationError("states", f"of shape (..., {rows.shape[1]})", f"{values.shape}")
    return np.asarray(_overlaps(jnp.asarray(values), readout(rows, level)))


def check_level(coding_level: float | None) -> float | None:
    """Return the validated coding level; None for patterns of -1 and 1."""
    if coding_level is None:
        return None
    return check_real("coding_level", coding_level, low=0, high=1, open_low=True, open_high=True)


def readout(patterns: AnyArray, f: float | None) -> Array:
    """Return rows, (P, N), whose product with a state is its overlap with each pattern."""
    size = patterns.shape[1]
    if f is None:
        return jnp.asarray(SIGNS.check("patterns", patterns) / size)
    BITS.check("patterns", patterns)
    return jnp.asarray((patterns - f) / (size * f * (1 - f)))


@jax.jit
@full_precision
def _overlaps(states: Array, rows: Array) -> Array:
    return states @ rows.T


@renamed(key="seed")
def overlap_trajectory(
    network: Subjectable,
    patterns: ArrayLike,
    cues: ArrayLike,
    *,
    coding_level: float | None = None,
    num_iter: int = 20,
    dynamics: Network | None = None,
    seed: int | Array | None = 0,
) -> AnyArray:
    """Return the overlaps with ``patterns`` along the recall from each cue.

    Args:
        network: A model; or couplings, a matrix (N, N) or :class:`~canns.dynamics.StoredPatterns`.
        patterns: One pattern a row, (P, N).
        cues: One cue a row, (B, N).
        coding_level: See :func:`overlap`.
        num_iter: Number of updates T; a cue that has converged no longer changes.
        dynamics: Dynamics of bare couplings; None for :class:`~canns.dynamics.Hopfield`.
        seed: Seed of the update order and the noise.

    Returns:
        Overlaps before the first and after each update, (T + 1, B, P).

    Raises:
        ValidationError: If an argument is out of range, or the widths differ.

    Example:
        >>> import numpy as np
        >>> pattern = np.array([[1.0, -1.0, 1.0, -1.0]])
        >>> cue = np.array([[-1.0, -1.0, 1.0, -1.0]])
        >>> path = overlap_trajectory(pattern.T @ pattern, pattern, cue, num_iter=2)
        >>> path[:, 0, 0].tolist()
        [0.5, 1.0, 1.0]
    """
    measured = subject(network, dynamics)
    level = check_level(coding_level)
    targets = check_matrix("patterns", patterns, measured.num_neurons)
    starts = check_matrix("cues", cues, measured.num_neurons)  # trajectory checks their code
    updates, key = check_size("num_iter", num_iter, low=0), as_key(seed)
    rows = readout(targets, level)
    states = trajectory(measured.dynamics, measured.weights, starts, key=key, num_iter=updates)
    return np.asarray(_overlaps(states, rows))
