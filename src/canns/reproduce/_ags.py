"""The Hopfield network at a finite load: overlaps, critical load, temperature."""

import numpy as np

from canns.analyzer.metrics import capacity, overlap_curve
from canns.analyzer.metrics import phase_diagram as measure_phases
from canns.analyzer.theory import (
    ags_critical_load,
    ags_overlap,
    retrieval_temperature,
    transition_temperature,
)
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size

__all__ = ["AGS", "AGS_TEMPERATURE", "CRITICAL_LOAD"]

_AGS_1985 = "Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530"
_AGS_1987 = "Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30"
_SIZE = 10_000


def _overlaps(seed: int) -> Findings:
    loads = np.array([0.05, 0.08, 0.10, 0.12])
    theory = np.asarray(ags_overlap(loads))
    # The cost of an asynchronous sweep grows with the number of probes, so there are fewer.
    measured = {
        "synchronous": overlap_curve(_SIZE, loads, num_networks=4, num_probes=50, seed=seed),
        "asynchronous": overlap_curve(
            _SIZE, loads, num_networks=2, num_probes=25, seed=seed, asynchronous=True
        ),
    }
    room = finite_size(ags_overlap, loads, _SIZE)
    claims = [
        Claim(
            f"m at alpha = {load:g}, {name}",
            float(theory[i]),
            float(curve.mean[i]),
            float(3 * curve.standard_error[i] + room[i]),
            WHY,
        )
        for name, curve in measured.items()
        for i, load in enumerate(loads)
    ]

    line = np.linspace(0.03, 0.1379, 60)
    draw = curves(
        f"Retrieval overlap, N = {_SIZE:,}; bars: 3 standard errors",
        r"Load $\alpha = P/N$",
        "Overlap $m$",
        {
            name: (curve.loads, curve.mean, 3 * curve.standard_error)
            for name, curve in measured.items()
        },
        {"replica-symmetric theory": (line, ags_overlap(line))},
    )
    data = {"loads": loads, "theory": theory}
    data |= {name: curve.mean for name, curve in measured.items()}
    data |= {f"{name} s.e.": curve.standard_error for name, curve in measured.items()}
    return Findings(claims, data, draw)


AGS = PublishedFigure(
    name="ags",
    paper=_AGS_1985,
    shows="The overlap of the retrieval state falls with the load as replica theory says.",
    against=("our theory",),
    seconds=55,
    run=_overlaps,
)


def _critical_load(seed: int) -> Findings:
    published = ags_critical_load().alpha
    sizes = (1000, 2500, _SIZE)
    found = [
        capacity(
            size,
            low=0.1,
            high=0.18,
            tolerance=0.002,
            num_networks=count,
            num_probes=40,
            seed=seed,
        )
        for size, count in zip(sizes, (10, 4, 2), strict=True)
    ]
    claims = [
        Claim(
            f"critical load, N = {_SIZE:,}",
            published,
            found[-1].load,
            0.006,
            "finite size; the statistical error is in the JSON",
        )
    ]

    load = [result.load for result in found]
    error = [result.standard_error for result in found]
    draw = curves(
        "Load at which 90 % of the patterns are still retrieved",
        "$1/N$",
        r"Load $\alpha = P/N$",
        {"bisection, mean and s.e. over networks": (1 / np.array(sizes), load, error)},
        {rf"theory, $\alpha_c = {published:.4f}$": ([0, 0.00105], [published] * 2)},
    )
    data = {
        "num_neurons": sizes,
        "load": load,
        "standard_error": error,
        "interval": [result.interval for result in found],
    }
    return Findings(claims, data, draw)


CRITICAL_LOAD = PublishedFigure(
    name="critical-load",
    paper=_AGS_1985,
    shows="Patterns are lost at a load of 0.1379.",
    against=("our theory",),
    seconds=60,
    run=_critical_load,
)


def _temperature(seed: int) -> Findings:
    states = [(0.05, 0.3), (0.05, 0.5), (0.10, 0.2)]
    claims = [_at_temperature(seed, load, temperature) for load, temperature in states]
    loads, heat = np.linspace(0.01, 0.15, 8), np.linspace(0.05, 0.85, 9)
    grid = measure_phases(
        1000, loads, heat, num_probes=10, num_networks=2, num_iter=60, seed=seed, asynchronous=True
    )

    def draw(canvas: Canvas) -> None:
        from canns.analyzer.visualization import PlotConfig, Series, phase_diagram

        line = np.linspace(0.002, 0.1378, 40)
        early = line[line < 0.0518]
        boundaries = {
            "$T_M$: retrieval ends": Series(line, retrieval_temperature(line)),
            "$T_c$: retrieval is the ground state": Series(early, transition_temperature(early)),
        }
        config = PlotConfig(title="Overlap at N = 1000 (heat bath), and theory's lines")
        phase_diagram(loads, heat, grid.mean, boundaries, config, canvas.subplots())

    return Findings(claims, {"loads": loads, "temperatures": heat, "overlaps": grid.mean}, draw)


def _at_temperature(seed: int, load: float, temperature: float) -> Claim:
    measured = overlap_curve(
        4000,
        load,
        temperature=temperature,
        asynchronous=True,
        num_networks=4,
        num_probes=10,
        num_iter=40,
        seed=seed,
    )
    return Claim(
        f"m at alpha = {load:g}, T = {temperature:g}",
        float(ags_overlap(load, temperature)),
        float(measured.mean[0]),
        float(3 * measured.standard_error[0] + 1 / 4000),
        "3 standard errors + 1/N",
    )


AGS_TEMPERATURE = PublishedFigure(
    name="ags-temperature",
    paper=_AGS_1987,
    shows="Retrieval at finite temperature, and the phase diagram.",
    against=("our theory",),
    seconds=60,
    run=_temperature,
)
