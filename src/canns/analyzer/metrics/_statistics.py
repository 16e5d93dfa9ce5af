"""Means, errors and intervals of the overlaps of probes in random networks."""

from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv

from canns._describe import shown
from canns._statistics import student_reach
from canns.typing import AnyArray

__all__ = [
    "Summary",
    "binomial_reach",
    "independent_samples",
    "interval_reach",
    "standard_error",
    "summarise",
]


@shown
class Summary(NamedTuple):
    """Statistics over networks and probes, of the shape of the leading axes."""

    mean: AnyArray
    median: AnyArray
    standard_error: AnyArray


def summarise(samples: AnyArray) -> Summary:
    """Return the statistics of ``samples``, (..., networks, probes)."""
    axes = (-2, -1)
    median: AnyArray = np.median(samples, axis=axes)
    return Summary(samples.mean(axis=axes), median, standard_error(samples))


def standard_error(samples: AnyArray) -> AnyArray:
    """Return the standard error of the mean of ``samples``, (..., networks, probes).

    The probes of one network share its disorder. So with several networks, the means of the
    networks are the independent samples.
    """
    independent = samples.mean(axis=-1) if samples.shape[-2] > 1 else samples[..., 0, :]
    error: AnyArray = independent.std(axis=-1, ddof=1) / np.sqrt(independent.shape[-1])
    return error


def independent_samples(samples: AnyArray) -> int:
    """Return how many independent values :func:`standard_error` takes from ``samples``."""
    networks, probes = samples.shape[-2:]
    return int(networks if networks > 1 else probes)


def interval_reach(
    mean: AnyArray, error: AnyArray, count: AnyArray | int, low: float, high: float
) -> AnyArray:
    """Return how far Student's 95 % interval reaches down and up, (2, L), within [low, high].

    Args:
        mean: The means, (L,).
        error: Their standard errors, (L,).
        count: Number of independent values of which each is the mean; one value has no interval.
        low: The least value that is possible.
        high: The largest.
    """
    half = np.nan_to_num(student_reach(error, count))
    ends = np.array([np.minimum(half, mean - low), np.minimum(half, high - mean)])
    reach: AnyArray = np.maximum(ends, 0.0)
    return reach


def binomial_reach(share: AnyArray, count: int) -> AnyArray:
    """Return how far the exact 95 % interval of a share of ``count`` trials reaches, (2, L).

    Source: Clopper & Pearson (1934), Biometrika 26:404.
    """
    hits = np.rint(share * count)
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 1), count - hits + 1, 0.025), 0.0)
    misses = count - hits
    high = np.where(misses > 0, betaincinv(hits + 1, np.maximum(misses, 1), 0.975), 1.0)
    return np.array([share - low, high - share])
