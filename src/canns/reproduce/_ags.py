"""The Hopfield network at a finite load: overlaps, without noise and with a temperature."""

from functools import partial

import numpy as np

from canns.analyzer.metrics import OverlapCurve, overlap_curve
from canns.analyzer.metrics import phase_diagram as measure_phases
from canns.analyzer.theory import (
    ags_overlap,
    retrieval_temperature,
    transition_temperature,
)
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size

__all__ = ["AGS", "AGS_TEMPERATURE"]

_AGS_1985 = "Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530"
_AGS_1987 = "Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30"


def _overlaps(seed: int) -> Findings:
    loads = np.array([0.05, 0.08, 0.10, 0.12])
    theory = np.asarray(ags_overlap(loads))
    # The cost of an asynchronous sweep grows with the number of probes, so those are smaller.
    sizes = {"synchronous, N = 10,000": 10_000, "asynchronous, N = 4000": 4000}
    measured = {
        name: overlap_curve(
            size,
            loads,
            num_networks=8,
            num_probes=25,
            seed=seed,
            asynchronous=name.startswith("asynchronous"),
        )
        for name, size in sizes.items()
    }
    claims = []
    for name, curve in measured.items():
        room = finite_size(ags_overlap, loads, sizes[name])
        claims.append(_wrong_neurons(name, curve, float(theory[0]), float(room[0])))
        claims += [
            Claim.of_mean(
                f"m at alpha = {loads[i]:g}, {name}",
                "paper's formula",
                theory[i],
                curve.samples[i].mean(axis=-1),
                room=float(room[i]),
                why=WHY,
            )
            for i in range(1, loads.size)
        ]

    line = np.linspace(0.03, 0.1379, 60)
    draw = curves(
        "Retrieved patterns stay almost free of errors up to the critical load",
        r"Load $\alpha = P/N$",
        "Overlap $m$",
        {
            f"{name}; bars: s.e.": (curve.loads, curve.mean, curve.standard_error)
            for name, curve in measured.items()
        },
        {"theory of Amit, Gutfreund & Sompolinsky": (line, ags_overlap(line))},
    )
    data = {"loads": loads, "theory": theory}
    data |= {name: curve.samples.mean(axis=-1) for name, curve in measured.items()}
    return Findings(claims, data, draw)


def _wrong_neurons(name: str, curve: OverlapCurve, theory: float, room: float) -> Claim:
    """Return the claim at the first load, at which so few neurons are wrong that they are counted.

    About one pattern in 25 has a wrong neuron, so nearly all of them are alone in their pattern.
    """
    size = round(curve.num_patterns[0] / curve.loads[0])
    wrong = (1 - curve.samples[0]) / 2 * size
    return Claim.of_count(
        f"share of wrong neurons at alpha = {curve.loads[0]:g}, {name}",
        "paper's formula",
        (1 - theory) / 2,
        round(wrong.sum()),
        wrong.size * size,
        room=room / 2,
        why=WHY,
    )


AGS = PublishedFigure(
    name="ags",
    paper=_AGS_1985,
    shows="The overlap of the retrieval state falls with the load as replica theory says.",
    against=("paper's formula",),
    seconds=55,
    run=_overlaps,
)


def _temperature(seed: int) -> Findings:
    states = [(0.05, 0.3), (0.05, 0.5), (0.10, 0.2)]
    claims = [_at_temperature(seed, load, temperature) for load, temperature in states]
    loads, heat = np.linspace(0.01, 0.15, 8), np.linspace(0.05, 0.85, 9)
    grid = measure_phases(
        500, loads, heat, num_probes=10, num_networks=2, num_iter=40, seed=seed, asynchronous=True
    )

    def draw(canvas: Canvas) -> None:
        from canns.analyzer.visualization import PlotConfig, Series, phase_diagram

        line = np.linspace(0.002, 0.1378, 40)
        early = line[line < 0.0518]
        boundaries = {
            "$T_M$: retrieval ends": Series(line, retrieval_temperature(line)),
            "$T_c$: retrieval is the ground state": Series(early, transition_temperature(early)),
        }
        config = PlotConfig(title="Heat destroys retrieval where theory says (map: N = 500)")
        phase_diagram(loads, heat, grid.mean, boundaries, config, ax=canvas.subplots())

    return Findings(claims, {"loads": loads, "temperatures": heat, "overlaps": grid.mean}, draw)


def _at_temperature(seed: int, load: float, temperature: float) -> Claim:
    size = 2000
    measured = overlap_curve(
        size,
        load,
        temperature=temperature,
        asynchronous=True,
        num_networks=8,
        num_probes=10,
        num_iter=40,
        seed=seed,
    )
    overlap = partial(ags_overlap, temperature=temperature)
    return Claim.of_mean(
        f"m at alpha = {load:g}, T = {temperature:g}",
        "paper's formula",
        float(overlap(load)),
        measured.samples[0].mean(axis=-1),
        room=float(finite_size(overlap, np.array([load]), size)[0]),
        why=WHY,
    )


AGS_TEMPERATURE = PublishedFigure(
    name="ags-temperature",
    paper=_AGS_1987,
    shows="Retrieval at finite temperature, and the phase diagram.",
    against=("paper's formula",),
    seconds=60,
    run=_temperature,
)
