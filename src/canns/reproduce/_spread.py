"""How far the mean of independent samples may be off."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns.reproduce._claim import FALSE_ALARM

__all__ = ["BARS", "reach"]

BARS = f"bars: {100 * (1 - FALSE_ALARM):g} % intervals of t"
"""What error bars of :func:`reach` show."""


def reach(samples: ArrayLike) -> NDArray[np.float64]:
    """Return half the width of Student's t interval of the mean over the last axis.

    Args:
        samples: Independent values, such as one of each network, (..., n).
    """
    from scipy.stats import sem, t

    values = np.asarray(samples, float)
    width: NDArray[np.float64] = t.isf(FALSE_ALARM / 2, values.shape[-1] - 1) * sem(values, axis=-1)
    return width
