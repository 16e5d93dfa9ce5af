"""Weights of one bit."""

from functools import partial

import numpy as np

from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import ags_overlap, variant_critical_load, variant_overlap
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size
from canns.reproduce._spread import BARS, reach

__all__ = ["CLIPPED"]


def _clipped(seed: int) -> Findings:
    # Odd numbers of patterns: with an even number, some weights tie and are left out. The theory
    # ignores that, and recall is better without these weights, which say least.
    size, loads = 3000, np.array([121, 181, 241, 271]) / 3000
    curve = overlap_curve(size, loads, rule="clipped", num_networks=8, num_probes=20, seed=seed)
    samples = np.asarray(curve.samples).mean(axis=-1, dtype=np.float64)
    overlap = partial(variant_overlap, variant="clipped")
    theory, room = np.asarray(overlap(loads)), finite_size(overlap, loads, size)
    claims = [
        Claim.of_mean(
            f"m at alpha = {load:.3f}",
            "paper's formula",
            theory[i],
            samples[i],
            room=float(room[i]),
            why=WHY,
        )
        for i, load in enumerate(loads)
    ]
    limit = variant_critical_load("clipped").alpha
    line, full = np.linspace(0.01, limit * 0.9999, 50), np.linspace(0.01, 0.1379, 50)
    draw = curves(
        rf"Weights of one bit, N = {size}: retrieval up to $\alpha_c = {limit:.3f}$",
        r"Load $\alpha = P/N$",
        "Overlap $m$",
        {f"sign(W); {BARS}": (loads, samples.mean(axis=1), reach(samples))},
        {
            f"sign(W); {BARS}": (line, overlap(line)),
            r"theory of $W$ itself, to $\alpha_c = 0.138$": (full, ags_overlap(full)),
        },
    )
    data = {"loads": loads, "samples": samples, "theory": theory, "critical load": limit}
    return Findings(claims, data, draw)


CLIPPED = PublishedFigure(
    name="clipped",
    paper="Sompolinsky (1986), Phys. Rev. A 34:2571",
    shows="Weights of one bit, sign(W), still retrieve up to a load of 0.102.",
    against=("paper's formula",),
    seconds=13,
    run=_clipped,
)
