"""Energies of higher order than pairs of neurons."""

import math

import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.analyzer.theory import dense_error
from canns.models.brain_inspired import DenseAssociativeMemory
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.reproduce._spread import BARS, reach

__all__ = ["DENSE"]


def _dense(seed: int) -> Findings:
    size, counts = 200, np.array([1000, 1400, 1852, 2400, 3000])
    rng = np.random.default_rng(seed)
    errors = np.array([[_one_step_error(rng, size, count) for _ in range(10)] for count in counts])
    theory = np.asarray(dense_error(size, counts, 3))
    room = np.abs(_cubic_error(size, counts) - theory)
    claims = [
        Claim.of_mean(
            f"share of wrong neurons, n = 3, N = {size}, K = {count}",
            "paper's formula",
            theory[i],
            errors[i],
            room=float(room[i]),
            why="terms that the formula leaves out at this N",
        )
        for i, count in enumerate(counts)
    ]
    line = np.linspace(900, 3200, 100).round().astype(int)
    draw = curves(
        f"Order 3 holds nine patterns a neuron with .3 % of errors, N = {size}",
        "Number of patterns $K$",
        "Share of neurons wrong after one update",
        {f"measured; {BARS}": (counts, errors.mean(axis=1), reach(errors))},
        {"Krotov & Hopfield's formula": (line, dense_error(size, line, 3))},
        yscale="log",
    )
    data = {"num_patterns": counts, "errors": errors, "theory": theory, "room": room}
    return Findings(claims, data, draw)


def _one_step_error(rng: np.random.Generator, size: int, count: int) -> float:
    patterns = task.random_patterns(count, size, seed=rng)
    memory = DenseAssociativeMemory(size, order=3)
    memory.store(patterns)
    states = np.asarray(memory.recall(patterns[:300], num_iter=1).states)
    return float((states != patterns[:300]).mean())


def _cubic_error(size: int, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the error of one update at order 3 with what the paper's formula leaves out.

    A neuron compares two energies. For an overlap x of the other N - 1 neurons they differ by
    (x + 1)^3 - (x - 1)^3 = 6 x^2 + 2. The formula keeps x^2 only, N for N - 1, and the Gaussian
    part of the noise of K - 1 patterns; here is the exact variance, and the first correction for
    its kurtosis.
    """
    from scipy.special import erfc, gammaln

    others = size - 1
    hits = np.arange(others + 1)
    chance = np.exp(
        gammaln(others + 1) - gammaln(hits + 1) - gammaln(others - hits + 1) - others * math.log(2)
    )
    term = 6.0 * (2 * hits - others) ** 2 + 2
    variance, fourth = chance @ term**2, chance @ term**4
    ratio = (6 * others**2 + 2) / np.sqrt((counts - 1) * variance)
    excess = (fourth / variance**2 - 3) / (counts - 1)
    density = np.exp(-(ratio**2) / 2) / math.sqrt(2 * math.pi)
    error: NDArray[np.float64] = erfc(ratio / math.sqrt(2)) / 2
    corrected: NDArray[np.float64] = error + density * excess / 24 * (ratio**3 - 3 * ratio)
    return corrected


DENSE = PublishedFigure(
    name="dense",
    paper="Krotov & Hopfield (2016), NeurIPS 29",
    shows="An energy of order 3 holds nine patterns a neuron with few errors.",
    against=("paper's formula",),
    seconds=7,
    run=_dense,
)
