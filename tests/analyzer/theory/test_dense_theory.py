"""Dense and exponential memories: published figures, the Hopfield limit, random networks."""

import math

import numpy as np
import pytest

from canns.analyzer.theory import (
    crosstalk_error,
    dense_capacity,
    dense_error,
    exponential_capacity,
    exponential_load,
    storage_capacity,
)


def test_published_error():
    found = dense_error(200, 1852, 3)
    assert found == pytest.approx(0.00365, abs=5e-6)
    # Measured: .00344, within the terms of order 1/N.
    assert found == pytest.approx(0.00344, rel=0.07)


def test_order_two_is_hopfields():
    patterns = np.array([10, 50, 138])
    found = dense_error(1000, patterns, 2)
    np.testing.assert_allclose(found, crosstalk_error(patterns / 1000), rtol=1e-12)
    for criterion in ("all_exact", "most_exact", "crosstalk"):
        expected = storage_capacity(1000, criterion)
        assert dense_capacity(1000, 2, criterion) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("order", "double_factorial"), [(2, 1), (3, 3), (4, 15), (5, 105)])
def test_closed_forms(order, double_factorial):
    size = 100
    expected = size ** (order - 1) / (2 * double_factorial * math.log(size))
    assert dense_capacity(size, order, "most_exact") == pytest.approx(expected, rel=1e-12)
    assert dense_capacity(size, order) == pytest.approx(expected / order, rel=1e-12)
    x = math.sqrt(size ** (order - 1) / (2 * double_factorial * 500))
    assert dense_error(size, 500, order) == pytest.approx(math.erfc(x) / 2, rel=1e-10)


@pytest.mark.parametrize("order", [2, 3, 6])
def test_crosstalk_criterion_is_the_inverse_of_the_error(order):
    capacity = dense_capacity(10**6, order, "crosstalk", error_probability=[0.001, 0.05])
    assert dense_error(10**6, np.round(capacity), order) == pytest.approx(
        np.array([0.001, 0.05]), rel=1e-4
    )


@pytest.mark.parametrize("order", [2, 3, 4])
def test_exact_criteria_separate_few_errors_from_many(order):
    """The expected number of errors tends to 0, slowly, below the capacity, and grows above."""
    sizes = np.array([10**4, 10**8, 10**12])
    for criterion, bits in (("most_exact", sizes), ("all_exact", None)):
        for share, sign in ((0.8, -1), (1.5, 1)):
            patterns = np.floor(share * dense_capacity(sizes, order, criterion))
            errors = (sizes * patterns if bits is None else bits) * dense_error(
                sizes, patterns, order
            )
            assert (sign * np.diff(errors) > 0).all()


def test_simulation():
    """One update of the cubic memory from each pattern errs as often as the formula says."""
    size, count, seeds = 100, 500, 4
    shares = []
    for seed in range(seeds):
        patterns = np.random.default_rng(seed).choice([-1.0, 1.0], size=(count, size))
        overlaps = patterns @ patterns.T  # of each pattern with each cue
        wrong = 0
        for neuron in range(size):
            own = np.outer(patterns[:, neuron], patterns[:, neuron])
            rest = overlaps - own
            # s_i = 1 lowers the energy if sum (rest + xi)^3 - (rest - xi)^3 > 0.
            field = (patterns[:, neuron, None] * (3 * rest**2 + 1)).sum(axis=0)
            wrong += (np.sign(field) != patterns[:, neuron]).sum()
        shares.append(wrong / (size * count))
    expected = dense_error(size, count, 3)
    error = np.std(shares, ddof=1) / math.sqrt(seeds)
    # The moments of overlaps of N - 1 signs are Gaussian to order 1/N.
    assert np.mean(shares) == pytest.approx(expected, abs=4 * error + 10 / size * expected)


@pytest.mark.parametrize(("rho", "load"), [(0.0, 0.3466), (0.1, 0.184), (0.25, 0.0654)])
def test_exponential_loads(rho, load):
    assert exponential_load(rho) == pytest.approx(load, abs=5e-5)
    x = 1 - 2 * rho
    rate = (1 + x) * math.log(1 + x) + ((1 - x) * math.log(1 - x) if x < 1 else 0)
    assert exponential_load(rho) == pytest.approx(rate / 4, rel=1e-13)


def test_exponential_capacity():
    assert exponential_capacity([10, 40]) == pytest.approx(np.array([2.0**5, 2.0**20]), rel=1e-12)
    expected = math.exp(60 * exponential_load(0.1))
    assert exponential_capacity(60, 0.1) == pytest.approx(expected, rel=1e-12)
    assert exponential_capacity(10**4) == math.inf
    # M = 162754 patterns of N = 40 were recalled without an error.
    assert exponential_capacity(40) > 162754


def test_exponential_load_falls_with_the_basin():
    loads = exponential_load(np.linspace(0, 0.499, 20))
    assert (np.diff(loads) < 0).all()
    assert loads[-1] == pytest.approx(0, abs=1e-5)
