"""Networks with other couplings than Hebb's of patterns at rest: pairs, sequences, dilution."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns import task
from canns.analyzer.theory import Variant, variant_critical_load, variant_overlap
from canns.models.brain_inspired import (
    BidirectionalAssociativeMemory,
    DilutedHopfieldNetwork,
    SequenceNetwork,
)
from canns.reproduce._claim import Claim, Kind
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._finite_size import WHY, finite_size
from canns.reproduce._spread import BARS, reach
from canns.typing import AnyArray

__all__ = ["BIDIRECTIONAL", "DILUTION", "SEQUENCE"]

Measure = Callable[[float, np.random.Generator], float]
Overlap = Callable[[AnyArray], ArrayLike]


def _samples(
    measure: Measure, loads: Sequence[float], num_networks: int, seed: int
) -> NDArray[np.float64]:
    """Return the overlap of each random network at each load, (loads, networks)."""
    rngs = np.random.default_rng(seed).spawn(num_networks)
    return np.array([[measure(load, rng) for rng in rngs] for load in loads])


def _claims(
    kind: Kind,
    overlap: Overlap,
    loads: Sequence[float],
    samples: NDArray[np.float64],
    connections: int,
    what: str = "m",
) -> list[Claim]:
    """Return the claims that the mean overlaps are those of theory, up to finite size."""
    alpha = np.asarray(loads)
    theory, room = np.asarray(overlap(alpha)), finite_size(overlap, alpha, connections)
    return [
        Claim.of_mean(
            f"{what} at alpha = {load:g}",
            kind,
            theory[i],
            samples[i],
            room=float(room[i]),
            why=WHY,
        )
        for i, load in enumerate(loads)
    ]


def _curve(
    title: str,
    variant: Variant,
    loads: Sequence[float],
    samples: NDArray[np.float64],
) -> Findings:
    """Return the data and the picture of overlaps over the theory of ``variant``, no claims."""
    limit = variant_critical_load(variant).alpha
    line = np.linspace(0.01, limit * 0.9999, 80)
    mean, bars = samples.mean(axis=1), reach(samples)
    draw = curves(
        title,
        rf"Load $\alpha$ ({BARS})",
        "Overlap $m$",
        {"measured": (loads, mean, bars)},
        {rf"theory, to $\alpha_c = {limit:.4f}$": (line, variant_overlap(line, variant))},
        ylim=(0, 1.03),
    )
    data = {"loads": loads, "mean": mean, "reach": bars, "critical load": limit}
    return Findings([], data, draw)


def _bidirectional(seed: int) -> Findings:
    size = 1500
    held, lost = [0.05, 0.10, 0.14, 0.17], [0.23]

    def measure(load: float, rng: np.random.Generator) -> float:
        pairs = task.random_patterns(round(load * size), 2 * size, seed=rng)
        memory = BidirectionalAssociativeMemory(size, size)
        memory.store(pairs[:, :size], pairs[:, size:])
        states = np.asarray(memory.recall(pairs[:30], num_iter=100).states)
        return float((states * pairs[:30]).mean())

    samples = _samples(measure, held + lost, 10, seed)
    overlap = partial(variant_overlap, variant="bam")
    claims = _claims("our theory", overlap, held, samples, size)
    shown = _curve(
        f"Bidirectional associative memory, two layers of {size}: pairs up to "
        rf"$\alpha_c = {variant_critical_load('bam').alpha:.3f}$",
        "bam",
        held + lost,
        samples,
    )
    return shown._replace(claims=claims)


BIDIRECTIONAL = PublishedFigure(
    name="bidirectional",
    paper="Kosko (1988), IEEE Trans. Syst. Man Cybern. 18:49; Kurchan, Peliti & Saber (1994), "
    "J. Phys. I 4:1627",
    shows="Pairs of patterns are recalled up to a load of 0.1998 of a layer.",
    against=("our theory",),
    seconds=15,
    run=_bidirectional,
)


def _sequence(seed: int) -> Findings:
    size, steps, printed = 2000, 30, 0.269
    held, lost, chosen = [0.10, 0.15, 0.20, 0.25], [0.30, 0.34], [4, 8]

    def replay(load: float, rng: np.random.Generator) -> NDArray[np.float64]:
        patterns = task.random_patterns(round(load * size), size, seed=rng)
        network = SequenceNetwork(size)
        network.store(patterns, cyclic=True)
        path = np.asarray(network.trajectory(patterns[:10], num_iter=steps))
        due = (np.arange(10) + np.arange(steps + 1)[:, None]) % len(patterns)
        overlaps: NDArray[np.float64] = (path * patterns[due]).mean(axis=(1, 2), dtype=np.float64)
        return overlaps

    rngs = np.random.default_rng(seed).spawn(12)
    paths = np.array([[replay(load, rng) for rng in rngs] for load in held + lost])
    limit = variant_critical_load("sequence").alpha
    overlap = partial(variant_overlap, variant="sequence")
    claims = [
        Claim.of_value(
            "critical load, from the equations", "paper's number", printed, limit, 5e-4, "digits"
        ),
        *_claims("paper's formula", overlap, held, paths[: len(held), :, -1], size),
    ]
    for step in chosen:
        after, samples = partial(_replayed, steps=step), paths[len(held) :, :, step]
        claims += _claims("our theory", after, lost, samples, size, f"m after {step} steps")
    stays = _curve(
        f"Held up to {printed}, N = {size}, {steps} steps",
        "sequence",
        held,
        paths[: len(held), :, -1],
    )
    times, shown = np.arange(steps + 1), held[-1:] + lost
    moving = {
        rf"$\alpha = {load:g}$": (times, path.mean(axis=0), reach(path.T))
        for load, path in zip(shown, paths[len(held) - 1 :], strict=True)
    }
    theory = [
        np.array([_replayed(np.array(load), step) for step in range(steps + 1)]) for load in shown
    ]
    decay = curves(
        "Sequences in parallel updates",
        f"Step ({BARS})",
        "",
        moving,
        dict(zip(moving, [(times, path) for path in theory], strict=True)),
        ylim=(0, 1.03),
    )

    def draw(canvas: Canvas) -> None:
        for part, panel in zip(split(canvas, 1, 2), (stays.draw, decay), strict=True):
            panel(part)

    data = {**stays.data, "paths": paths.mean(axis=1), "paths' loads": held + lost}
    return Findings(claims, data, draw)


def _replayed(loads: AnyArray, steps: int) -> NDArray[np.float64]:
    r"""Return the overlap ``steps`` updates after a pattern, in a large network at T = 0.

    Each update carries a pattern's overlap on to the next pattern, and the crosstalk of variance
    :math:`\alpha R` with it: :math:`m' = \mathrm{erf}(m/\sqrt{2\alpha R})`, :math:`R' = 1 + C^2 R`,
    with :math:`C = \sqrt{2/(\pi\alpha R)}\, e^{-m^2/(2\alpha R)}`. Its fixed point is that of the
    paper.
    """
    from scipy.special import erf

    alpha = np.asarray(loads, float)
    m, noise = np.ones_like(alpha), np.ones_like(alpha)
    for _ in range(steps):
        variance = alpha * noise
        response = np.sqrt(2 / (np.pi * variance)) * np.exp(-(m**2) / (2 * variance))
        m, noise = erf(m / np.sqrt(2 * variance)), 1 + response**2 * noise
    return m


SEQUENCE = PublishedFigure(
    name="sequence",
    paper="During, Coolen & Sherrington (1998), J. Phys. A 31:8607",
    shows="Sequences are replayed up to a load of 0.269, twice that of patterns at rest.",
    against=("paper's number", "paper's formula", "our theory"),
    seconds=16,
    run=_sequence,
)


def _dilution(seed: int) -> Findings:
    size, connections = 20_000, 100
    loads = [0.1, 0.2, 0.3, 0.4, 0.5]

    def measure(load: float, rng: np.random.Generator) -> float:
        patterns = task.random_patterns(round(load * connections), size, seed=rng)
        network = DilutedHopfieldNetwork(size, connections, seed=int(rng.integers(2**31)))
        network.apply_hebbian_learning(patterns)
        cues = patterns[:2]
        states = np.asarray(network.recall(cues, num_iter=25).states)
        return float((states * cues).mean())

    samples = _samples(measure, loads, 8, seed)
    claims = [
        Claim.of_value(
            "critical load, from the equations",
            "paper's number",
            2 / np.pi,
            variant_critical_load("diluted").alpha,
            1e-6,
            "rounding",
        ),
        *_claims(
            "paper's formula",
            partial(variant_overlap, variant="diluted"),
            loads,
            samples,
            connections,
        ),
    ]
    shown = _curve(
        rf"Extreme dilution, N = {size:,}, K = {connections}: no jump at $\alpha_c = 2/\pi$",
        "diluted",
        loads,
        samples,
    )
    return shown._replace(claims=claims)


DILUTION = PublishedFigure(
    name="dilution",
    paper="Derrida, Gardner & Zippelius (1987), Europhys. Lett. 4:167",
    shows="With few connections the overlap falls continuously to zero, at a load of 2/pi.",
    against=("paper's number", "paper's formula"),
    seconds=25,
    run=_dilution,
)
