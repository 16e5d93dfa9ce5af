"""Whether start weights are within a range, before a run clips them or reads them as others."""

import jax
import numpy as np

from canns._warnings import warn
from canns.dynamics import Synapses
from canns.typing import PyTree

__all__ = ["warn_outside"]


def warn_outside(weights: PyTree, low: object, high: object, whose: str, effect: str) -> None:
    """Warn if start weights are below ``low`` or above ``high``; pass what has no values yet.

    Args:
        weights: W, (out, in).
        low: The least weight that is meant, a number, an array of the shape of the weights (of
            synapses a list), or one that is traced.
        high: The largest.
        whose: What sets the range, such as "Bounds".
        effect: What it does to other weights, as a clause.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     warn_outside(np.array([[0.5]]), 0, 1, "Bounds", "which clips them")
        ...     warn_outside(np.array([[0.5, 30.0]]), 0, 1, "Bounds", "which clips them")
        >>> len(caught), "from 0.5 to 30 are outside [0, 1]" in str(caught[0].message)
        (1, True)
    """
    tracer = jax.core.Tracer
    if isinstance(weights, Synapses):
        traced = isinstance(weights.values, tracer)
        weights = weights.values if traced else weights.outside(weights.values)
    if isinstance(weights, tracer) or isinstance(low, tracer) or isinstance(high, tracer):
        return
    if not getattr(weights, "is_fully_addressable", True) or not weights.size:
        return
    values = np.asarray(weights)
    # In the type of the weights, in which they are clipped: 0.1 is larger as a float32.
    floor, ceiling = np.asarray(low, values.dtype), np.asarray(high, values.dtype)
    one = floor.ndim == ceiling.ndim == 0
    least, most = (values.min(), values.max()) if one else (values, values)
    if (least < floor).any() or (most > ceiling).any():
        ends = f"from {values.min():g} to {values.max():g}"
        span = f"[{low:g}, {high:g}]" if one else "the ranges"
        start = f"Start weights {ends} are outside {span}"
        remedy = "Give a range that holds them, with the rule as an object, or start within it."
        warn(f"{start} of {whose}, {effect}.", remedy)
