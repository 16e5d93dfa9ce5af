"""Loads as numbers of patterns."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns._validation import check_real, check_size, check_vector
from canns.errors import ValidationError

__all__ = ["check_load", "check_loads", "check_neurons"]

_MOST = 10**7  # the numbers of a hundred patterns take 4 GB


def check_neurons(num_neurons: object) -> int:
    """Return the number of neurons N."""
    return check_size("num_neurons", num_neurons, low=2, high=_MOST)


def check_load(name: str, load: object, num_neurons: int) -> int:
    """Return the number of patterns nearest to ``load`` times N, at least one."""
    value = check_real(name, load, low=0, open_low=True)
    count = round(value * num_neurons)
    if count == 0:
        expected = f"at least one pattern, {1 / num_neurons:g}"
        raise ValidationError(name, expected, f"{value:g}", "Take more neurons.")
    return count


def check_loads(name: str, loads: ArrayLike, num_neurons: int) -> NDArray[np.int64]:
    """Return the number of patterns nearest to each load times N, (L,)."""
    values = check_vector(name, loads)
    return np.array([check_load(name, load, num_neurons) for load in values])
