"""One-step errors: published loads, and random networks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canns.analyzer.theory import (
    crosstalk_error,
    crosstalk_load,
    fixed_point_probability,
    storage_capacity,
)


@pytest.mark.parametrize(
    ("error", "load"),
    [(0.001, 0.1047), (0.0036, 0.1385), (0.01, 0.1848), (0.05, 0.3696), (0.1, 0.6089)],
)
def test_published_loads(error, load):
    assert crosstalk_load(error) == pytest.approx(load, abs=5e-5)


@given(st.floats(1e-12, 0.49))
def test_inverse(error):
    assert crosstalk_error(crosstalk_load(error)) == pytest.approx(error, rel=1e-9)


def test_it_is_the_criterion_of_the_storage_capacity():
    capacity = storage_capacity(1000, "crosstalk", error_probability=0.02)
    assert 1000 * crosstalk_load(0.02) == pytest.approx(capacity, rel=1e-12)


def test_error_limits():
    errors = crosstalk_error([0.0, 1e-320, 0.1, 1.0, 1e12])
    assert errors[0] == errors[1] == 0
    assert (np.diff(errors[1:]) > 0).all()
    # The probability that a standard Gaussian exceeds 1.
    assert errors[3] == pytest.approx(0.15865525, abs=5e-9)
    assert errors[4] == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("num_neurons", "num_patterns", "one", "every"),
    [(1000, 36, 1.0, 1.0), (1000, 72, 0.916, 0.0), (4000, 120, 1.0, 1.0)],
)
def test_published_probabilities(num_neurons, num_patterns, one, every):
    found = fixed_point_probability(num_neurons, num_patterns)
    assert found.pattern == pytest.approx(one, abs=5e-4)
    assert found.all_patterns == pytest.approx(every, abs=5e-3)


@pytest.mark.parametrize(
    ("num_neurons", "num_patterns", "simulated", "tolerance"),
    # Errors come together, which the formula leaves out: it is low by a share that grows with P.
    [(1000, 72, 0.923, 0.01), (4000, 241, 0.922, 0.01), (1000, 138, 0.062, 0.05)],
)
def test_simulated_probabilities(num_neurons, num_patterns, simulated, tolerance):
    found = fixed_point_probability(num_neurons, num_patterns).pattern
    assert simulated - tolerance < found < simulated


def test_simulation():
    """If errors are rare they come one at a time, and the formula holds."""
    size, count, seeds = 200, 14, 150
    fixed = []
    for seed in range(seeds):
        patterns = np.random.default_rng(seed).choice([-1.0, 1.0], size=(count, size))
        fields = patterns @ patterns.T @ patterns - count * patterns
        fixed.append((fields * patterns > 0).all(axis=1).mean())
    error = np.std(fixed, ddof=1) / math.sqrt(seeds)
    expected = fixed_point_probability(size, count).pattern
    # The Gaussian tail is beyond that of the sum of P - 1 = 13 times N - 1 signs by little.
    assert np.mean(fixed) == pytest.approx(expected, abs=4 * error)
    assert error < 0.005


def test_one_pattern_is_always_fixed():
    assert fixed_point_probability(50, 1) == (1, 1)


def test_probability_falls_with_the_patterns():
    found = fixed_point_probability(500, np.arange(1, 100))
    assert (np.diff(found.pattern) <= 0).all()
    assert (found.all_patterns <= found.pattern).all()
