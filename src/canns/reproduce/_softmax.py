"""The modern Hopfield network: one step of attention."""

import jax
import numpy as np
from numpy.typing import NDArray

from canns.models.brain_inspired import ModernHopfieldNetwork
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure

__all__ = ["SOFTMAX"]


def _softmax(seed: int) -> Findings:
    size, count = 64, 2000
    rng = np.random.default_rng(seed)
    patterns = _on_sphere(rng, count, size)
    betas = np.array([0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0])
    cues = patterns[:200] + 0.2 * rng.normal(size=(200, size)).astype(np.float32)
    after = {beta: _recalled(patterns, beta, cues, 1)[0] for beta in betas}
    distance = np.array([_off(after[beta], patterns[:200]).mean() for beta in betas])
    _, energies = _recalled(patterns, 1.0, cues, 20)
    attention = np.asarray(jax.nn.softmax(1.0 * cues @ patterns.T, axis=-1)) @ patterns
    closest = _separation(patterns[:200], patterns).min()
    bound = 2 * (count - 1) * np.sqrt(size) * np.exp(-0.5 * closest)
    exact = _off(_recalled(patterns, 0.5, patterns[:200], 1)[0], patterns[:200])
    claims = [
        Claim(
            "one update minus one step of attention, largest",
            0.0,
            float(np.abs(after[1.0] - attention).max()),
            1e-4,
            "rounding",
        ),
        Claim(
            "retrieved within 1 % of a pattern's length by one update, beta = 1",
            1.0,
            float((_off(after[1.0], patterns[:200]) < 0.01 * np.sqrt(size)).mean()),
            0.01,
            "statistics",
        ),
        Claim(
            "error of one update from a pattern, beta = .5: the paper's bound",
            float(bound),
            float(exact.max()),
            1e-5,
            "rounding",
            "at most",
        ),
        Claim(
            "largest rise of the energy in 20 updates, beta = 1",
            0.0,
            float(np.diff(energies, axis=1).max()),
            1e-3,
            "rounding of an energy of the order of N",
            "at most",
        ),
        Claim(
            "beta = .01: distance of the fixed point from the mean of all, over a pattern's length",
            0.0,
            float(
                _off(_recalled(patterns, 0.01, cues, 50)[0], patterns.mean(axis=0)).max()
                / np.sqrt(size)
            ),
            0.05,
            "beta is small, not zero",
        ),
    ]
    draw = curves(
        f"One update of the modern Hopfield network, N = {size}, {count} patterns",
        r"$\beta$",
        "Distance from the pattern / its length",
        {"from a noisy cue": (betas, distance / np.sqrt(size))},
        {},
        xscale="log",
    )
    return Findings(claims, {"beta": betas, "distance": distance, "energies": energies[0]}, draw)


def _on_sphere(rng: np.random.Generator, count: int, size: int) -> NDArray[np.float32]:
    points = rng.normal(size=(count, size))
    points *= np.sqrt(size) / np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32)


def _recalled(
    patterns: NDArray[np.float32], beta: float, cues: NDArray[np.float32], steps: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    network = ModernHopfieldNetwork(patterns.shape[1], float(beta))
    network.store(patterns)
    result = network.recall(cues, num_iter=steps)
    return np.asarray(result.states), np.asarray(result.energies)


def _off(states: NDArray[np.float32], targets: NDArray[np.float32]) -> NDArray[np.float32]:
    off: NDArray[np.float32] = np.linalg.norm(states - targets, axis=1)
    return off


def _separation(chosen: NDArray[np.float32], patterns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by how much each pattern's product with itself exceeds that with any other."""
    products = chosen @ patterns.T
    own = products.diagonal().copy()
    np.fill_diagonal(products, -np.inf)
    gaps: NDArray[np.float32] = own - products.max(axis=1)
    return gaps


SOFTMAX = PublishedFigure(
    name="softmax",
    paper="Ramsauer et al. (2021), ICLR; arXiv:2008.02217",
    shows="One step of attention retrieves a pattern; at high temperature all fall to their mean.",
    against=("our theory",),
    seconds=10,
    run=_softmax,
)
