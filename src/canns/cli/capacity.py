"""``canns capacity``: overlap against load, measured over theory."""

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
import typer

from canns._validation import AnyArray
from canns.cli._measured import MOST, affordable
from canns.cli._options import RestingRule, Seed
from canns.cli._run import Results, Run, drawing

if TYPE_CHECKING:
    from canns.analyzer.metrics import Capacity

__all__ = ["capacity"]

_BEYOND = 1.2  # how far the curve goes beyond a capacity that lies above HIGH
_POINTS = 10


class _Curve(NamedTuple):
    """Mean overlaps by load, of how many networks, and the reach of their intervals, (2, L)."""

    loads: AnyArray
    mean: AnyArray
    standard_error: AnyArray
    networks: AnyArray
    reach: AnyArray


@drawing("outputs/capacity")
def capacity(
    run: Run,
    neurons: Annotated[int, typer.Option(min=10, max=20000, help="N.")] = 1000,
    rule: Annotated[RestingRule, typer.Option(help="Storage rule.")] = "hebbian",
    low: Annotated[float, typer.Option(min=0.001, max=2.0, help="The least load.")] = 0.02,
    high: Annotated[float, typer.Option(min=0.001, max=2.0, help="The largest load.")] = 0.2,
    most: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=2.0, help="The largest load to try; less than 2 if the rule takes long."
        ),
    ] = None,
    points: Annotated[
        int | None,
        typer.Option(
            min=2,
            max=50,
            help="Loads drawn between the two; 10, or those of the search if the rule takes long.",
        ),
    ] = None,
    networks: Annotated[int, typer.Option(min=2, help="Random networks.")] = 4,
    probes: Annotated[int, typer.Option(min=1, help="Patterns probed in each.")] = 50,
    start: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Overlap of the cue with its pattern.")
    ] = 1.0,
    asynchronous: Annotated[
        bool, typer.Option("--async", help="Update neuron by neuron instead of all at once.")
    ] = False,
    seed: Seed = 0,
) -> Results:
    """Measure the retrieval overlap at rising load, and the load at which patterns are lost.

    The load at which 90 % of the patterns are still retrieved is found by bisection in every
    network. A rule that stores more than HIGH is measured, and drawn, beyond it, up to MOST. Rules
    that iterate take long in large networks; by default their search ends early there, with a lower
    bound, and the overlaps drawn are those of the search; POINTS asks for more. A network in which
    the rule diverges counts as lost. If there is theory for the rule, its curve and its critical
    load are drawn too.
    """
    from canns.analyzer.metrics import capacity as bisect
    from canns.analyzer.metrics import overlap_curve
    from canns.analyzer.theory import storage_theory
    from canns.analyzer.visualization import PlotConfig, Series, measured_over_theory

    run.folder()
    options: dict[str, Any] = {
        "rule": rule,
        "initial_overlap": start,
        "asynchronous": asynchronous,
        "num_probes": probes,
        "num_networks": networks,
        "seed": seed,
        "show_progress": not run.quiet,
    }
    bound = affordable(rule, neurons)
    if most is None:
        most = max(bound, 2 * low)
        high = min(high, most) if low < high else high  # a wrong bracket is refused as it is
    found = bisect(neurons, low=low, high=high, most=most, **options)  # it checks every option
    top = high if found.load < high else min(most, _BEYOND * found.load)
    if points is None and bound < MOST:
        curve = _Curve(*found.curve())
    else:
        loads = np.linspace(low, top, points or _POINTS)
        measured = overlap_curve(neurons, loads, **options)
        count = np.full(len(measured.loads), networks)
        found_there = measured.loads, measured.mean, measured.standard_error, count, measured.reach
        kept = np.isfinite(measured.mean)  # not if the rule diverged
        curve = _Curve(*(column[..., kept] for column in found_there))
    theory = storage_theory(rule)
    critical = None if theory is None else theory.critical_load
    line = {} if theory is None else {"theory": Series(*theory.curve(top))}
    _print(run, curve, found, critical)
    marks = {} if found.beyond else {f"measured capacity, {found.load:.3f}": found.load}
    if critical is not None and critical <= top:
        marks[rf"critical load $\alpha_c$ of theory, {critical:.3f}"] = critical
    config = PlotConfig(
        title=f"Retrieval overlap, rule {rule}, N = {neurons}",
        xlabel=r"Load $\alpha = P/N$ (patterns a neuron)",
        ylabel="Overlap $m$",
    )
    points_drawn = {"measured": Series(curve.loads, curve.mean, curve.reach, "95 % interval")}
    figure, _ = measured_over_theory(points_drawn, line, config, marks=marks)
    numbers = {
        "loads": curve.loads,
        "overlap": curve.mean,
        "standard error": curve.standard_error,
        "networks": curve.networks,
        "capacity": found.load,
        "interval": found.interval,
        "networks beyond": found.beyond,
        "largest load": most,
        "theory": critical,
    }
    return Results(numbers, {"capacity": figure})


def _print(run: Run, curve: _Curve, found: "Capacity", critical: float | None) -> None:
    rows = [
        [f"{x:.4f}", str(count), f"{mean:.5f}", f"{error:.5f}" if np.isfinite(error) else "-"]
        for x, mean, error, count in zip(*curve[:4], strict=True)
    ]
    run.table("Retrieval overlap", ["load", "networks", "overlap", "standard error"], rows)
    beside = "" if critical is None else f"; theory {critical:.4f}"
    low, high = found.interval
    if found.beyond:
        networks = f"{found.beyond} of {len(found.samples)} networks"
        run.say(
            f"Capacity: > {found.load:.4f} patterns a neuron; {networks} held at the largest load "
            f"tried, see --most{beside}"
        )
        return
    run.say(
        f"Capacity: {found.load:.4f} patterns a neuron (95 % interval {low:.4f} to "
        f"{high:.4f}){beside}"
    )
