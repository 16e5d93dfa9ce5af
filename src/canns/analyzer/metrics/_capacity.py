"""The load up to which a network retrieves its patterns, by bisection."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import ClassVar

import numpy as np
from jax.sharding import Mesh
from tqdm.auto import tqdm

from canns._names import renamed
from canns._results import Result
from canns._statistics import student_reach
from canns._validation import check_flag, check_real, check_size
from canns.analyzer.metrics._conditions import (
    Conditions,
    conditions_of,
    lines_of_theory,
    title_of,
)
from canns.analyzer.metrics._ensemble import (
    check_condition,
    ensemble,
    warn_of_divergence,
)
from canns.analyzer.metrics._loads import check_load, check_neurons
from canns.analyzer.metrics._rules import StorageRule
from canns.analyzer.metrics._statistics import interval_reach
from canns.errors import ValidationError
from canns.typing import AnyArray, Array

__all__ = ["Capacity", "capacity", "summarise_brackets"]


@dataclass(frozen=True, eq=False, repr=False)
class Capacity(Result):
    """The load at which the patterns of random networks are lost.

    Args:
        load: Mean load over networks; a lower bound if some network held at every load tried.
        standard_error: Standard error of the mean.
        interval: Confidence interval of the mean: Student's t over networks, widened by the mean
            half-width of the brackets; see :func:`capacity`. Its upper end is infinite if
            ``beyond`` is not 0.
        samples: The load of each network, the middle of its bracket, (networks,).
        brackets: The largest load that each network held and the least that it lost, (networks, 2);
            0 if it lost a single pattern, and infinity if it held at every load tried.
        beyond: Number of networks that held at every load tried.
        tried_loads: The loads at which a network was probed, rising, (L,).
        tried_overlaps: Mean overlap of the probes there, (L, networks); NaN for a network that was
            not probed at this load, or in which the rule diverged: it is counted as lost.
        conditions: The rule, the number of neurons, and what else it was measured with, by name.
    """

    load: float
    standard_error: float
    interval: tuple[float, float]
    samples: AnyArray
    brackets: AnyArray
    beyond: int
    tried_loads: AnyArray = field(default_factory=partial(np.empty, 0))
    tried_overlaps: AnyArray = field(default_factory=partial(np.empty, (0, 0)))
    conditions: Conditions = field(default_factory=dict)

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "samples": ("network",),
        "brackets": ("network", "end"),
        "tried_overlaps": ("load", "tried_network"),
    }
    coords: ClassVar[Mapping[str, str]] = {"load": "tried_loads"}
    rows: ClassVar[tuple[str, ...]] = ("network",)

    def curve(self) -> tuple[AnyArray, AnyArray, AnyArray, AnyArray, AnyArray]:
        """Return the overlaps of the search.

        Returns:
            The loads at which a network could be probed, (L,); the mean overlap there; its standard
            error, NaN for a load that one network saw; the number of networks; and how far
            Student's 95 % interval reaches down and up, (2, L).
        """
        measured = np.isfinite(self.tried_overlaps).any(axis=1)  # not if the rule diverged
        seen = self.tried_overlaps[measured]
        count = np.isfinite(seen).sum(axis=1)
        mean = np.nanmean(seen, axis=1)
        squares = np.nansum((seen - mean[:, None]) ** 2, axis=1)
        error = np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1) / count), np.nan)
        reach = interval_reach(mean, error, count, -1, 1)
        return self.tried_loads[measured], mean, error, count, reach

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the overlaps that the search measured, over theory, and the capacity."""
        loads, mean, _, _, reach = self.curve()
        lines, marks = lines_of_theory(self.conditions, float(loads.max(initial=0.01)))
        if not self.beyond:
            marks = {f"measured capacity, {self.load:.3f}": self.load} | marks
        config = config or pictures.PlotConfig(
            title=title_of("Search for the capacity", self.conditions),
            xlabel=r"Load $\alpha = P/N$ (patterns a neuron)",
            ylabel="Overlap $m$",
        )
        points = {"measured": pictures.Series(loads, mean, reach, "95 % interval")}
        theory = {name: pictures.Series(*line) for name, line in lines.items()}
        return pictures.measured_over_theory(points, theory, config, marks=marks, ax=ax)

    def summary(self) -> str:
        """Return the capacity, its interval, and the critical load of theory if there is one."""
        low, high = self.interval
        head = title_of("Capacity", self.conditions)
        if self.beyond:
            held = f"{self.beyond} of {len(self.samples)} networks held at every load tried"
            said = f"more than {self.load:.4f} patterns a neuron; {held}"
        else:
            said = f"{self.load:.4f} patterns a neuron (interval {low:.4f} to {high:.4f}, "
            said += f"{len(self.samples)} networks)"
        _, marks = lines_of_theory(self.conditions, math.inf)
        theory = "".join(f"; theory {load:.4f}" for load in marks.values())
        return f"{head}: {said}{theory}"


