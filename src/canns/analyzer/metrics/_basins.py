"""Basins of attraction of stored patterns."""

from typing import NamedTuple

import numpy as np
from jax.sharding import Mesh
from numpy.typing import ArrayLike

from canns._describe import shown
from canns._names import renamed
from canns._validation import check_real, check_size, check_vector
from canns.analyzer.metrics._ensemble import check_condition, ensemble, sample
from canns.analyzer.metrics._loads import check_load
from canns.analyzer.metrics._rules import StorageRule
from canns.analyzer.metrics._statistics import standard_error
from canns.typing import AnyArray, Array

__all__ = ["BasinOfAttraction", "basin_of_attraction"]


@shown
class BasinOfAttraction(NamedTuple):
    """How often a cue is completed to its pattern, by the overlap that it starts from.

    Args:
        initial_overlaps: Overlap of cue and pattern, (M,).
        samples: Final overlap of each probe, (M, networks, probes).
        probability: Share of probes whose final overlap is above the threshold, (M,).
        standard_error: Standard error of the probability, (M,); see :class:`OverlapCurve`.
    """

    initial_overlaps: AnyArray
    samples: AnyArray
    probability: AnyArray
    standard_error: AnyArray


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
    size = check_size("num_neurons", num_neurons, low=2)
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
    return BasinOfAttraction(np.array(starts), samples, probability, standard_error(retrieved))
