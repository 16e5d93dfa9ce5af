"""Basins of attraction."""

import numpy as np

from canns.analyzer.metrics import basin_of_attraction
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["BASINS"]


def _basins(seed: int) -> Findings:
    size, starts = 4000, np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    loads = (0.06, 0.08, 0.10, 0.12)
    found = {
        load: basin_of_attraction(size, load, starts, num_networks=4, num_probes=50, seed=seed)
        for load in loads
    }
    table = [
        (0.06, 0.2, 0.70),
        (0.06, 0.3, 1.0),
        (0.08, 0.2, 0.0),
        (0.08, 0.3, 0.93),
        (0.10, 0.3, 0.05),
        (0.10, 0.4, 1.0),
        (0.12, 0.4, 0.12),
        (0.12, 0.5, 0.93),
    ]
    claims = []
    for load, start, published in table:
        here = int(np.argmin(np.abs(starts - start)))
        claims.append(
            Claim(
                f"P(m > .9) at alpha = {load:g} from m = {start:g}",
                published,
                float(found[load].probability[here]),
                float(3 * found[load].standard_error[here] + 0.1),
                "3 standard errors + .1, that of the reference",
            )
        )
    draw = curves(
        f"Basins of attraction, N = {size}, synchronous",
        "Overlap of the cue",
        "Share of patterns retrieved",
        {
            rf"$\alpha = {load:g}$": (starts, basin.probability, basin.standard_error)
            for load, basin in found.items()
        },
        {},
    )
    data = {"starts": starts} | {f"alpha {load:g}": b.probability for load, b in found.items()}
    return Findings(claims, data, draw)


BASINS = PublishedFigure(
    name="basins",
    paper="Amari & Maginu (1988), Neural Networks 1:63",
    shows="The overlap that a cue needs rises with the load.",
    against=("our theory",),
    seconds=40,
    run=_basins,
)
