"""Random patterns to store in an associative memory."""

import math

import numpy as np

from canns._names import renamed
from canns._validation import check_flag, check_real, check_size, float_dtype
from canns.task._random import Seed, choose_entries, generator
from canns.task._types import FloatArray, IntArray

__all__ = ["correlated_patterns", "hierarchical_patterns", "random_patterns", "sparse_patterns"]


@renamed(key="seed")
def random_patterns(num_patterns: int, num_neurons: int, *, seed: Seed = None) -> FloatArray:
    """Draw independent, unbiased ±1 patterns.

    Every entry is +1 or −1 with probability 1/2, independently of all others. The overlap
    ``x @ y / N`` of two patterns has mean 0 and standard deviation ``1 / sqrt(N)``.

    Args:
        num_patterns: Number of patterns P.
        num_neurons: Length N of a pattern.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Patterns of shape (P, N), entries ±1.

    Raises:
        ValidationError: A count is not a positive integer.

    Example:
        >>> random_patterns(2, 100, seed=0).shape
        (2, 100)

    References:
        Hopfield (1982), Proceedings of the National Academy of Sciences 79:2554–2558.
    """
    shape = check_size("num_patterns", num_patterns), check_size("num_neurons", num_neurons)
    return _random_signs(generator(seed), shape)


@renamed(key="seed")
def sparse_patterns(
    num_patterns: int,
    num_neurons: int,
    coding_level: float,
    *,
    exact: bool = False,
    seed: Seed = None,
) -> FloatArray:
    """Draw independent 0/1 patterns in which a small share of the neurons is active.

    With ``exact=False`` every entry is 1 with probability f, independently. With ``exact=True``
    every pattern has exactly ``round(f * N)`` ones (halves to even), all placements equally
    likely.

    Args:
        num_patterns: Number of patterns P.
        num_neurons: Length N of a pattern.
        coding_level: Expected share f of ones, in (0, 1).
        exact: Whether every pattern has the same number of ones.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Patterns of shape (P, N), entries 0 or 1.

    Raises:
        ValidationError: A count is not a positive integer, or ``coding_level`` is outside (0, 1).

    Example:
        >>> sparse_patterns(3, 50, 0.1, exact=True, seed=0).sum(axis=1).tolist()
        [5.0, 5.0, 5.0]

    References:
        Tsodyks & Feigelman (1988), Europhysics Letters 6:101–105.
    """
    shape = check_size("num_patterns", num_patterns), check_size("num_neurons", num_neurons)
    level = check_real("coding_level", coding_level, low=0, high=1, open_low=True, open_high=True)
    exact = check_flag("exact", exact)
    rng = generator(seed)
    ones = (
        choose_entries(rng, shape, round(level * shape[1])) if exact else rng.random(shape) < level
    )
    return ones.astype(float_dtype())


@renamed(key="seed")
def correlated_patterns(
    num_patterns: int, num_neurons: int, correlation: float, *, seed: Seed = None
) -> FloatArray:
    """Draw ±1 patterns with a given expected pairwise overlap.

    One ancestor is drawn unbiased. Every entry of a pattern equals the ancestor's with
    probability ``(1 + sqrt(c)) / 2``, independently, so that a pattern's expected overlap with
    the ancestor is ``sqrt(c)`` and that of two patterns, ``E[x @ y / N]``, is c. Each entry on
    its own remains unbiased.

    Args:
        num_patterns: Number of patterns P.
        num_neurons: Length N of a pattern.
        correlation: Expected overlap c of two patterns, in [0, 1]; 0 gives independent patterns,
            1 gives copies of one.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Patterns of shape (P, N), entries ±1.

    Raises:
        ValidationError: A count is not a positive integer, or ``correlation`` is outside [0, 1].

    Example:
        >>> x = correlated_patterns(2, 10_000, 0.3, seed=0)
        >>> bool(abs(x[0] @ x[1] / 10_000 - 0.3) < 0.04)
        True

    References:
        Parga & Virasoro (1986), Journal de Physique 47:1857–1864 (one level of the tree).
    """
    shape = check_size("num_patterns", num_patterns), check_size("num_neurons", num_neurons)
    overlap = check_real("correlation", correlation, low=0, high=1)
    rng = generator(seed)
    ancestor = _random_signs(rng, (1, shape[1]))
    return _descend(rng, np.repeat(ancestor, shape[0], axis=0), overlap)


@renamed(key="seed")
def hierarchical_patterns(
    num_classes: int, num_per_class: int, num_neurons: int, overlap: float, *, seed: Seed = None
) -> tuple[FloatArray, IntArray]:
    """Draw ±1 patterns in classes: an ultrametric tree of two levels.

    Every class has an unbiased ancestor of its own. Every entry of a member equals the class
    ancestor's with probability ``(1 + sqrt(q)) / 2``, so the expected overlap of two members
    of one class is q and that of members of two classes is 0.

    Args:
        num_classes: Number of classes C.
        num_per_class: Number of members K of a class.
        num_neurons: Length N of a pattern.
        overlap: Expected overlap q within a class, in [0, 1].
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Patterns of shape (C·K, N) with entries ±1, and their class labels of shape (C·K,), from
        0 to C − 1 in rising order.

    Raises:
        ValidationError: A count is not a positive integer, or ``overlap`` is outside [0, 1].

    Example:
        >>> patterns, labels = hierarchical_patterns(2, 3, 100, 0.5, seed=0)
        >>> patterns.shape, labels.tolist()
        ((6, 100), [0, 0, 0, 1, 1, 1])

    References:
        Parga & Virasoro (1986), Journal de Physique 47:1857–1864.
    """
    classes = check_size("num_classes", num_classes)
    members = check_size("num_per_class", num_per_class)
    neurons = check_size("num_neurons", num_neurons)
    within = check_real("overlap", overlap, low=0, high=1)
    rng = generator(seed)
    ancestors = _random_signs(rng, (classes, neurons))
    patterns = _descend(rng, np.repeat(ancestors, members, axis=0), within)
    return patterns, np.repeat(np.arange(classes, dtype=np.int64), members)


def _random_signs(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return rng.choice(np.array([-1.0, 1.0], dtype=float_dtype()), size=shape)


def _descend(rng: np.random.Generator, ancestors: FloatArray, overlap: float) -> FloatArray:
    """Copy each row's entries with the probability that gives two copies this expected overlap."""
    kept = rng.random(ancestors.shape) < (1.0 + math.sqrt(overlap)) / 2.0
    return np.where(kept, ancestors, -ancestors)
