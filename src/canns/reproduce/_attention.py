"""What the theorems on the modern Hopfield network say, beside what it does."""

import math

import jax
import numpy as np
from numpy.typing import NDArray

from canns.models.brain_inspired import ModernHopfieldNetwork
from canns.reproduce._claim import Claim

__all__ = ["on_sphere", "theorem_claims", "updated"]

Floats = NDArray[np.float32]


def theorem_claims(rng: np.random.Generator) -> list[Claim]:
    """Return the claims on update, energy, retrieval error and number of patterns.

    Source: Ramsauer et al. (2021), equations 1 and 3, theorems 1, 3 and 5.
    """
    patterns = on_sphere(rng, 2000, 64)
    cues = patterns[:100] + 0.2 * rng.standard_normal((100, 64), np.float32)
    network = _network(patterns, 1.0)
    attention = np.asarray(jax.nn.softmax(cues @ patterns.T, axis=-1)) @ patterns
    energies = np.asarray(network.recall(cues, num_iter=20).energies)
    return [
        Claim.of_value(
            "one update minus one step of attention, largest",
            "paper's formula",
            0.0,
            float(np.abs(updated(patterns, 1.0, cues) - attention).max()),
            1e-4,
            "rounding",
        ),
        Claim.of_value(
            "largest rise of the energy in 20 updates, beta = 1",
            "paper's formula",
            0.0,
            float(np.diff(energies, axis=1).max()),
            1e-3,
            "rounding of an energy of the order of d",
            "at most",
        ),
        Claim.of_value(
            "error of one update from a pattern over the bound, largest, beta = .5",
            "paper's formula",
            1.0,
            _error_over_bound(patterns, 0.5),
            1e-4,
            "rounding",
            "at most",
        ),
        *_number_claims(rng),
    ]


def _network(patterns: Floats, beta: float) -> ModernHopfieldNetwork:
    network = ModernHopfieldNetwork(patterns.shape[1], beta)
    network.store(patterns)
    return network


def updated(patterns: Floats, beta: float, cues: Floats) -> Floats:
    """Return the states after one update of a network of ``patterns``."""
    return np.asarray(_network(patterns, beta).recall(cues, num_iter=1).states)


def on_sphere(rng: np.random.Generator, count: int, size: int, radius: float = 0.0) -> Floats:
    """Return random points of a sphere in ``size`` dimensions; its radius is sqrt(size) if 0."""
    points = rng.standard_normal((count, size), np.float32)
    length = radius or math.sqrt(size)
    points *= np.float32(length) / np.linalg.norm(points, axis=1, keepdims=True)
    return points


def _error_over_bound(patterns: Floats, beta: float) -> float:
    r"""Return the largest :math:`|f(x_i) - x_i|` over :math:`2 (P-1) M e^{-\beta\Delta_i}`.

    :math:`\Delta_i` is by how much a pattern's product with itself exceeds that with any other.
    """
    products = patterns @ patterns.T
    own = products.diagonal().copy()
    np.fill_diagonal(products, -np.inf)
    bound = 2 * (len(patterns) - 1) * np.sqrt(own) * np.exp(beta * (products.max(axis=1) - own))
    error = np.linalg.norm(updated(patterns, beta, patterns) - patterns, axis=1)
    # A bound below the rounding of the states says nothing.
    told = bound > 1e-5 * np.sqrt(own)
    return float((error[told] / bound[told]).max())


def _number_claims(rng: np.random.Generator) -> list[Claim]:
    """Return the claims on the constant c of theorem 3, and on the patterns that it guarantees."""
    size, spread, failure, trials = 20, 3.0, 1e-3, 400
    constant = _constant(1.0, spread, size, failure)
    count = math.floor(math.sqrt(failure) * constant ** ((size - 1) / 4))
    radius = spread * math.sqrt(size - 1)
    held = sum(_all_stored(on_sphere(rng, count, size, radius)) for _ in range(trials))
    return [
        Claim.of_value(
            "c of theorem 3 at d = 20, K = 3", "paper's number", 3.1546, constant, 1e-4, "digits"
        ),
        Claim.of_value(
            "c of theorem 3 at d = 75, K = 1",
            "paper's number",
            1.3718,
            _constant(1.0, 1.0, 75, failure),
            1e-4,
            "digits",
        ),
        Claim.of_share(
            f"networks that store all of the {count} patterns of theorem 3, d = 20, K = 3",
            "paper's formula",
            1 - failure,
            held,
            trials,
            "at least",
        ),
    ]


def _constant(beta: float, spread: float, size: int, failure: float) -> float:
    """Return c: P random patterns are stored, but with probability p, for P = sqrt(p) c^((d-1)/4).

    Args:
        beta: Inverse temperature.
        spread: K; the patterns lie on a sphere of radius K sqrt(d - 1).
        size: d.
        failure: p.
    """
    from scipy.special import lambertw

    a = 2 / (size - 1) * (1 + math.log(2 * beta * spread**2 * failure * (size - 1)))
    b = 2 * spread**2 * beta / 5
    return b / float(lambertw(b * math.exp(a)).real)


def _all_stored(patterns: Floats) -> bool:
    """Return whether each pattern has a fixed point within 1 % of the radius."""
    states = np.asarray(_network(patterns, 1.0).recall(patterns, num_iter=20).states)
    radius = np.linalg.norm(patterns[0])
    return bool((np.linalg.norm(states - patterns, axis=1) < 0.01 * radius).all())
