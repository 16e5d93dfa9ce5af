"""Independent trials of many pairs, a part at a time."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["ends_of", "successes"]

_PART = 1 << 20  # synapses that are drawn at a time


def successes(trials: int, share: float, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield which of so many independent trials succeed, in order, a part at a time."""
    if share == 1:
        for start in range(0, trials, _PART):
            yield np.arange(start, min(start + _PART, trials))
        return
    last = -1
    while share > 0 and last < trials:  # the gaps between successes are geometric
        mean = (trials - last) * share
        gaps = rng.geometric(share, min(int(mean + 4 * np.sqrt(mean) + 8), _PART))
        np.cumsum(gaps, out=gaps)
        gaps += last
        last = int(gaps[-1])
        yield gaps[gaps < trials]
    yield np.empty(0, np.int64)  # so that there is a part


def ends_of(pairs: NDArray[np.int64], out: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the inputs and the neurons of pairs, which are counted input by input."""
    return (pairs // out).astype(np.int32), (pairs % out).astype(np.int32)
