"""How many patterns a dense associative memory holds, against theory and published figures."""

import math
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import DenseExponential, DensePolynomial, recall

KEY = jax.random.key(0)


def random_patterns(count, size, seed):
    return jnp.asarray(np.random.default_rng(seed).choice([-1, 1], (count, size)), jnp.float32)


def error_rate(network, patterns, cues):
    """Share of wrong neurons after one update from each cue, a stored pattern."""
    after = recall(network, patterns, cues, key=KEY, num_iter=1).states
    return float(jnp.mean(after != cues))


def asymptotic_error(size, order, count):
    """The error of Krotov & Hopfield (2016) for a large network."""
    variance = 2 * math.prod(range(1, 2 * order - 2, 2)) * count
    return math.erfc(math.sqrt(size ** (order - 1) / variance)) / 2


def gaussian_error(size, order, count):
    """The same with the exact mean and variance of what the other patterns add, for any N."""
    z = np.arange(-(size - 1), size, 2)
    shares = np.array([math.comb(size - 1, k) / 2 ** (size - 1) for k in range(size)])
    gain = (z + 1.0) ** order - (z - 1.0) ** order
    signal = size**order - (size - 2) ** order
    return math.erfc(signal / math.sqrt(2 * (count - 1) * np.sum(shares * gain**2))) / 2


@cache
def measured(size, order, count):
    """Mean error over sets of patterns, and its standard error.

    What is wrong with one pattern is so with others of its set: the sets are the samples.
    """
    network, rates = DensePolynomial(order=order), []
    for seed in range(16):
        patterns = random_patterns(count, size, seed)
        rates.append(error_rate(network, patterns, patterns))
    return np.mean(rates), np.std(rates, ddof=1) / 4


@pytest.mark.parametrize(("size", "order", "count"), [(200, 3, 1852), (60, 4, 2000)])
def test_errors_after_one_update(size, order, count):
    mean, standard_error = measured(size, order, count)
    assert abs(mean - gaussian_error(size, order, count)) < 4 * standard_error


def test_the_formula_of_the_paper_for_a_large_network():
    mean, standard_error = measured(200, 3, 1852)
    assert asymptotic_error(200, 3, 1852) == pytest.approx(0.00365, abs=5e-6)
    assert abs(mean - asymptotic_error(200, 3, 1852)) < 4 * standard_error
    # A simulation of one set found .00344; sets differ by four times the error of the mean.
    assert abs(mean - 0.00344) < 4 * math.sqrt(17) * standard_error


def test_more_patterns_than_a_matrix_of_couplings_could_hold():
    size, count = 100, 700  # seven a neuron; the classical network holds .14
    patterns = random_patterns(count, size, 0)
    assert error_rate(DensePolynomial(order=2), patterns, patterns) > 0.3
    assert error_rate(DensePolynomial(order=4), patterns, patterns) == 0


def test_exponentially_many_patterns():
    # e^(0.3 N) of them; the bound is 2^(N/2) = e^(0.35 N). Demircigil et al. (2017).
    patterns = random_patterns(162_754, 40, 0)
    assert error_rate(DenseExponential(), patterns, patterns[:100]) == 0


def test_one_update_repairs_a_tenth_of_the_neurons():
    # e^(0.1 N) patterns; the bound for a radius of a tenth is e^(0.184 N).
    size, count = 60, 403
    patterns = random_patterns(count, size, 1)
    flips = np.argsort(np.random.default_rng(2).random((count, size)), axis=1) < size // 10
    cues = jnp.where(flips, -patterns, patterns)
    after = recall(DenseExponential(), patterns, cues, key=KEY, num_iter=1).states
    np.testing.assert_array_equal(after, patterns)
