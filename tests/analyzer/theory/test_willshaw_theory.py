"""Willshaw's network: published figures, limits, and a random network."""

import math

import numpy as np
import pytest

from canns.analyzer.theory import (
    willshaw_bits,
    willshaw_capacity,
    willshaw_false_positives,
    willshaw_fill,
)
from canns.errors import ValidationError


def test_published_figures():
    assert willshaw_fill(1024, 10, 7268) == pytest.approx(0.5, abs=5e-5)
    assert round(willshaw_capacity(1024, 10)) == 7268
    assert willshaw_capacity(1024, 10) == pytest.approx(math.log(2) * 102.4**2, rel=1e-4)


@pytest.mark.parametrize("fill", [0.01, 0.5, 0.99])
def test_capacity_is_the_inverse_of_fill(fill):
    # A pattern sets (k/n)^2 = 4e-8 of the weights.
    patterns = willshaw_capacity(10**5, 20, fill)
    assert willshaw_fill(10**5, 20, round(patterns)) == pytest.approx(fill, abs=4e-8)


def test_all_neurons_active():
    assert willshaw_fill(5, 5, 1) == 1
    assert willshaw_capacity(5, 5) == 0
    assert willshaw_false_positives(5, 5, 3) == 0
    assert willshaw_bits(5, 5, 3) == pytest.approx(0, abs=1e-15)


def test_one_pattern_sets_its_own_square():
    assert willshaw_fill(30, 6, 1) == pytest.approx(0.04, rel=1e-12)
    assert willshaw_false_positives(30, 6, 1) == 0


def test_false_positives_by_inclusion_and_exclusion():
    n, k, count = 40, 6, 90
    total = 0.0
    for j in range(k + 1):  # j neurons of the cue that no pattern of the neuron has
        missed = math.comb(n - j, k) / math.comb(n, k)
        total += (-1) ** j * math.comb(k, j) * (1 - k / n * (1 - missed)) ** (count - 1)
    assert willshaw_false_positives(n, k, count) == pytest.approx((n - k) * total, rel=1e-9)


def test_false_positives_of_large_networks():
    """They tend to (n - k) p1^k from above."""
    sizes = 10.0 ** np.array([3, 4, 5, 6])
    patterns = np.floor(willshaw_capacity(sizes, 20))
    simple = (sizes - 20) * willshaw_fill(sizes, 20, patterns) ** 20
    excess = willshaw_false_positives(sizes, 20, patterns) / simple - 1
    # As it is a spread of counts of patterns, ever larger, it goes as 1/n.
    np.testing.assert_allclose(excess[1:-1] / excess[2:], 10, rtol=0.1)
    assert 0 < excess[-1] < 0.003


def test_bits_are_those_of_the_patterns():
    assert willshaw_bits(12, 3, 7) == pytest.approx(7 * math.log2(math.comb(12, 3)) / 144)


def test_bits_tend_to_ln_two():
    """At half the weights set and k = log2 n."""
    active = np.array([16, 64, 256])
    sizes = 2.0**active
    bits = willshaw_bits(sizes, active, np.floor(willshaw_capacity(sizes, active)))
    # Stirling: log2(n choose k) = k (log2(n/k) + log2 e) - log2(2 pi k)/2.
    stirling = active * (active - np.log2(active / math.e)) - np.log2(2 * math.pi * active) / 2
    np.testing.assert_allclose(bits, math.log(2) * stirling / active**2, rtol=1e-4)
    assert (np.diff(bits) > 0).all()
    assert 0.67 < bits[-1] < math.log(2)


def test_simulation():
    size, active, count, seeds = 100, 5, 250, 60
    fills, alarms = [], []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        inputs, outputs = (np.argsort(rng.random((count, size)), axis=1) < active for _ in range(2))
        weights = outputs.T.astype(float) @ inputs > 0
        fills.append(weights.mean())
        recalled = inputs @ weights.T.astype(float) >= active
        assert recalled[outputs].all()
        alarms.append((recalled & ~outputs).sum(axis=1).mean())
    for found, formula in ((fills, willshaw_fill), (alarms, willshaw_false_positives)):
        error = np.std(found, ddof=1) / math.sqrt(seeds)
        expected = formula(size, active, count)
        assert error < 0.02 * expected
        assert np.mean(found) == pytest.approx(expected, abs=4 * error)


def test_more_active_neurons_than_there_are():
    with pytest.raises(ValidationError, match=r"^num_active must be at most num_neurons; got 6"):
        willshaw_fill(5, 6, 1)
