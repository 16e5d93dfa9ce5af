"""``canns compare``: capacities and basins of attraction of several storage rules."""

from typing import Annotated, Any, get_args

import numpy as np
import typer

from canns._validation import AnyArray, check_choice
from canns.cli._measured import MOST, affordable
from canns.cli._options import RestingRule, Seed
from canns.cli._run import Results, Run, drawing
from canns.errors import ValidationError

__all__ = ["compare"]

_RULES = get_args(RestingRule)
_HIGH = 1.0
_LOW = 0.02
_MOST_RULES = 7  # as many as there are colours that can be told apart
_RETRIEVED = 0.9


@drawing("outputs/compare")
def compare(
    run: Run,
    rules: Annotated[
        list[str], typer.Argument(help=f"Two storage rules or more, of {', '.join(_RULES)}.")
    ],
    neurons: Annotated[int, typer.Option(min=10, max=5000, help="N.")] = 200,
    high: Annotated[
        float | None,
        typer.Option(
            min=0.03,
            max=MOST,
            help=f"The largest load drawn; {_HIGH:g}, or less if a rule takes long.",
        ),
    ] = None,
    points: Annotated[int, typer.Option(min=2, max=50, help="Loads, and overlaps of cues.")] = 12,
    basin_load: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Load at which basins are measured.")
    ] = 0.1,
    networks: Annotated[int, typer.Option(min=2, help="Random networks of each rule.")] = 4,
    probes: Annotated[int, typer.Option(min=1, help="Patterns probed in each.")] = 20,
    asynchronous: Annotated[
        bool, typer.Option("--async", help="Update neuron by neuron instead of all at once.")
    ] = False,
    seed: Seed = 0,
) -> Results:
    """Compare storage rules: overlap against load, and basins of attraction.

    All rules store the same random patterns. The overlap is that of a pattern with the state in
    which the network ends when it starts from it. The basin is the probability that a cue ends
    within an overlap of 0.9 of its pattern, by the overlap of the cue. Bars are 95 % intervals.
    Rules that iterate take long in large networks, so they are drawn up to a smaller load there;
    HIGH asks for more.
    """
    from canns.analyzer.metrics import basin_of_attraction, overlap_curve
    from canns.analyzer.theory import storage_theory
    from canns.analyzer.visualization import Series

    _check(rules)
    run.folder()
    options: dict[str, Any] = {
        "asynchronous": asynchronous,
        "num_probes": probes,
        "num_networks": networks,
        "seed": seed,
        "show_progress": not run.quiet,
    }
    starts = np.linspace(0.05, 1.0, points)
    overlaps, basins = {}, {}
    found: dict[str, object] = {}
    rows = []
    for rule in rules:
        top = min(_HIGH, affordable(rule, neurons)) if high is None else high
        run.say(f"{rule}: loads up to {top:.3g}")
        loads = np.linspace(max(_LOW, 1 / neurons), top, points)  # from one pattern on
        curve = overlap_curve(neurons, loads, rule=rule, **options)
        basin = basin_of_attraction(neurons, basin_load, starts, rule=rule, **options)
        kept = np.isfinite(curve.mean)  # not if the rule diverged
        loads, mean = curve.loads[kept], curve.mean[kept]
        overlaps[rule] = Series(loads, mean, curve.reach[:, kept])
        basins[rule] = Series(starts, basin.probability, basin.reach)
        theory = storage_theory(rule)
        lost = _crossing(loads, -mean, -_RETRIEVED)
        half = _crossing(starts, basin.probability, 0.5)
        limit = None if theory is None else theory.critical_load
        held = f"> {loads[-1]:.3f}" if lost is None else f"{lost:.3f}"
        rows.append([rule, held, *("-" if x is None else f"{x:.3f}" for x in (limit, half))])
        found[rule] = {
            "load at overlap 0.9": lost,
            "critical load of theory": limit,
            "cue retrieved by half": half,
            "overlap against load": {
                "load": curve.loads,
                "overlap": curve.mean,
                "95 % interval down": curve.reach[0],
                "95 % interval up": curve.reach[1],
            },
            "basin of attraction": {
                "overlap of the cue": starts,
                "probability": basin.probability,
                "95 % interval down": basin.reach[0],
                "95 % interval up": basin.reach[1],
            },
        }
    columns = ["rule", "load at overlap 0.9", "critical load of theory", "cue of half"]
    run.table(f"Storage rules, N = {neurons}", columns, rows)
    return Results(found, {"compare": _draw(neurons, basin_load, overlaps, basins)})


def _check(rules: list[str]) -> None:
    for rule in rules:
        check_choice("RULES", rule, _RULES)
    twice = [rule for rule in dict.fromkeys(rules) if rules.count(rule) > 1]
    if twice:
        raise ValidationError("RULES", "different", f"{twice[0]} twice")
    if not 2 <= len(rules) <= _MOST_RULES:
        remedy = "For one rule, use canns capacity." if len(rules) < 2 else ""
        raise ValidationError("RULES", f"2 to {_MOST_RULES} rules", f"{len(rules)}", remedy)


def _crossing(x: AnyArray, y: AnyArray, level: float) -> float | None:
    """Return where y first rises to the level, between the points that are around it."""
    above = np.flatnonzero(y >= level)
    if len(above) == 0:
        return None
    k = int(above[0])
    if k == 0:
        return float(x[0])
    share = (level - y[k - 1]) / (y[k] - y[k - 1])
    return float(x[k - 1] + share * (x[k] - x[k - 1]))


def _draw(neurons: int, load: float, overlaps: dict[str, Any], basins: dict[str, Any]) -> Any:
    """Return a figure of two panels."""
    from matplotlib import pyplot as plt

    from canns.analyzer.visualization import STYLE, PlotConfig, basin_curve, measured_over_theory

    with plt.style.context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(12.0, 4.6))
        joined = {"fmt": "o-", "linewidth": 1.2}
        config = PlotConfig(
            title=f"Retrieval, N = {neurons}",
            xlabel=r"Load $\alpha = P/N$ (patterns a neuron)",
            ylabel="Overlap $m$ (95 % intervals)",
            kwargs=joined,
        )
        measured_over_theory(overlaps, {}, config, ax=left)
        left.set_ylim(top=1.03)
        basin_curve(
            basins,
            PlotConfig(title=f"Basins of attraction at load {load:g}", kwargs=joined),
            ax=right,
        )
    return figure
