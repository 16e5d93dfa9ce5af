"""Basins of attraction of stored patterns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import ClassVar

import numpy as np
from jax.sharding import Mesh
from numpy.typing import ArrayLike

from canns._names import renamed
from canns._results import Result
from canns._validation import check_real, check_vector
from canns.analyzer.metrics._conditions import Conditions, conditions_of, title_of
from canns.analyzer.metrics._ensemble import check_condition, ensemble, sample
from canns.analyzer.metrics._loads import check_load, check_neurons
from canns.analyzer.metrics._rules import StorageRule
from canns.analyzer.metrics._statistics import (
    binomial_reach,
    independent_samples,
    interval_reach,
    standard_error,
)
from canns.typing import AnyArray, Array

__all__ = ["BasinOfAttraction", "basin_of_attraction"]


@dataclass(frozen=True, eq=False, repr=False)
class BasinOfAttraction(Result):
    """How often a cue is completed to its pattern, by the overlap that it starts from.

    Args:
        initial_overlaps: Overlap of cue and pattern, (M,).
        samples: Final overlap of each probe, (M, networks, probes).
        probability: Share of probes whose final overlap is above the threshold, (M,).
        standard_error: Standard error of the probability, (M,); see :class:`OverlapCurve`.
        conditions: The rule, the number of neurons, and what else it was measured with, by name.
    """

    initial_overlaps: AnyArray
    samples: AnyArray
    probability: AnyArray
    standard_error: AnyArray
    conditions: Conditions = field(default_factory=dict)

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "samples": ("initial_overlap", "network", "probe"),
        "probability": ("initial_overlap",),
        "standard_error": ("initial_overlap",),
    }
    coords: ClassVar[Mapping[str, str]] = {"initial_overlap": "initial_overlaps"}
    rows: ClassVar[tuple[str, ...]] = ("initial_overlap",)

    @property
    def reach(self) -> AnyArray:
        """How far the 95 % interval of the probability reaches down and up, (2, M).

        The wider of Student's over networks, and the exact one of all probes as if they were
        independent: if all probes end alike, the networks have no spread.
        """
        count = independent_samples(self.samples)
        among = interval_reach(self.probability, self.standard_error, count, 0, 1)
        return np.maximum(among, binomial_reach(self.probability, self.samples[0].size))

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the probability against the overlap of the cue."""
        what = "Basin of attraction"
        if "load" in self.conditions:
            what = f"{what} at load {self.conditions['load']:.3f}"
        config = config or pictures.PlotConfig(title=title_of(what, self.conditions))
        curve = self.initial_overlaps, self.probability, self.reach, "95 % interval"
        curves = {"measured": pictures.Series(*curve)}
        return pictures.basin_curve(curves, config, ax=ax)

    def summary(self) -> str:
        """Return a line for each overlap of the cue: the probability and its 95 % interval."""
        ends = self.probability + self.reach * [[-1], [1]]
        rows = zip(self.initial_overlaps, self.probability, *ends, strict=True)
        lines = [
            f"  cue at {start:.3f}: {share:.3f} (95 % interval {low:.3f} to {high:.3f})"
            for start, share, low, high in rows
        ]
        return "\n".join([title_of("Probability of retrieval", self.conditions), *lines])


@renamed(key="seed")
def basin_of_attraction(
    num_neurons: int,
    load: float,
    initial_overlaps: ArrayLike,
    *,
    rule: StorageRule = "hebbian",
    min_overlap: float = 0.9,
    temperature: float = 0.0,
    asynchronous: bool = False,
    num_probes: int = 50,
    num_networks: int = 4,
    num_iter: int = 100,
    seed: int | Array | None = 0,
    show_progress: bool = False,
    mesh: Mesh | None = None,
) -> BasinOfAttraction:
    r"""Measure the probability that a cue at a given overlap is completed to its pattern.

    A cue is a pattern with :math:`(1 - m_0) N/2` random entries flipped.

    Args:
        num_neurons: The number of neurons N.
        load: P/N, rounded to a whole number of patterns.
        initial_overlaps: Overlap :math:`m_0` of cue and pattern, (M,), in [-1, 1]; exact to 1/N.
        rule: See :func:`overlap_curve`, also for the arguments from ``temperature`` on.
        min_overlap: Final overlap above which a pattern counts as retrieved, in [0, 1).
        temperature: T of the heat bath; 0 for deterministic neurons.
        asynchronous: Update neuron by neuron.
        num_probes: Patterns probed in each network.
        num_networks: Independent networks, the same ones for every overlap.
        num_iter: Largest number of updates of a probe.
        seed: Seed of the patterns, cues, update order and noise.
        show_progress: Show a progress bar.
        mesh: Devices to spread each network's neurons over; their number must divide N. See
            :func:`canns.parallel.shard`. None for one device.

    Returns:
        The samples and the probability at each overlap.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> basin = basin_of_attraction(200, 0.05, [0.0, 0.6], num_probes=4)
        >>> (basin.probability > 0.5).tolist()
        [False, True]

    Source: Amari & Maginu (1988), Neural Networks 1:63; Horner, Bormann, Frick, Kinzelbach &
    Schmidt (1989), Z. Phys. B 76:381.
    """
    size = check_neurons(num_neurons)
    num_patterns = check_load("load", load, size)
    starts = [float(value) for value in check_vector("initial_overlaps", initial_overlaps)]
    threshold = check_real("min_overlap", min_overlap, low=0, high=1, open_high=True)
    networks = ensemble(
        size,
        num_patterns,
        rule=rule,
        num_probes=num_probes,
        num_iter=num_iter,
        asynchronous=asynchronous,
        seed=seed,
        mesh=mesh,
    )
    conditions = [check_condition(temperature, start) for start in starts]
    samples = sample(
        networks, num_networks, [num_patterns], conditions, show_progress=show_progress
    )[0]
    retrieved = (samples > threshold).astype(float)
    probability = retrieved.mean(axis=(-2, -1))
    known = conditions_of(
        size,
        rule,
        seed,
        load=num_patterns / size,
        min_overlap=threshold,
        temperature=conditions[0].temperature,
        asynchronous=asynchronous,
    )
    error = standard_error(retrieved)
    return BasinOfAttraction(np.array(starts), samples, probability, error, known)
