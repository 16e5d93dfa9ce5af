"""Storkey's rule against its definition by triple loop, and the share of stable patterns."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import random_patterns, stable_share, store

from canns.dynamics import Clamped
from canns.plasticity import Hebbian, Identity, Setup, Storkey, learn


def by_definition(weights, patterns, order, rate=1.0):
    n = len(weights)
    for xi in patterns:
        h = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                h[i, j] = sum(weights[i, k] * xi[k] for k in range(n) if k not in (i, j))
        delta = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                delta[i, j] = xi[i] * xi[j] - xi[i] * h[j, i] - h[i, j] * xi[j]
                delta[i, j] += h[i, j] * h[j, i] if order == 2 else 0
        weights = weights + rate / n * delta
    return weights


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("rate", [1.0, 0.3])
def test_the_rule_is_its_definition(order, rate, x64):
    rng = np.random.default_rng(0)
    # Any weights, with self-couplings and asymmetric; any patterns.
    before, patterns = rng.normal(size=(7, 7)), rng.normal(size=(4, 7))
    found = store(Storkey(rate, order), patterns, weights=before, project=Identity())
    np.testing.assert_allclose(found, by_definition(before, patterns, order, rate), rtol=1e-10)


@pytest.mark.parametrize("order", [1, 2])
def test_the_first_pattern_is_stored_as_by_hebb(order):
    patterns = random_patterns(1, 16)
    np.testing.assert_array_equal(
        store(Storkey(order=order), patterns), store(Hebbian(1 / 16), patterns)
    )


@pytest.mark.parametrize("order", [1, 2])
def test_symmetric_weights_stay_exactly_symmetric(order):
    weights = store(Storkey(order=order), random_patterns(30, 50))
    np.testing.assert_array_equal(weights, weights.T)


@pytest.mark.parametrize("size", [8, 32])
def test_the_first_order_takes_a_pattern_away_that_it_is_shown_twice(size):
    # With h_ij = xi_i (N-2)/N the second showing adds 1 - 2 (N-2)/N, or its square, over N.
    patterns = np.repeat(random_patterns(1, size), 2, axis=0)
    outer = np.outer(patterns[0], patterns[0]) - np.eye(size)
    first, second = (store(Storkey(order=order), patterns) for order in (1, 2))
    np.testing.assert_allclose(first, 4 / size**2 * outer, rtol=0, atol=1e-7)
    np.testing.assert_allclose(second, (1 + 4 / size**2) / size * outer, rtol=0, atol=1e-7)


@pytest.fixture(scope="module")
def shares():
    """Share of exactly stable patterns by rule and load, at N = 500, over three networks."""
    rules = {"first": Storkey(), "second": Storkey(order=2), "hebb": Hebbian(1 / 500)}

    def share(rule, load, seed):
        patterns = random_patterns(round(500 * load), 500, seed)
        return stable_share(store(rule, patterns), patterns)

    loads = {"first": (0.2, 0.3, 0.4), "second": (0.4,), "hebb": (0.1, 0.2)}
    return {
        (name, load): [share(rules[name], load, seed) for seed in range(3)]
        for name, of_rule in loads.items()
        for load in of_rule
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "load", "published"),
    [("first", 0.2, 1.0), ("first", 0.3, 0.98), ("first", 0.4, 0.755), ("hebb", 0.1, 0.74)],
)
def test_the_share_of_stable_patterns(shares, name, load, published):
    found = shares[name, load]
    # Networks differ by more than the patterns of one do; both errors of three networks.
    num = 3 * 500 * load
    error = np.sqrt(published * (1 - published) / num) + np.std(found, ddof=1) / np.sqrt(3)
    assert abs(np.mean(found) - published) <= 4 * error + 0.005


def test_the_capacity_is_larger_than_hebbs_and_that_of_the_second_order_larger_still(shares):
    assert np.mean(shares["hebb", 0.2]) < 0.05
    assert np.mean(shares["second", 0.4]) > 0.95 > np.mean(shares["first", 0.4])


def test_the_bound_of_a_pattern_shown_again_is_where_its_weight_stops_growing():
    # Shown for ever, the weight c of a pattern moves by eta (1 - 2 c (N-2) |x|^2/N^2): a factor of
    # 1 - 2 eta |x|^2 (N-2)/N^2, of modulus one at eta = N/|x|^2 N/(N-2).
    size = 400
    patterns = random_patterns(1, size)
    assert "= 1." in Storkey().stability_bound(patterns)
    for rate, stable in ((0.9, True), (1.1, False)):
        after = learn(
            Setup(Storkey(rate), Clamped()),
            jnp.zeros((size, size)),
            np.repeat(patterns, 80, axis=0),
        )
        assert (float(jnp.abs(after.weights).max()) < 2 / size) == stable
