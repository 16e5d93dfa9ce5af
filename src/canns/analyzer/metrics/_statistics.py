"""Mean, median and standard error of the overlaps of probes in random networks."""

from typing import NamedTuple

import numpy as np

from canns._describe import shown
from canns.typing import AnyArray

__all__ = ["Summary", "standard_error", "summarise"]


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
