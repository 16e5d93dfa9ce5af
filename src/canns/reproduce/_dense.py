"""Energies beyond pairs of neurons: polynomial and exponential."""

import numpy as np

from canns import task
from canns.analyzer.theory import (
    dense_error,
    exponential_load,
)
from canns.models.brain_inspired import (
    DenseAssociativeMemory,
)
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["DENSE", "EXPONENTIAL"]


def _dense(seed: int) -> Findings:
    size, counts = 200, np.array([1000, 1400, 1852, 2400, 3000])
    rng = np.random.default_rng(seed)
    errors = np.array([[_one_step_error(rng, size, count) for _ in range(6)] for count in counts])
    mean, spread = errors.mean(axis=1), errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    theory = np.asarray(dense_error(size, counts, 3))
    claims = [
        Claim(
            f"share of wrong neurons, n = 3, N = 200, K = {count}",
            float(theory[i]),
            float(mean[i]),
            float(3 * spread[i] + 0.1 * theory[i]),
            "3 standard errors + 10 % for the Gaussian noise of the formula",
        )
        for i, count in enumerate(counts)
    ]
    line = np.linspace(900, 3200, 100).round()
    draw = curves(
        f"Dense associative memory of order 3, N = {size}: errors in one update",
        "Number of patterns $K$",
        "Share of neurons",
        {"measured": (counts, mean, 3 * spread)},
        {"Krotov & Hopfield": (line, dense_error(size, line.astype(int), 3))},
        yscale="log",
    )
    data = {"num_patterns": counts, "mean": mean, "standard_error": spread, "theory": theory}
    return Findings(claims, data, draw)


def _one_step_error(rng: np.random.Generator, size: int, count: int) -> float:
    patterns = task.random_patterns(count, size, seed=rng)
    memory = DenseAssociativeMemory(size, order=3)
    memory.store(patterns)
    states = np.asarray(memory.recall(patterns[:500], num_iter=1).states)
    return float((states != patterns[:500]).mean())


DENSE = PublishedFigure(
    name="dense",
    paper="Krotov & Hopfield (2016), NeurIPS 29",
    shows="An energy of order 3 holds nine patterns a neuron with few errors.",
    against=("our theory",),
    seconds=20,
    run=_dense,
)


def _exponential(seed: int) -> Findings:
    size, count = 40, 162_754  # e^(0.3 N)
    rng = np.random.default_rng(seed)
    rates, radii = np.array([0.15, 0.2, 0.25, 0.3, 0.35]), (0.0, 0.1)
    shares = {
        rho: [_restored(rng, size, round(np.exp(rate * size)), rho, 200) for rate in rates]
        for rho in radii
    }
    limits = {rho: float(np.asarray(exponential_load(rho))) for rho in radii}
    claims = [
        Claim(
            f"100 of {count:,} patterns that one update changes, N = 40",
            0.0,
            round(100 * (1 - _restored(rng, size, count, 0.0, 100)), 6),
            0.0,
            "the paper's bound is far",
        ),
        Claim("critical rate, rho = 0", 0.3466, limits[0.0], 5e-5, "digits"),
        Claim("critical rate, rho = .1", 0.184, limits[0.1], 5e-4, "digits"),
        Claim(
            "restored in one update from 10 % flips, rate .15 < .184",
            1.0,
            shares[0.1][0],
            0.05,
            "N = 40 is small",
        ),
    ]
    draw = curves(
        f"Exponential energy, N = {size}: $M = e^{{aN}}$ patterns",
        "$a$",
        "Share restored in one update",
        {
            rf"$\rho = {rho:g}$, theory: $a < {limits[rho]:.3f}$": (rates, shares[rho])
            for rho in radii
        },
        {},
    )
    return Findings(claims, {"a": rates} | {f"rho {rho}": s for rho, s in shares.items()}, draw)


def _restored(rng: np.random.Generator, size: int, count: int, rho: float, probes: int) -> float:
    """Return the share of cues with ``rho`` N flips that one update turns into their pattern."""
    patterns = task.random_patterns(count, size, seed=rng)
    memory = DenseAssociativeMemory(size, interaction="exponential")
    memory.store(patterns)
    targets = patterns[:probes]
    states = np.asarray(memory.recall(task.flip(targets, rho, seed=rng), num_iter=1).states)
    return float((states == targets).all(axis=1).mean())


EXPONENTIAL = PublishedFigure(
    name="exponential",
    paper="Demircigil, Heusel, Lowe, Upgang & Vermet (2017), J. Stat. Phys. 168:288",
    shows="An exponential energy holds exponentially many patterns.",
    against=("our theory",),
    seconds=25,
    run=_exponential,
)
