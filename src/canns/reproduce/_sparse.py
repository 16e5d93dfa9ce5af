"""Sparse codes."""

import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.analyzer.theory import sparse_critical_load, sparse_overlap
from canns.models.brain_inspired import SparseHopfieldNetwork
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["SPARSE"]


def _sparse(seed: int) -> Findings:
    size, networks = 3000, 3
    relative = np.array([0.4, 0.6, 0.8, 0.9, 1.0, 1.1])
    rng = np.random.default_rng(seed)
    measured, theory, claims = {}, {}, []
    for level in (0.1, 0.05):
        limit = float(np.asarray(sparse_critical_load(level).alpha))
        loads = relative * limit
        samples = np.array([[_kept(size, level, x, rng) for _ in range(networks)] for x in loads])
        mean, error = samples.mean(axis=1), samples.std(axis=1, ddof=1) / np.sqrt(networks)
        low, high = sparse_overlap(loads, level)
        claims += _between(level, loads[:3], mean, error, np.asarray(low), np.asarray(high))
        claims.append(
            Claim(
                f"m at f = {level:g} and theory's critical load, {limit:.3f}: held",
                float(np.asarray(sparse_critical_load(level).m)),
                float(mean[relative == 1][0]),
                0.0,
                "equilibrium is a lower bound",
                "at least",
            )
        )
        name = f"$f = {level:g}$; line: equilibrium"
        line = np.linspace(0.2, 0.95, 30) * limit
        measured[name] = (loads, mean, 3 * error)
        theory[name] = (line, sparse_overlap(line, level).equilibrium)
    draw = curves(
        f"Sparse codes under the covariance rule, N = {size}",
        r"Load $\alpha = P/N$ (Hebb's rule on dense codes: 0.138)",
        "Overlap $m$",
        measured,
        theory,
    )
    data = {name: series[1] for name, series in measured.items()}
    return Findings(claims, {"relative load": relative} | data, draw)


def _between(
    level: float,
    loads: NDArray[np.float64],
    mean: NDArray[np.float64],
    error: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> list[Claim]:
    """Return the claims that overlaps lie between equilibrium and its metastable bound."""
    return [
        Claim(
            f"m at f = {level:g}, alpha = {load:.3f}",
            float((low[i] + high[i]) / 2),
            float(mean[i]),
            float((high[i] - low[i]) / 2 + 3 * error[i] + 0.001),
            "half the way from equilibrium to the metastable bound + 3 standard errors + .001",
        )
        for i, load in enumerate(loads)
    ]


def _kept(size: int, level: float, load: float, rng: np.random.Generator) -> float:
    """Return the overlap at which patterns of one network stay."""
    active = round(level * size)
    patterns = task.sparse_patterns(round(load * size), size, level, exact=True, seed=rng)
    network = SparseHopfieldNetwork(size, level)
    network.apply_hebbian_learning(patterns)
    probes = patterns[:40]
    states = np.asarray(network.recall(probes, num_iter=60).states)
    return float((((states * probes).sum(axis=1) / active - level) / (1 - level)).mean())


SPARSE = PublishedFigure(
    name="sparse",
    paper="Tsodyks & Feigelman (1988), Europhys. Lett. 6:101",
    shows="The sparser the code, the more patterns: at f = .05 seven times as many as at 1/2.",
    against=("our theory",),
    seconds=50,
    run=_sparse,
)