@renamed(key="seed")
def capacity(
    num_neurons: int,
    *,
    rule: StorageRule = "hebbian",
    min_overlap: float = 0.9,
    min_share: float = 0.9,
    low: float = 0.02,
    high: float = 0.3,
    most: float = 2.0,
    tolerance: float = 0.001,
    confidence: float = 0.95,
    initial_overlap: float = 1.0,
    temperature: float = 0.0,
    asynchronous: bool = False,
    num_probes: int = 50,
    num_networks: int = 8,
    num_iter: int = 100,
    seed: int | Array | None = 0,
    show_progress: bool = False,
    mesh: Mesh | None = None,
) -> Capacity:
    r"""Measure the load up to which ``min_share`` of the patterns reach ``min_overlap``.

    The load is bisected in each network separately: patterns are added to, or removed from, the end
    of one sequence, and the same probes are tested each time. So the loads of the networks are
    independent samples, and Student's t gives a confidence interval of their mean without a model
    of the curve. The load of a network is only known to lie in its bracket, so half of the mean
    bracket is added on both sides, and the spread between networks is taken to be at least that of
    a load that is uniform in its bracket. Of 4000 draws of 2, 4 or 8 out of 200 networks, 97 % or
    more of the 95 % intervals held the mean of all under Hebb's rule at N = 200, and 93 % or more
    (two networks with clipped synapses) under four other rules at N = 100
    (``benchmarks/capacity_coverage.py``).

    The bisection starts between ``low`` and ``high``. A network that still holds at ``high`` is
    tried at twice the load, up to ``most``; one that does not hold at ``low`` is searched below.

    Under Hebb's rule the share of retrieved patterns falls more steeply for larger N. The curves of
    all sizes cross near a share of 0.9, at the critical load of theory, .1379: the measured loads
    are .143 at N = 500 and .140 at N = 10,000. A lower ``min_share`` overestimates the critical
    load at finite N; a share of one half by .03 at N = 1000, and by .01 at N = 10,000.

    With ``min_overlap=1`` a pattern has to be an exact fixed point; with ``min_share=1`` as well,
    every pattern probed has to be.

    Args:
        num_neurons: The number of neurons N.
        rule: See :func:`overlap_curve`, also for the arguments from ``initial_overlap`` on.
        min_overlap: Final overlap with which a pattern counts as retrieved, in (0, 1].
        min_share: Share of the probes that must be retrieved, in (0, 1].
        low: A load at which networks probably retrieve that share.
        high: A load at which they probably do not.
        most: The largest load to try. No rule stores more than 2 N random patterns exactly (Cover
            1965); rules that iterate take long far below.
        tolerance: Precision of each network's load; never finer than one pattern.
        confidence: Confidence level of the interval, in (0, 1).
        initial_overlap: Overlap of the cue with its pattern.
        temperature: T of the heat bath; 0 for deterministic neurons.
        asynchronous: Update neuron by neuron.
        num_probes: Patterns probed in each network.
        num_networks: Independent networks, at least 2.
        num_iter: Largest number of updates of a probe.
        seed: Seed of the patterns, cues, update order and noise.
        show_progress: Show a progress bar.
        mesh: Devices to spread each network's neurons over; their number must divide N. See
            :func:`canns.parallel.shard`. None for one device.

    Returns:
        The load, its error and interval, and the load and the bracket of each network.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> found = capacity(200, min_overlap=1.0, num_probes=10, tolerance=0.01)
        >>> 0.05 < found.interval[0] < found.load < found.interval[1] < 0.15
        True

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530; McEliece, Posner,
    Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33:461; Cover (1965), IEEE Trans. Electron.
    Comput. EC-14:326.
    """
    size = check_neurons(num_neurons)
    ends = check_load("low", low, size), check_load("high", high, size)
    largest = check_load("most", most, size)
    if ends[0] >= ends[1]:
        raise ValidationError("low", f"below high = {high:g}", f"{low:g}")
    if largest < ends[1]:
        raise ValidationError("most", f"at least high = {high:g}", f"{most:g}")
    overlap = check_real("min_overlap", min_overlap, low=0, high=1, open_low=True)
    share = check_real("min_share", min_share, low=0, high=1, open_low=True)
    step = max(1, round(check_real("tolerance", tolerance, low=0, open_low=True) * size))
    level = check_real("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    count = check_size("num_networks", num_networks, low=2)
    condition = check_condition(temperature, initial_overlap)
    shown = check_flag("show_progress", show_progress)
    networks = ensemble(
        size,
        ends[1],
        rule=rule,
        num_probes=num_probes,
        num_iter=num_iter,
        asynchronous=asynchronous,
        seed=seed,
        mesh=mesh,
    )

    tried: dict[int, AnyArray] = {}
    diverged: set[int] = set()
    with tqdm(desc="Bisecting", unit=" loads", disable=not shown) as bar:

        def holds(number: int, num_patterns: int) -> bool:
            bar.set_postfix_str(f"network {number + 1} of {count}, load {num_patterns / size:.3f}")
            stored = networks.store(number, num_patterns)
            if stored is None:
                diverged.add(num_patterns)
            overlaps = networks.probe(stored, condition)
            tried.setdefault(num_patterns, np.full(count, np.nan))[number] = overlaps.mean()
            bar.update()
            # Half a flip of tolerance, because an overlap is a sum of N rounded numbers.
            return bool((overlaps > overlap - 1 / size).mean() >= share)

        search = [_bisect(partial(holds, i), *ends, step, largest) for i in range(count)]
    counts = sorted(tried)
    warn_of_divergence(diverged, size)
    return replace(
        summarise_brackets(np.array(search) / size, level),
        tried_loads=np.array(counts) / size,
        tried_overlaps=np.array([tried[number] for number in counts]),
        conditions=conditions_of(
            size,
            rule,
            seed,
            min_overlap=overlap,
            min_share=share,
            confidence=level,
            temperature=condition.temperature,
            initial_overlap=condition.initial_overlap,
            asynchronous=asynchronous,
        ),
    )


def _bisect(
    holds: Callable[[int], bool], low: int, high: int, step: int, most: int
) -> tuple[float, float]:
    """Return the numbers of patterns, at most ``step`` apart, between which ``holds`` turns False.

    The second is infinite if ``holds`` is True at ``most``, where the search ends.
    """
    if not holds(low):
        low, high = 0, low  # every network holds no patterns
    else:
        while holds(high):
            if high >= most:
                return high, math.inf
            low, high = high, min(2 * high, most)
    while high - low > step:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low, high


def summarise_brackets(brackets: AnyArray, confidence: float) -> Capacity:
    """Return the capacity of networks with these brackets of their loads, (networks, 2)."""
    held, lost = brackets.T
    beyond = np.isinf(lost)
    loads = np.where(beyond, held, (held + lost) / 2)
    mean, error = float(loads.mean()), float(loads.std(ddof=1) / np.sqrt(len(loads)))
    half = float(np.where(beyond, 0.0, loads - held).mean())
    # A load that is uniform in its bracket varies by width / sqrt(12), even if all middles agree.
    unseen = half / np.sqrt(3 * len(loads))
    reach = float(student_reach(max(error, unseen), len(loads), confidence)) + half
    high = math.inf if beyond.any() else mean + reach
    interval = float(max(0.0, mean - reach)), float(high)
    return Capacity(mean, error, interval, loads, brackets, int(beyond.sum()))
