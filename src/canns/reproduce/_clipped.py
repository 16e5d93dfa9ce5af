"""Weights of one bit."""

from functools import partial

import numpy as np

from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import variant_critical_load, variant_overlap
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size

__all__ = ["CLIPPED"]


def _clipped(seed: int) -> Findings:
    # Odd numbers of patterns: with an even number, some weights tie and are left out. The theory
    # ignores that, and recall is better without these weights, which say least.
    size, loads = 4000, np.array([161, 241, 321]) / 4000
    curve = overlap_curve(size, loads, rule="clipped", num_networks=4, num_probes=50, seed=seed)
    overlap = partial(variant_overlap, variant="clipped")
    theory, room = np.asarray(overlap(loads)), finite_size(overlap, loads, size)
    claims = [
        Claim(
            f"m at alpha = {load:g}",
            float(theory[i]),
            float(curve.mean[i]),
            float(3 * curve.standard_error[i] + room[i]),
            WHY,
        )
        for i, load in enumerate(loads)
    ]
    limit = variant_critical_load("clipped").alpha
    line = np.linspace(0.01, limit * 0.9999, 50)
    draw = curves(
        f"Binary synapses sign(W), N = {size}",
        r"Load $\alpha = P/N$",
        "Overlap $m$",
        {"clipped": (curve.loads, curve.mean, 3 * curve.standard_error)},
        {"clipped": (line, overlap(line))},
    )
    data = {"loads": loads, "measured": curve.mean, "theory": theory, "critical load": limit}
    return Findings(claims, data, draw)


CLIPPED = PublishedFigure(
    name="clipped",
    paper="Sompolinsky (1986), Phys. Rev. A 34:2571",
    shows="Weights of one bit, sign(W), still retrieve up to a load of 0.102.",
    against=("our theory",),
    seconds=40,
    run=_clipped,
)
