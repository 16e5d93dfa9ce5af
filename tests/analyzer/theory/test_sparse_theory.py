"""Sparse patterns: figures, the equations iterated at a fixed threshold, a simulation."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from canns.analyzer.theory import (
    ags_critical_load,
    gardner_load,
    sparse_asymptote,
    sparse_critical_load,
)


@pytest.mark.parametrize(("level", "load"), [(0.1, 0.441), (0.05, 0.943), (0.01, 4.37)])
def test_published_loads(level, load):
    assert sparse_critical_load(level).alpha == pytest.approx(load, rel=1.2e-3)


def margins(critical, level):
    """Return a, b, sigma and C of a critical state, from its m, activity and load."""
    a = ndtri(critical.activity + (1 - level) * critical.m)
    b = -ndtri(critical.activity - level * critical.m)
    sigma = critical.m / (a + b)
    return a, b, sigma, 1 - math.sqrt(critical.alpha * critical.activity) / sigma


def iterate(alpha, level, effective):
    """Follow the equations from the pattern; ``effective`` gives the threshold at m and sigma."""
    m, q, C = 1.0, level, 0.0
    for _ in range(4000):
        sigma = math.sqrt(alpha * q) / (1 - C)
        theta = effective(m, sigma)
        a, b = ((1 - level) * m - theta) / sigma, (level * m + theta) / sigma
        slope = level * math.exp(-a * a / 2) + (1 - level) * math.exp(-b * b / 2)
        new = (
            ndtr(a) - ndtr(-b),
            level * ndtr(a) + (1 - level) * ndtr(-b),
            slope / (math.sqrt(2 * math.pi) * sigma),
        )
        m, q, C = (0.8 * old + 0.2 * value for old, value in zip((m, q, C), new, strict=True))
        if C >= 1 or m < 0.1:
            return 0.0
    return m


def constant(threshold):
    return lambda m, sigma: threshold


def holding(activity, level):
    """Return the threshold at which a given share of neurons is active."""

    def effective(m, sigma):
        def excess(theta):
            hits, alarms = (
                ndtr(((1 - level) * m - theta) / sigma),
                ndtr((-level * m - theta) / sigma),
            )
            return level * hits + (1 - level) * alarms - activity

        return brentq(excess, -20 * sigma - m, 20 * sigma + m)

    return effective


@pytest.mark.parametrize("level", [0.5, 0.1, 0.001])
def test_critical_state_solves_the_equations(level):
    critical = sparse_critical_load(level)
    a, b, sigma, C = margins(critical, level)
    slope = level * math.exp(-a * a / 2) + (1 - level) * math.exp(-b * b / 2)
    assert slope / (math.sqrt(2 * math.pi) * sigma) == pytest.approx(C, rel=1e-9)
    feedback = critical.alpha * C / (1 - C)
    for margin, field, side in ((a, (1 - level) * critical.m, -1), (b, -level * critical.m, 1)):
        effective = field + side * margin * sigma
        assert critical.threshold == pytest.approx(effective + feedback / 2, rel=1e-7)


@pytest.mark.parametrize("level", [0.2, 0.1])
def test_retrieval_at_a_constant_threshold_ends_at_the_critical_load(level):
    critical = sparse_critical_load(level)
    a, _, sigma, _ = margins(critical, level)
    best = (1 - level) * critical.m - a * sigma
    inside = iterate(0.999 * critical.alpha, level, constant(best))
    # The overlap leaves its critical value as the square root of the distance.
    assert critical.m < inside < critical.m + 0.02
    for threshold in best * np.array([0.9, 0.97, 1.0, 1.03, 1.1]):
        assert iterate(1.001 * critical.alpha, level, constant(threshold)) == 0


@pytest.mark.parametrize("level", [0.1, 0.01])
def test_retrieval_at_a_held_activity_ends_at_the_critical_load(level):
    critical = sparse_critical_load(level)
    held = holding(critical.activity, level)
    inside = iterate(0.999 * critical.alpha, level, held)
    assert critical.m < inside < critical.m + 0.02
    for activity in critical.activity * np.array([0.9, 0.97, 1.0, 1.03, 1.1]):
        assert iterate(1.001 * critical.alpha, level, holding(activity, level)) == 0


def test_half_of_the_neurons_active():
    """Without a threshold 0/1 neurons hold half as much; the best one gives a little more."""
    binary = ags_critical_load()
    assert binary.alpha / 2 < sparse_critical_load(0.5).alpha < 1.005 * binary.alpha / 2
    # If the weights sum to zero, 0/1 neurons are +1/-1 neurons.
    exact = sparse_critical_load(0.5, exact=True)
    assert exact.alpha == pytest.approx(binary.alpha, rel=1e-12)
    assert exact.m == pytest.approx(binary.m, abs=1e-7)
    assert exact.activity == pytest.approx(0.5, abs=1e-7)


def test_asymptote():
    """It is approached from below, too slowly to be seen; Hebb's rule is below the best weights."""
    levels = 10.0 ** -np.array([1, 2, 4, 8, 16, 50, 100, 300])
    asymptotes, loads = sparse_asymptote(levels), sparse_critical_load(levels).alpha
    np.testing.assert_allclose(asymptotes * 2 * levels * -np.log(levels), 1, rtol=1e-12)
    shares = loads / asymptotes
    assert (np.diff(shares) > 0).all()
    assert 0.85 < shares[-1] < 1
    assert (loads < gardner_load(0.0, levels)).all()


@pytest.mark.parametrize("exact", [False, True])
def test_simulation(exact):
    """Started on patterns, the neurons with the largest fields end with the overlap of theory."""
    size, level, finals = 600, 0.1, []
    critical = sparse_critical_load(level, exact=exact)
    count, winners = int(0.75 * critical.alpha * size), round(critical.activity * size)
    for seed in range(6):
        draws = np.random.default_rng(seed).random((count, size))
        counted = np.argsort(draws, axis=1) < level * size
        patterns = (counted if exact else draws < level).astype(float)
        patterns[:50] = counted[:50]  # cues have as many active neurons in any case
        scale = level * (1 - level) * size
        weights = (patterns - level).T @ (patterns - level) / scale
        np.fill_diagonal(weights, 0)
        states = patterns[:50]
        for _ in range(15):
            fields = states @ weights
            states = (fields >= np.sort(fields, axis=1)[:, -winners, None]).astype(float)
        finals.append(((patterns[:50] - level) * states).sum(axis=1).mean() / scale)
    error = np.std(finals, ddof=1) / math.sqrt(len(finals))
    load = count / size * (1 - winners / size if exact else 1)
    expected = iterate(load, level, holding(winners / size, level))
    assert np.mean(finals) == pytest.approx(expected, abs=4 * error)
    assert error < 0.004
