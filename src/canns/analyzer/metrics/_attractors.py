"""What an attractor of an associative memory is: a pattern, a mixture, or neither."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "Match", "match_patterns"]

KINDS = ("pattern", "reversed", "mixture", "spin_glass", "cycle", "unsettled")


class Match(NamedTuple):
    """What states are nearest to.

    Args:
        overlaps: Of each state with each pattern, (A, P).
        mixture_sizes: How many patterns, an odd number, the nearest mixture is made of, (A,).
        mixture_overlaps: Of each state with that mixture, (A,).
    """

    overlaps: NDArray[Any]
    mixture_sizes: NDArray[np.int64]
    mixture_overlaps: NDArray[Any]

    def kinds(self, threshold: float) -> NDArray[np.str_]:
        """Return the kind of each state, a mixture being one that it overlaps with so much."""
        strongest = np.argmax(np.abs(self.overlaps), axis=1)
        signs = np.take_along_axis(self.overlaps, strongest[:, None], axis=1)[:, 0]
        single = np.where(signs > 0, "pattern", "reversed")
        kinds = np.where(self.mixture_sizes == 1, single, "mixture")
        found: NDArray[np.str_] = np.where(self.mixture_overlaps >= threshold, kinds, "spin_glass")
        return found


def match_patterns(states: NDArray[Any], patterns: NDArray[Any], largest: int) -> Match:
    """Return the nearest mixture of each state, of at most ``largest`` patterns.

    A mixture of n patterns is the sign of their sum, each with the sign of its overlap; tried are
    those of the n patterns that the state overlaps with most.
    """
    overlaps = states @ patterns.T / states.shape[1]
    order = np.argsort(-np.abs(overlaps), axis=1, kind="stable")
    sizes = np.arange(1, min(largest, len(patterns)) + 1, 2)
    near = np.stack(
        [_overlap_with_mixture(states, patterns, overlaps, order[:, :n]) for n in sizes]
    )
    best = np.argmax(near, axis=0)  # the first, so the smallest, of equals
    return Match(overlaps, sizes[best], near.max(axis=0))


def _overlap_with_mixture(
    states: NDArray[Any], patterns: NDArray[Any], overlaps: NDArray[Any], members: NDArray[Any]
) -> NDArray[Any]:
    signs = np.where(np.take_along_axis(overlaps, members, axis=1) < 0, -1.0, 1.0)
    total = sum(signs[:, [n]] * patterns[members[:, n]] for n in range(members.shape[1]))
    near: NDArray[Any] = (np.sign(total) * states).mean(axis=1)
    return near
