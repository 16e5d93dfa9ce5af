"""Oracles that the tests of the metrics share."""

import math

import numpy as np


def signs(seed, num_patterns, num_neurons):
    return np.random.default_rng(seed).choice([-1.0, 1.0], size=(num_patterns, num_neurons))


def hebb(patterns):
    """Hebb's couplings divided by N, without self-couplings, in float64."""
    weights = patterns.T @ patterns / patterns.shape[1]
    np.fill_diagonal(weights, 0.0)
    return weights


def ags_overlap(load):
    """The overlap at T = 0 by Amit, Gutfreund & Sompolinsky: the branch y > y_c, by bisection."""
    low, high = 1.511219, 6.0
    for _ in range(60):
        y = (low + high) / 2
        found = (math.erf(y) / y - 2 / math.sqrt(math.pi) * math.exp(-(y**2))) ** 2 / 2
        low, high = (y, high) if found > load else (low, y)
    return math.erf(low)


def little_overlap(load, temperature):
    r"""The overlap of the retrieval state if all neurons are updated at once at T > 0.

    Two copies of the network, s(t) and s(t + 1), coupled by W (Peretto 1984), in the replica
    symmetric theory: with D = 1 - beta(1 + p - 2q), the overlap p of the copies adds a coupling
    J = alpha beta/2 (1/D + 1/(1 + beta(1 - p)) - 2) of a neuron with itself. Without J this is the
    theory of Amit, Gutfreund and Sompolinsky.
    """
    beta = 1 / temperature
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    m, q, p = 1.0, 1.0, 1.0
    for _ in range(500):
        gain = 1 - beta * (1 + p - 2 * q)
        own = load * beta / 2 * (1 / gain + 1 / (1 + beta * (1 - p)) - 2)
        field = 2 * beta * (m + np.sqrt(load * q) / gain * z)
        both = np.cosh(field) + np.exp(-2 * own)
        mean = np.sinh(field) / both
        m, q = weights @ mean, weights @ mean**2
        p = weights @ ((np.cosh(field) - np.exp(-2 * own)) / both)
    return m
