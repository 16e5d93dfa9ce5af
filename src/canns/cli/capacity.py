"""``canns capacity``: overlap against load, measured over theory."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from canns.analyzer.metrics import Capacity, OverlapCurve, overlap_curve
from canns.analyzer.metrics import capacity as bisect
from canns.analyzer.theory import (
    ags_critical_load,
    ags_overlap,
    variant_critical_load,
    variant_overlap,
)
from canns.cli._report import Out, RestingRule, Seed, open_folder, print_table, write_report

__all__ = ["capacity"]

_BEYOND = 1.2  # how far the curve goes beyond a capacity that lies above HIGH


def capacity(
    neurons: Annotated[int, typer.Option(min=10, max=20000, help="N.")] = 1000,
    rule: Annotated[RestingRule, typer.Option(help="Storage rule.")] = "hebbian",
    low: Annotated[float, typer.Option(min=0.001, max=2.0, help="The least load.")] = 0.02,
    high: Annotated[float, typer.Option(min=0.001, max=2.0, help="The largest load.")] = 0.2,
    points: Annotated[int, typer.Option(min=2, max=50, help="Loads between the two.")] = 10,
    networks: Annotated[int, typer.Option(min=2, help="Random networks.")] = 4,
    probes: Annotated[int, typer.Option(min=1, help="Patterns probed in each.")] = 50,
    start: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Overlap of the cue with its pattern.")
    ] = 1.0,
    asynchronous: Annotated[
        bool, typer.Option("--async", help="Update neuron by neuron instead of all at once.")
    ] = False,
    seed: Seed = 0,
    out: Out = Path("outputs/capacity"),
) -> None:
    """Measure the retrieval overlap at rising load, and the load at which patterns are lost.

    The load at which 90 % of the patterns are still retrieved is found by bisection in every
    network. A rule that stores more than HIGH is measured, and drawn, beyond it. If there is theory
    for the rule, its curve and its critical load are drawn too.
    """
    from canns.analyzer.visualization import PlotConfig, Series, measured_over_theory

    figure = open_folder(out) / "capacity.png"
    options: dict[str, Any] = {
        "rule": rule,
        "initial_overlap": start,
        "asynchronous": asynchronous,
        "num_probes": probes,
        "num_networks": networks,
        "seed": seed,
        "show_progress": True,
    }
    found = bisect(neurons, low=low, high=high, **options)  # first: it checks every option
    top = high if found.load < high else _BEYOND * found.load
    curve = overlap_curve(neurons, np.linspace(low, top, points), **options)
    line, critical = _theory(rule, top)
    _print(curve, found, critical)
    config = PlotConfig(
        title=f"Retrieval overlap, rule {rule}, N = {neurons}",
        xlabel=r"Load $\alpha = P/N$",
        ylabel="Overlap $m$",
        save_path=figure,
    )
    points_drawn = {"measured": Series(curve.loads, curve.mean, 3 * curve.standard_error)}
    measured_over_theory(points_drawn, line, config)
    numbers = {
        "command": {"neurons": neurons, "start": start, "seed": seed}
        | {"rule": rule, "async": asynchronous, "networks": networks, "probes": probes},
        "loads": curve.loads.tolist(),
        "overlap": curve.mean.tolist(),
        "standard error": curve.standard_error.tolist(),
        "capacity": found.load,
        "interval": [end if np.isfinite(end) else None for end in found.interval],
        "networks beyond": found.beyond,
        "theory": critical,
    }
    write_report(figure.with_suffix(".json"), numbers, [figure])


def _theory(rule: str, high: float) -> tuple[dict[str, Any], float | None]:
    """Return the curve to draw and the critical load; nothing for a rule without theory."""
    from canns.analyzer.visualization import Series

    if rule == "hebbian":
        limit = float(np.asarray(ags_critical_load().alpha))
        loads = np.linspace(0.005, min(limit, high), 100)
        return {"theory": Series(loads, ags_overlap(loads))}, limit
    if rule == "clipped":
        limit = float(np.asarray(variant_critical_load("clipped").alpha))
        loads = np.linspace(0.005, min(limit, high), 100)
        return {"theory": Series(loads, variant_overlap(loads, "clipped"))}, limit
    return {}, None


def _print(curve: OverlapCurve, found: Capacity, critical: float | None) -> None:
    rows = [
        [f"{x:.4f}", str(count), f"{mean:.5f}", f"{error:.5f}"]
        for x, count, mean, error in zip(
            curve.loads, curve.num_patterns, curve.mean, curve.standard_error, strict=True
        )
    ]
    print_table("Retrieval overlap", ["load", "patterns", "overlap", "standard error"], rows)
    beside = "" if critical is None else f"; theory {critical:.4f}"
    low, high = found.interval
    if found.beyond:
        networks = f"{found.beyond} of {len(found.samples)} networks"
        typer.echo(f"Capacity: > {found.load:.4f} patterns a neuron; {networks} lost none{beside}")
        return
    typer.echo(
        f"Capacity: {found.load:.4f} patterns a neuron (95 % interval {low:.4f} to "
        f"{high:.4f}){beside}"
    )
