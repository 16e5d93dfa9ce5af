"""Classification of a memory's attractors: a pattern, a mixture, or neither."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canns.typing import AnyArray

__all__ = ["KINDS", "Match", "match_patterns"]

KINDS = ("pattern", "reversed", "mixture", "spin_glass", "cycle", "unsettled")


class Match(NamedTuple):
    """The mixture of patterns that is nearest to each state.

    Args:
        overlaps: Overlap of each state with each pattern, (A, P).
        mixture_sizes: Number of patterns in the nearest mixture, always odd, (A,).
        mixture_overlaps: Overlap of each state with that mixture, (A,).
    """

    overlaps: AnyArray
    mixture_sizes: NDArray[np.int64]
    mixture_overlaps: AnyArray

    def kinds(self, threshold: float) -> NDArray[np.str_]:
        """Return the kind of each state: a spin glass if its overlap is below ``threshold``."""
        strongest = np.argmax(np.abs(self.overlaps), axis=1)
        signs = np.take_along_axis(self.overlaps, strongest[:, None], axis=1)[:, 0]
        single = np.where(signs > 0, "pattern", "reversed")
        kinds = np.where(self.mixture_sizes == 1, single, "mixture")
        found: NDArray[np.str_] = np.where(self.mixture_overlaps >= threshold, kinds, "spin_glass")
        return found


def match_patterns(states: AnyArray, patterns: AnyArray, largest: int) -> Match:
    """Return the nearest mixture of each state, of at most ``largest`` patterns.

    A mixture of n patterns is the sign of their sum, each pattern signed like its overlap. For each
    n, only the n patterns with the largest overlaps are tried.
    """
    overlaps = states @ patterns.T / states.shape[1]
    order = np.argsort(-np.abs(overlaps), axis=1, kind="stable")
    sizes = np.arange(1, min(largest, len(patterns)) + 1, 2)
    near = np.stack(
        [_overlap_with_mixture(states, patterns, overlaps, order[:, :n]) for n in sizes]
    )
    best = np.argmax(near, axis=0)  # the smallest mixture, if several are equally near
    return Match(overlaps, sizes[best], near.max(axis=0))


def _overlap_with_mixture(
    states: AnyArray, patterns: AnyArray, overlaps: AnyArray, members: AnyArray
) -> AnyArray:
    signs = np.where(np.take_along_axis(overlaps, members, axis=1) < 0, -1.0, 1.0)
    total = sum(signs[:, [n]] * patterns[members[:, n]] for n in range(members.shape[1]))
    near: AnyArray = (np.sign(total) * states).mean(axis=1)
    return near
