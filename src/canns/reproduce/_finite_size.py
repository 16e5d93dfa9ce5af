"""How far a network of finite size may deviate from theory."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns.typing import AnyArray

__all__ = ["WHY", "finite_size"]

WHY = "finite size"
_STEP = 0.002


def finite_size(
    overlap: Callable[[AnyArray], ArrayLike], loads: NDArray[np.float64], connections: int
) -> NDArray[np.float64]:
    r"""Return :math:`|m(\alpha - 1/C) - m(\alpha)| + \alpha |m''|/C`, at each load.

    A pattern is no noise to itself, so the load that counts is one pattern less. The noise of P
    random patterns has a relative variance of 2/P, as if the load itself had a variance of
    :math:`2\alpha/C`. A curved :math:`m(\alpha)` turns that variance into a shift of its mean.

    Args:
        overlap: m as a function of the load.
        loads: Alpha, below the critical load.
        connections: C, connections of each neuron.
    """
    ahead, here, behind = (np.asarray(overlap(loads + d)) for d in (_STEP, 0.0, -_STEP))
    bend = np.abs(ahead - 2 * here + behind) / _STEP**2
    own: NDArray[np.float64] = np.abs(np.asarray(overlap(loads - 1 / connections)) - here)
    room: NDArray[np.float64] = own + loads * bend / connections
    return room
