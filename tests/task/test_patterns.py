"""Random patterns have the statistics their docstrings give.

Tolerances are five standard errors of the estimator.
"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.task import (
    correlated_patterns,
    hierarchical_patterns,
    random_patterns,
    sparse_patterns,
)

N = 20_000


def overlap(x, y):
    return float(x.astype(np.float64) @ y / len(x))


def test_random_patterns_are_unbiased_signs_with_overlaps_of_order_one_over_root_n():
    patterns = random_patterns(20, N, seed=0)
    assert patterns.shape == (20, N)
    assert patterns.dtype == np.float32
    assert set(np.unique(patterns)) == {-1.0, 1.0}
    assert abs(patterns.mean()) < 5 / math.sqrt(20 * N)
    pairs = [overlap(x, y) for x, y in itertools.combinations(patterns, 2)]
    # 190 overlaps of variance 1 / N: their mean square has relative standard error sqrt(2 / 190).
    assert np.mean(np.square(pairs)) * N == pytest.approx(1.0, abs=5 * math.sqrt(2 / 190))


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5, 0.9])
def test_sparse_patterns_have_the_coding_level_on_average(level):
    patterns = sparse_patterns(20, N, level, seed=1)
    assert set(np.unique(patterns)) == {0.0, 1.0}
    standard_error = math.sqrt(level * (1 - level) / patterns.size)
    assert patterns.mean(dtype=np.float64) == pytest.approx(level, abs=5 * standard_error)
    counts = patterns.sum(axis=1)
    assert len(set(counts.tolist())) > 1


@settings(max_examples=60)
@given(
    num_neurons=st.integers(1, 60),
    level=st.floats(0.001, 0.999),
    seed=st.integers(0, 2**32 - 1),
)
def test_exact_sparse_patterns_have_exactly_the_rounded_count(num_neurons, level, seed):
    patterns = sparse_patterns(4, num_neurons, level, exact=True, seed=seed)
    assert set(np.unique(patterns)) <= {0.0, 1.0}
    assert patterns.sum(axis=1).tolist() == [round(level * num_neurons)] * 4


def test_exact_sparse_patterns_use_all_neurons_alike():
    patterns = sparse_patterns(4000, 20, 0.25, exact=True, seed=2)
    standard_error = math.sqrt(0.25 * 0.75 / 4000)
    np.testing.assert_allclose(patterns.mean(axis=0), 0.25, atol=5 * standard_error)


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.5, 0.9])
def test_correlated_patterns_have_the_expected_pairwise_overlap(correlation):
    patterns = correlated_patterns(5, N, correlation, seed=3)
    assert set(np.unique(patterns)) == {-1.0, 1.0}
    standard_error = math.sqrt((1 - correlation**2) / N)
    for x, y in itertools.combinations(patterns, 2):
        assert overlap(x, y) == pytest.approx(correlation, abs=5 * standard_error)
    assert np.abs(patterns.mean(axis=1, dtype=np.float64)).max() < 5 / math.sqrt(N)


def test_full_correlation_gives_copies_of_one_pattern():
    patterns = correlated_patterns(3, 50, 1.0, seed=4)
    assert (patterns == patterns[0]).all()


@pytest.mark.parametrize("within", [0.0, 0.3, 0.8])
def test_hierarchical_patterns_are_ultrametric(within):
    patterns, labels = hierarchical_patterns(3, 3, N, within, seed=5)
    assert patterns.shape == (9, N)
    assert labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    for i, j in itertools.combinations(range(9), 2):
        expected = within if labels[i] == labels[j] else 0.0
        standard_error = math.sqrt((1 - expected**2) / N)
        assert overlap(patterns[i], patterns[j]) == pytest.approx(expected, abs=5 * standard_error)
