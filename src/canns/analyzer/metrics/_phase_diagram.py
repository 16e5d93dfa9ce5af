"""Retrieval overlap against load and temperature."""

from typing import Any, NamedTuple

import numpy as np
from jax.sharding import Mesh
from numpy.typing import NDArray

from canns._describe import shown
from canns._names import renamed
from canns._validation import check_size, check_vector
from canns.analyzer.metrics._ensemble import check_condition, ensemble, sample
from canns.analyzer.metrics._loads import check_loads
from canns.analyzer.metrics._rules import StorageRule
from canns.analyzer.metrics._statistics import summarise
from canns.typing import Array

__all__ = ["PhaseDiagram", "phase_diagram"]


@shown
class PhaseDiagram(NamedTuple):
    """Retrieval overlaps by load and temperature.

    Args:
        loads: P/N of the networks, (L,).
        temperatures: T, (K,).
        samples: Overlap of each probe, (L, K, networks, probes).
        mean: Over networks and probes, (L, K).
        median: Over networks and probes, (L, K).
        standard_error: Of the mean, (L, K); see :class:`OverlapCurve`.
    """

    loads: NDArray[Any]
    temperatures: NDArray[Any]
    samples: NDArray[Any]
    mean: NDArray[Any]
    median: NDArray[Any]
    standard_error: NDArray[Any]


@renamed(key="seed")
def phase_diagram(
    num_neurons: int,
    loads: Any,
    temperatures: Any,
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

    Started on the patterns, the overlap falls to the noise of order :math:`1/\sqrt N` where the
    retrieval state ends: theory's line :math:`T_M(\alpha)`, for asynchronous updates. All at once
    it ends a little higher (see :func:`overlap_curve`). Just above the line a state may outlast the
    run, and in a small network some fall away just below.

    Args:
        num_neurons: N.
        loads: P/N, (L,), taken to the nearest whole P.
        temperatures: T of the heat bath, (K,), in units of the couplings; 0 is deterministic.
        rule: See :func:`overlap_curve`; so are the arguments that follow.
        initial_overlap: Overlap of the cue with its pattern.
        asynchronous: Update neuron by neuron.
        num_probes: Patterns probed in a network.
        num_networks: Independent networks, the same ones all over the grid.
        num_iter: Updates of a probe, of which the second half counts at T > 0.
        seed: Of patterns, cues, order and noise.
        show_progress: Show a bar.
        mesh: The devices to spread each network's neurons over, which N has to divide by; see
            :func:`canns.parallel.shard`. None for one.

    Returns:
        The samples and their statistics.

    Raises:
        ValidationError: Where an argument is out of range.

    Example:
        >>> diagram = phase_diagram(200, [0.02], [0.1, 1.5], num_probes=4)
        >>> (diagram.mean > 0.8).tolist()
        [[True, False]]

    Source: Amit, Gutfreund & Sompolinsky (1987), Ann. Phys. 173:30.
    """
    size = check_size("num_neurons", num_neurons, low=2)
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
    return PhaseDiagram(num_patterns / size, np.array(grid), samples, *summarise(samples))
