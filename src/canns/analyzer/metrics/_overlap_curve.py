"""Retrieval overlap against load."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import ClassVar

import numpy as np
from jax.sharding import Mesh
from numpy.typing import ArrayLike, NDArray

from canns._names import renamed
from canns._results import Result
from canns.analyzer.metrics._conditions import (
    Conditions,
    conditions_of,
    lines_of_theory,
    title_of,
)
from canns.analyzer.metrics._ensemble import check_condition, ensemble, sample
from canns.analyzer.metrics._loads import check_loads, check_neurons
from canns.analyzer.metrics._rules import StorageRule
from canns.analyzer.metrics._statistics import (
    independent_samples,
    interval_reach,
    summarise,
)
from canns.typing import AnyArray, Array

__all__ = ["OverlapCurve", "overlap_curve"]


@dataclass(frozen=True, eq=False, repr=False)
class OverlapCurve(Result):
    """Retrieval overlaps by load.

    Args:
        loads: P/N of the networks, (L,).
        num_patterns: P, (L,).
        samples: Overlap of each probe, (L, networks, probes); NaN, with a warning, if the rule
            diverged.
        mean: Mean overlap over networks and probes, (L,).
        median: Median over networks and probes, (L,). Near the critical load it is the better
            estimate of the retrieval state's overlap, because it ignores the few probes that left
            that state.
        standard_error: Standard error of the mean, (L,), from the spread of the networks' means;
            with one network, from the spread of its probes.
        conditions: The rule, the number of neurons, and what else it was measured with, by name.
    """

    loads: AnyArray
    num_patterns: NDArray[np.int64]
    samples: AnyArray
    mean: AnyArray
    median: AnyArray
    standard_error: AnyArray
    conditions: Conditions = field(default_factory=dict)

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "num_patterns": ("load",),
        "samples": ("load", "network", "probe"),
        "mean": ("load",),
        "median": ("load",),
        "standard_error": ("load",),
    }
    coords: ClassVar[Mapping[str, str]] = {"load": "loads"}
    rows: ClassVar[tuple[str, ...]] = ("load",)

    @property
    def reach(self) -> AnyArray:
        """How far Student's 95 % interval of the mean reaches down and up, (2, L)."""
        count = independent_samples(self.samples)
        return interval_reach(self.mean, self.standard_error, count, -1, 1)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the means over theory, with the critical load."""
        lines, marks = lines_of_theory(self.conditions, float(self.loads.max()))
        config = config or pictures.PlotConfig(
            title=title_of("Retrieval overlap", self.conditions),
            xlabel=r"Load $\alpha = P/N$ (patterns a neuron)",
            ylabel="Overlap $m$",
        )
        points = pictures.Series(self.loads, self.mean, self.reach, "95 % interval")
        theory = {name: pictures.Series(*line) for name, line in lines.items()}
        return pictures.measured_over_theory(
            {"measured": points}, theory, config, marks=marks, ax=ax
        )

    def summary(self) -> str:
        """Return a line for each load: the mean overlap and its 95 % interval."""
        head = title_of("Retrieval overlap by load", self.conditions)
        ends = self.mean + self.reach * [[-1], [1]]
        lines = [
            f"  load {load:.4f}: {mean:.4f} (95 % interval {low:.4f} to {high:.4f})"
            for load, mean, low, high in zip(self.loads, self.mean, *ends, strict=True)
        ]
        return "\n".join([head, *lines])


@renamed(key="seed")
def overlap_curve(
    num_neurons: int,
    loads: ArrayLike,
    *,
    rule: StorageRule = "hebbian",
    temperature: float = 0.0,
    initial_overlap: float = 1.0,
    asynchronous: bool = False,
    num_probes: int = 50,
    num_networks: int = 4,
    num_iter: int = 100,
    seed: int | Array | None = 0,
    show_progress: bool = False,
    mesh: Mesh | None = None,
) -> OverlapCurve:
    r"""Measure the overlap of retrieved random patterns with what was stored, at each load.

    .. math:: m = \frac1N \sum_i \xi_i s_i

    Each network draws P = load N unbiased +-1 patterns, stores them, and starts near some of them.
    At T = 0 the overlap is measured in the state in which recall stops. At T > 0 the heat bath
    runs, and the overlap is the mean over the second half of the updates. A network stores the
    first P of one sequence of patterns at every load, so errors along the curve are correlated.
    Near the critical load the means of finite networks lie above theory.

    The theory of Amit, Gutfreund and Sompolinsky is for asynchronous updates. Without noise,
    synchronous updates give the same overlaps. With noise they are Little's model, whose overlaps
    are larger: .9080 against .9041 at a load of .05 and T = .5.

    With "hebbian" the couplings are never built: a network takes P N numbers, and one compilation
    serves all loads.

    Args:
        num_neurons: The number of neurons N.
        loads: P/N, (L,), or a number; rounded to whole numbers of patterns.
        rule: "hebbian" (couplings divided by N), another name of
            :data:`~canns.plasticity.STORAGE_RULES`, a rule, or a function from patterns, (P, N),
            to couplings.
        temperature: T of the heat bath, in units of the couplings; 0 for deterministic neurons.
        initial_overlap: Overlap of the cue with its pattern, in [-1, 1]; exact to 1/N.
        asynchronous: Update neuron by neuron, in a random order, instead of all at once.
        num_probes: Patterns probed in each network; if more than P, the probes repeat.
        num_networks: Independent networks.
        num_iter: Largest number of updates (sweeps) of a probe; at T > 0, the exact number.
        seed: Seed of the patterns, cues, update order and noise.
        show_progress: Show a progress bar.
        mesh: Devices to spread each network's neurons over; their number must divide N. See
            :func:`canns.parallel.shard`. None for one device.

    Returns:
        The samples and their statistics.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> curve = overlap_curve(200, [0.02, 0.4], num_probes=4)
        >>> curve.num_patterns.tolist(), (curve.mean > 0.9).tolist()
        ([4, 80], [True, False])

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530; (1987), Ann. Phys.
    173:30; Fontanari & Koberle (1988), J. Physique 49:13, on Little's model.
    """
    size = check_neurons(num_neurons)
    num_patterns = check_loads("loads", np.atleast_1d(loads), size)
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
    condition = check_condition(temperature, initial_overlap)
    samples = sample(
        networks, num_networks, num_patterns.tolist(), [condition], show_progress=show_progress
    )[:, 0]
    known = conditions_of(
        size,
        rule,
        seed,
        temperature=condition.temperature,
        initial_overlap=condition.initial_overlap,
        asynchronous=asynchronous,
    )
    return OverlapCurve(num_patterns / size, num_patterns, samples, *summarise(samples), known)
