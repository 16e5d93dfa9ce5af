"""Sparse codes."""

import numpy as np

from canns import task
from canns.analyzer.theory import sparse_critical_load, sparse_overlap
from canns.models.brain_inspired import SparseHopfieldNetwork
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.reproduce._spread import BARS, reach

__all__ = ["SPARSE"]

_PROBES = 30  # patterns of each network


def _sparse(seed: int) -> Findings:
    size, networks = 1500, 6
    relative = np.array([0.4, 0.6, 0.8, 0.9, 1.1])
    rng = np.random.default_rng(seed)
    measured, theory, claims = {}, {}, []
    for level in (0.1, 0.05):
        limit = float(np.asarray(sparse_critical_load(level).alpha))
        loads = relative * limit
        samples = np.array([[_kept(size, level, x, rng) for _ in range(networks)] for x in loads])
        below = relative < 1
        bounds = np.array(sparse_overlap(loads[below], level))
        claims += [
            Claim.of_mean(
                f"m at f = {level:g}, alpha = {load:.3f}",
                "our theory",
                (low + high) / 2,
                overlaps,
                room=float(high - low) / 2,
                why="half the way from equilibrium to the metastable bound",
                grain=1 / (round(level * size) * (1 - level) * _PROBES),  # one silent neuron
            )
            for load, overlaps, low, high in zip(loads, samples, *bounds, strict=False)
        ]
        line = np.linspace(0.2, 0.995, 40) * limit
        equilibrium, metastable = sparse_overlap(line, level)
        name = rf"$f = {level:g}$, from equilibrium to the metastable bound"
        measured[name] = (loads, samples.mean(axis=1), reach(samples))
        # One line there and back, so that both bounds have one colour.
        theory[name] = (
            np.concatenate([line, line[::-1]]),
            np.concatenate([np.asarray(equilibrium), np.asarray(metastable)[::-1]]),
        )
    draw = curves(
        f"The sparser, the more patterns: covariance rule, N = {size}",
        rf"Load $\alpha = P/N$ (dense codes: up to 0.138; {BARS})",
        "Overlap $m$",
        measured,
        theory,
    )
    data = {name: series[1] for name, series in measured.items()}
    return Findings(claims, {"relative load": relative} | data, draw)


def _kept(size: int, level: float, load: float, rng: np.random.Generator) -> float:
    """Return the overlap at which patterns of one network stay."""
    active = round(level * size)
    patterns = task.sparse_patterns(round(load * size), size, level, exact=True, seed=rng)
    network = SparseHopfieldNetwork(size, level)
    network.apply_hebbian_learning(patterns)
    probes = patterns[:_PROBES]
    states = np.asarray(network.recall(probes, num_iter=60).states)
    return float((((states * probes).sum(axis=1) / active - level) / (1 - level)).mean())


SPARSE = PublishedFigure(
    name="sparse",
    paper="Tsodyks & Feigelman (1988), Europhys. Lett. 6:101",
    shows="The sparser the code, the more patterns: at f = .05 seven times as many as at 1/2.",
    against=("our theory",),
    seconds=25,
    run=_sparse,
)
