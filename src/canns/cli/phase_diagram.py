"""``canns phase-diagram``: overlap against load and temperature, under the lines of theory."""

from typing import Annotated

import numpy as np
import typer

from canns.cli._options import Seed
from canns.cli._run import Results, Run, drawing

__all__ = ["phase_diagram"]


@drawing("outputs/phase-diagram")
def phase_diagram(
    run: Run,
    neurons: Annotated[int, typer.Option(min=10, max=20000, help="N.")] = 500,
    loads: Annotated[int, typer.Option(min=2, max=40, help="Loads, up to 0.16.")] = 8,
    temperatures: Annotated[int, typer.Option(min=2, max=40, help="Temperatures, up to 1.2.")] = 12,
    networks: Annotated[int, typer.Option(min=1, help="Random networks.")] = 2,
    probes: Annotated[int, typer.Option(min=1, help="Patterns probed in each.")] = 10,
    sweeps: Annotated[int, typer.Option(min=4, help="Heat-bath sweeps of a probe.")] = 60,
    seed: Seed = 0,
) -> Results:
    """Measure the overlap of Hebbian memories on a grid of loads and temperatures.

    Heat-bath sweeps start on a pattern; the overlap is the mean of the second half. Drawn over it:
    where retrieval ends (T_M), where it stops being the ground state (T_c), and where the spin
    glass melts (T_g).
    """
    from canns.analyzer.metrics import phase_diagram as measure
    from canns.analyzer.theory import (
        ags_critical_load,
        retrieval_temperature,
        spin_glass_temperature,
        transition_load,
        transition_temperature,
    )
    from canns.analyzer.visualization import PlotConfig, Series
    from canns.analyzer.visualization import phase_diagram as draw

    run.folder()
    grid = measure(
        neurons,
        np.linspace(0.01, 0.16, loads),
        np.linspace(0.05, 1.2, temperatures),
        asynchronous=True,
        num_networks=networks,
        num_probes=probes,
        num_iter=sweeps,
        seed=seed,
        show_progress=not run.quiet,
    )
    line = np.linspace(0.001, 0.16, 80)
    held = line[line < float(np.asarray(ags_critical_load().alpha))]
    stable = line[line < float(np.asarray(transition_load(0.0)))]
    boundaries = {
        "$T_g$: spin glass melts": Series(line, spin_glass_temperature(line)),
        "$T_M$: retrieval ends": Series(held, retrieval_temperature(held)),
        "$T_c$: retrieval is the ground state": Series(stable, transition_temperature(stable)),
    }
    config = PlotConfig(title=f"Overlap with the pattern, N = {neurons}")
    figure, _ = draw(grid.loads, grid.temperatures, grid.mean, boundaries, config)
    rows = [
        [f"{heat:.3f}", *(f"{m:.2f}" for m in grid.mean[:, k])]
        for k, heat in enumerate(grid.temperatures)
    ]
    columns = ["T \\ load", *(f"{load:.3f}" for load in grid.loads)]
    run.table(f"Overlap, N = {neurons}", columns, rows)
    numbers = {"loads": grid.loads, "temperatures": grid.temperatures, "overlap": grid.mean}
    return Results(numbers, {"phase_diagram": figure})
