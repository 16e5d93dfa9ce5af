"""Retrieval overlap against load and temperature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import ClassVar

import numpy as np
from jax.sharding import Mesh
from numpy.typing import ArrayLike

from canns._names import renamed
from canns._results import Result
from canns._validation import check_vector
from canns.analyzer.metrics._conditions import Conditions, conditions_of, title_of
from canns.analyzer.metrics._ensemble import check_condition, ensemble, sample
from canns.analyzer.metrics._loads import check_loads, check_neurons
from canns.analyzer.metrics._rules import StorageRule
from canns.analyzer.metrics._statistics import summarise
from canns.analyzer.theory import phase_boundaries
from canns.typing import AnyArray, Array

__all__ = ["PhaseDiagram", "phase_diagram"]


@dataclass(frozen=True, eq=False, repr=False)
class PhaseDiagram(Result):
    """Retrieval overlaps by load and temperature.

    Args:
        loads: P/N of the networks, (L,).
        temperatures: T, (K,).
        samples: Overlap of each probe, (L, K, networks, probes).
        mean: Mean overlap over networks and probes, (L, K).
        median: Median over networks and probes, (L, K).
        standard_error: Standard error of the mean, (L, K); see :class:`OverlapCurve`.
        conditions: The rule, the number of neurons, and what else it was measured with, by name.
    """

    loads: AnyArray
    temperatures: AnyArray
    samples: AnyArray
    mean: AnyArray
    median: AnyArray
    standard_error: AnyArray
    conditions: Conditions = field(default_factory=dict)

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "samples": ("load", "temperature", "network", "probe"),
        "mean": ("load", "temperature"),
        "median": ("load", "temperature"),
        "standard_error": ("load", "temperature"),
    }
    coords: ClassVar[Mapping[str, str]] = {"load": "loads", "temperature": "temperatures"}
    rows: ClassVar[tuple[str, ...]] = ("load", "temperature")

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the mean overlaps, under the boundaries of theory for Hebb's rule."""
        lines = phase_boundaries() if self.conditions.get("rule") == "hebbian" else {}
        boundaries = {name: pictures.Series(*line) for name, line in lines.items()}
        title = title_of("Overlap with the pattern", self.conditions)
        config = config or pictures.PlotConfig(title=title)
        grid = self.loads, self.temperatures, self.mean
        return pictures.phase_diagram(*grid, boundaries, config, ax=ax)

    def summary(self) -> str:
        """Return a line for each temperature: the mean overlaps at the loads."""
        head = title_of("Retrieval overlap by load and temperature", self.conditions)
        loads = "  ".join(f"{load:5.3f}" for load in self.loads)
        lines = [
            f"  T = {heat:5.3f}   " + "  ".join(f"{m:5.2f}" for m in row)
            for heat, row in zip(self.temperatures, self.mean.T, strict=True)
        ]
        return "\n".join([head, f"  load       {loads}", *lines])


@renamed(key="seed")
def phase_diagram(
    num_neurons: int,
    loads: ArrayLike,
    temperatures: ArrayLike,
    *,
    rule: StorageRule = "hebbian",
    initial_overlap: float = 1.0,
    asynchronous: bool = False,
    num_probes: int = 20,
    num_networks: int = 2,
    num_iter: int = 100,
    seed: int | Array | None = 0,
    show_progress: bool = False,
    mesh: Mesh | None = None,
) -> PhaseDiagram:
    r"""Measure the overlap of retrieved patterns on a grid of loads and temperatures.

    Probes start on the patterns. Their overlap falls to noise of order :math:`1/\sqrt N` at the
    line :math:`T_M(\alpha)` of theory, where the retrieval state ends under asynchronous updates.
    Under synchronous updates it ends a little higher (see :func:`overlap_curve`). Just above the
    line a state may outlast the run; just below it, a small network loses some states.

    Args:
        num_neurons: The number of neurons N.
        loads: P/N, (L,), rounded to whole numbers of patterns.
        temperatures: T of the heat bath, (K,), in units of the couplings; 0 is deterministic.
        rule: See :func:`overlap_curve`, also for the arguments that follow.
        initial_overlap: Overlap of the cue with its pattern.
        asynchronous: Update neuron by neuron.
        num_probes: Patterns probed in each network.
        num_networks: Independent networks, the same ones all over the grid.
        num_iter: Updates of a probe; at T > 0 only the second half counts.
        seed: Seed of the patterns, cues, update order and noise.
        show_progress: Show a progress bar.
        mesh: Devices to spread each network's neurons over; their number must divide N. See
            :func:`canns.parallel.shard`. None for one device.

    Returns:
        The samples and their statistics.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> diagram = phase_diagram(200, [0.02], [0.1, 1.5], num_probes=4)
        >>> (diagram.mean > 0.8).tolist()
        [[True, False]]

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    size = check_neurons(num_neurons)
    num_patterns = check_loads("loads", loads, size)
    grid = [float(value) for value in check_vector("temperatures", temperatures)]
    networks = ensemble(
        size,
        int(num_patterns.max()),
        rule=rule,
        num_probes=num_probes,
        num_iter=num_iter,
        asynchronous=asynchronous,
        seed=seed,
        mesh=mesh,
    )
    conditions = [check_condition(temperature, initial_overlap) for temperature in grid]
    samples = sample(
        networks, num_networks, num_patterns.tolist(), conditions, show_progress=show_progress
    )
    known = conditions_of(
        size, rule, seed, initial_overlap=initial_overlap, asynchronous=asynchronous
    )
    axes = num_patterns / size, np.array(grid)
    return PhaseDiagram(*axes, samples, *summarise(samples), known)
