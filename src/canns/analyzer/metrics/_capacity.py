"""The load up to which a network retrieves its patterns, by bisection."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from jax.sharding import Mesh
from numpy.typing import NDArray
from scipy.special import stdtrit
from tqdm import tqdm

from canns._describe import shown
from canns._names import renamed
from canns._validation import check_flag, check_real, check_size
from canns.analyzer.metrics._ensemble import check_condition, ensemble
from canns.analyzer.metrics._loads import check_load
from canns.analyzer.metrics._rules import StorageRule
from canns.errors import ValidationError
from canns.typing import Array

__all__ = ["Capacity", "capacity"]


@shown
class Capacity(NamedTuple):
    """The load at which the patterns of random networks are lost.

    Args:
        load: Mean over networks.
        standard_error: Of the mean.
        interval: Confidence interval of the mean, by Student's t over networks.
        samples: The load of each network, (networks,).
    """

    load: float
    standard_error: float
    interval: tuple[float, float]
    samples: NDArray[Any]


@renamed(key="seed")
def capacity(
    num_neurons: int,
    *,
    rule: StorageRule = "hebbian",
    min_overlap: float = 0.9,
    min_share: float = 0.9,
    low: float = 0.02,
    high: float = 0.3,
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

    In each network by itself the load is bisected, patterns being added to, or taken from, the end
    of one sequence while the same probes are watched. So the loads of the networks are independent
    samples, and Student's t gives their mean an interval without a model of the curve.

    Under Hebb's rule the share of retrieved patterns falls the more steeply the larger N is. The
    curves of all sizes cross near a share of 0.9, at the critical load of theory, .1379: measured
    are .143 at N = 500 and .140 at 10,000. A lower share overestimates it at finite N; one half
    does so by .03 at N = 1000, by .01 at 10,000.

    With ``min_overlap=1`` a pattern has to be an exact fixed point; with ``min_share=1`` as well,
    every pattern probed has to be.

    Args:
        num_neurons: N.
        rule: See :func:`overlap_curve`; so are the arguments from ``initial_overlap`` on.
        min_overlap: Final overlap with which a pattern counts as retrieved, in (0, 1].
        min_share: Share of the probes to be retrieved, in (0, 1].
        low: A load that every network holds.
        high: A load that none holds.
        tolerance: Of a network's load; not finer than one pattern.
        confidence: Of the interval.
        initial_overlap: Overlap of the cue with its pattern.
        temperature: T of the heat bath; 0 for deterministic neurons.
        asynchronous: Update neuron by neuron.
        num_probes: Patterns probed in a network.
        num_networks: Independent networks, at least 2.
        num_iter: The most updates of a probe.
        seed: Of patterns, cues, order and noise.
        show_progress: Show a bar.
        mesh: The devices to spread each network's neurons over, which N has to divide by; see
            :func:`canns.parallel.shard`. None for one.

    Returns:
        The load, its error and interval, and the load of each network.

    Raises:
        ValidationError: Where an argument is out of range, or ``low`` and ``high`` do not enclose
            the capacity of every network.

    Example:
        >>> found = capacity(200, min_overlap=1.0, num_probes=10, tolerance=0.01)
        >>> 0.05 < found.interval[0] < found.load < found.interval[1] < 0.15
        True

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55:1530; McEliece, Posner,
    Rodemich & Venkatesh (1987), IEEE Trans. Inf. Theory 33:461.
    """
    size = check_size("num_neurons", num_neurons, low=2)
    ends = check_load("low", low, size), check_load("high", high, size)
    if ends[0] >= ends[1]:
        raise ValidationError("low", f"below high = {high:g}", f"{low:g}")
    overlap = check_real("min_overlap", min_overlap, low=0, high=1, open_low=True)
    share = check_real("min_share", min_share, low=0, high=1, open_low=True)
    step = max(1, round(check_real("tolerance", tolerance, low=0, open_low=True) * size))
    level = check_real("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    count = check_size("num_networks", num_networks, low=2)
    condition = check_condition(temperature, initial_overlap)
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

    def holds(number: int, num_patterns: int) -> bool:
        overlaps = networks.probe(networks.store(number, num_patterns), condition)
        # Half a flip of room, for an overlap is a sum of N rounded numbers.
        return bool((overlaps > overlap - 1 / size).mean() >= share)

    bar = tqdm(
        range(count), desc="Bisecting", disable=not check_flag("show_progress", show_progress)
    )
    loads = [_bisect(partial(holds, number), *ends, step) / size for number in bar]
    return _capacity(np.array(loads), level)


def _bisect(holds: Callable[[int], bool], low: int, high: int, step: int) -> float:
    """Return the number of patterns where ``holds`` ends, to within half of ``step``."""
    if not holds(low):
        raise ValidationError("low", "a load that every network holds", f"{low} patterns")
    if holds(high):
        raise ValidationError("high", "a load that no network holds", f"{high} patterns")
    while high - low > step:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2


def _capacity(loads: NDArray[Any], confidence: float) -> Capacity:
    mean, error = float(loads.mean()), float(loads.std(ddof=1) / np.sqrt(len(loads)))
    reach = error * float(stdtrit(len(loads) - 1, (1 + confidence) / 2))
    return Capacity(mean, error, (mean - reach, mean + reach), loads)
