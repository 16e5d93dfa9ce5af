"""Student's interval of a mean."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from canns.typing import AnyArray

__all__ = ["student_reach"]


def student_reach(error: ArrayLike, count: ArrayLike, confidence: float = 0.95) -> AnyArray:
    """Return how far Student's interval reaches from a mean to either side.

    Args:
        error: The standard error of the mean.
        count: Number of independent values; one value has no interval, so it reaches nowhere.
        confidence: The probability with which such intervals hold the expectation.

    Example:
        >>> student_reach(1.0, [1, 2, 11]).round(3).tolist()
        [0.0, 12.706, 2.228]
    """
    number = np.asarray(count)
    quantile = stdtrit(np.maximum(number - 1, 1), (1 + confidence) / 2)
    reach: AnyArray = np.where(number > 1, quantile * np.asarray(error), 0.0)
    return reach
