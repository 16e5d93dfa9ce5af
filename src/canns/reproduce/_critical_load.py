"""The load at which the Hopfield network loses its patterns."""

import numpy as np

from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import ags_critical_load
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves, marked
from canns.reproduce._figure import Findings, PublishedFigure
from canns.typing import AnyArray

__all__ = ["CRITICAL_LOAD"]

_PRINTED = 0.138


def _critical_load(seed: int) -> Findings:
    loads = np.array([0.13, 0.134, 0.138, 0.142, 0.146])
    # As many neurons in all at each size, so that small networks do not spoil the comparison.
    networks = {500: 64, 1000: 32, 4000: 8}
    shares = {
        size: overlap_curve(
            size, loads, num_networks=count, num_probes=25, num_iter=60, seed=seed + size
        ).samples
        for size, count in networks.items()
    }
    # A pattern is recalled if its overlap stays above .9; (loads, networks).
    recalled = {size: (overlaps > 0.9).mean(axis=-1) for size, overlaps in shares.items()}
    crossings = _crossings(loads, recalled[500], recalled[4000])
    claims = [
        Claim.of_mean(
            "load at which N = 500 and N = 4000 recall the same share",
            "paper's number",
            _PRINTED,
            crossings,
            room=0.0005,
            why="the digits of .138",
        ),
        Claim.of_value(
            "load at which the retrieval state of our theory ends",
            "paper's number",
            _PRINTED,
            ags_critical_load().alpha,
            0.0005,
            "the digits of .138",
        ),
    ]
    joined = curves(
        r"Larger networks lose their patterns more sharply, all at $\alpha_c$",
        r"Load $\alpha = P/N$",
        "Share of patterns recalled ($m > .9$)",
        {
            f"N = {size}; bars: s.e." if size == 4000 else f"N = {size}": (
                loads,
                share.mean(axis=-1),
                share.std(axis=-1, ddof=1) / np.sqrt(share.shape[-1]),
            )
            for size, share in recalled.items()
        },
        {},
    )
    draw = marked(joined, _PRINTED, r"$\alpha_c = .138$ of the paper")
    data = {"loads": loads, "crossings": crossings}
    data |= {f"N = {size}": share for size, share in recalled.items()}
    return Findings(claims, data, draw)


def _crossings(loads: AnyArray, small: AnyArray, large: AnyArray) -> AnyArray:
    """Return an estimate from each group of the load at which two sizes recall the same share.

    A group is one large network and as many small ones as there are for each of the large ones.
    Their difference at the middle load is turned into a load by the slope of the mean difference
    between the neighbours of that load. The estimates are independent to first order.
    """
    middle = loads.size // 2
    grouped = small.reshape(loads.size, large.shape[-1], -1).mean(axis=-1)
    difference = large - grouped
    rise = difference[middle + 1].mean() - difference[middle - 1].mean()
    slope = rise / (loads[middle + 1] - loads[middle - 1])
    crossings: AnyArray = loads[middle] - difference[middle] / slope
    return crossings


CRITICAL_LOAD = PublishedFigure(
    name="critical-load",
    paper="Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30",
    shows="Networks of all sizes recall the same share of patterns at a load of .138.",
    against=("paper's number",),
    seconds=34,
    run=_critical_load,
)
