"""Networks with other couplings than Hebb's of patterns at rest: pairs, sequences, dilution."""

from collections.abc import Callable
from functools import partial

import numpy as np

from canns import task
from canns.analyzer.theory import (
    Variant,
    variant_critical_load,
    variant_overlap,
)
from canns.models.brain_inspired import (
    BidirectionalAssociativeMemory,
    DilutedHopfieldNetwork,
    SequenceNetwork,
)
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size

__all__ = ["BIDIRECTIONAL", "DILUTION", "SEQUENCE"]

Measure = Callable[[float, np.random.Generator], float]


def _overlap_figure(
    title: str,
    variant: Variant,
    loads: list[float],
    measure: Measure,
    connections: int,
    num_networks: int,
    seed: int,
) -> Findings:
    """Return the overlaps of random networks beside those of the theory of ``variant``."""
    rngs = np.random.default_rng(seed).spawn(num_networks)
    samples = np.array([[measure(load, rng) for rng in rngs] for load in loads])
    mean, error = samples.mean(axis=1), samples.std(axis=1, ddof=1) / np.sqrt(num_networks)
    overlap = partial(variant_overlap, variant=variant)
    limit = variant_critical_load(variant)
    held = np.array([load for load in loads if load < limit.alpha])
    theory, room = np.asarray(overlap(held)), finite_size(overlap, held, connections)
    claims = [
        Claim(
            f"m at alpha = {load:g}",
            float(theory[i]),
            float(mean[i]),
            float(3 * error[i] + room[i]),
            WHY,
        )
        for i, load in enumerate(held)
    ]
    claims += [
        Claim(f"m at alpha = {load:g}: lost", float(limit.m) - 0.2, float(m), 0.0, "", "at most")
        for load, m in zip(loads, mean, strict=True)
        if load > limit.alpha
    ]
    line = np.linspace(0.01, float(limit.alpha) * 0.9999, 80)
    name = rf"measured; theory, to $\alpha_c = {limit.alpha:.4f}$"
    draw = curves(
        title,
        r"Load $\alpha$",
        "Overlap $m$",
        {name: (loads, mean, 3 * error)},
        {name: (line, overlap(line))},
        ylim=(0, 1.03),
    )
    return Findings(claims, {"loads": loads, "mean": mean, "standard_error": error}, draw)


def _bidirectional(seed: int) -> Findings:
    size = 2000

    def measure(load: float, rng: np.random.Generator) -> float:
        pairs = task.random_patterns(round(load * size), 2 * size, seed=rng)
        memory = BidirectionalAssociativeMemory(size, size)
        memory.store(pairs[:, :size], pairs[:, size:])
        states = np.asarray(memory.recall(pairs[:40], num_iter=100).states)
        return float((states * pairs[:40]).mean())

    return _overlap_figure(
        f"Bidirectional associative memory, two layers of {size}",
        "bam",
        [0.05, 0.10, 0.14, 0.17, 0.24],
        measure,
        connections=size,
        num_networks=16,
        seed=seed,
    )


BIDIRECTIONAL = PublishedFigure(
    name="bidirectional",
    paper="Kosko (1988), IEEE Trans. Syst. Man Cybern. 18:49",
    shows="Pairs of patterns are recalled up to a load of 0.1998 of a layer.",
    against=("our theory",),
    seconds=25,
    run=_bidirectional,
)


def _sequence(seed: int) -> Findings:
    size, steps = 2000, 30

    def measure(load: float, rng: np.random.Generator) -> float:
        patterns = task.random_patterns(round(load * size), size, seed=rng)
        network = SequenceNetwork(size)
        network.store(patterns, cyclic=True)
        path = network.trajectory(patterns[:10], num_iter=steps)
        now = (np.arange(10) + steps) % len(patterns)
        return float((path[-1] * patterns[now]).mean())

    return _overlap_figure(
        f"Sequence replayed in parallel, N = {size}, after {steps} steps",
        "sequence",
        [0.10, 0.15, 0.20, 0.24, 0.32],
        measure,
        connections=size,
        num_networks=20,
        seed=seed,
    )


SEQUENCE = PublishedFigure(
    name="sequence",
    paper="During, Coolen & Sherrington (1998), J. Phys. A 31:8607",
    shows="Sequences are replayed up to a load of 0.269, twice that of patterns at rest.",
    against=("our theory",),
    seconds=30,
    run=_sequence,
)


def _dilution(seed: int) -> Findings:
    size, connections = 80_000, 100

    def measure(load: float, rng: np.random.Generator) -> float:
        patterns = task.random_patterns(round(load * connections), size, seed=rng)
        network = DilutedHopfieldNetwork(size, connections, seed=int(rng.integers(2**31)))
        network.apply_hebbian_learning(patterns)
        cues = patterns[:4]
        states = np.asarray(network.recall(cues, num_iter=25).states)
        return float((states * cues).mean())

    return _overlap_figure(
        f"Extreme dilution, N = {size:,}, {connections} connections a neuron",
        "diluted",
        [0.1, 0.2, 0.3, 0.4, 0.5],
        measure,
        connections=connections,
        num_networks=4,
        seed=seed,
    )


DILUTION = PublishedFigure(
    name="dilution",
    paper="Derrida, Gardner & Zippelius (1987), Europhys. Lett. 4:167",
    shows="With few connections the overlap falls continuously to zero, at a load of 2/pi.",
    against=("our theory",),
    seconds=40,
    run=_dilution,
)
