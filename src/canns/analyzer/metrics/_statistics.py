"""Mean, median and standard error of the overlaps of probes in random networks."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from canns._describe import shown

__all__ = ["Summary", "standard_error", "summarise"]


@shown
class Summary(NamedTuple):
    """Statistics over networks and probes, of the shape of the leading axes."""

    mean: NDArray[Any]
    median: NDArray[Any]
    standard_error: NDArray[Any]


def summarise(samples: NDArray[Any]) -> Summary:
    """Return the statistics of ``samples``, (..., networks, probes)."""
    axes = (-2, -1)
    median: NDArray[Any] = np.median(samples, axis=axes)
    return Summary(samples.mean(axis=axes), median, standard_error(samples))


def standard_error(samples: NDArray[Any]) -> NDArray[Any]:
    """Return the standard error of the mean of ``samples``, (..., networks, probes).

    The probes of one network feel the same disorder, so where there are several networks their
    means are the independent numbers.
    """
    independent = samples.mean(axis=-1) if samples.shape[-2] > 1 else samples[..., 0, :]
    error: NDArray[Any] = independent.std(axis=-1, ddof=1) / np.sqrt(independent.shape[-1])
    return error
