"""Hebbian, anti-Hebbian and the storage of patterns, against sums of outer products in float64."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import learn_unchecked

from canns.dynamics import Clamped, Linear
from canns.errors import DivergenceError
from canns.plasticity import AntiHebbian, Hebbian, Setup, Storage, contract, learn, store_patterns

P, N = 60, 30
EPS = float(np.finfo(np.float32).eps)


def patterns(seed=0):
    return np.random.default_rng(seed).normal(size=(P, N)).astype(np.float32)


def outer_sum(x):
    x = x.astype(np.float64)
    return sum(np.outer(row, row) for row in x)


def rounding(x, *added):
    """P roundings of a sum of P products, and a few more of what is added to it."""
    terms = np.abs(x.astype(np.float64))
    return (len(x) + 4) * EPS * (terms.T @ terms + sum(np.abs(a) for a in added))


def test_one_product_is_the_sum_of_the_samples_outer_products():
    x, eta = patterns(), 0.3
    after = learn(Setup(Hebbian(eta), Clamped()), jnp.zeros((N, N)), x)
    error = np.abs(np.asarray(after.weights, np.float64) - eta * outer_sum(x))
    assert (error <= eta * rounding(x)).all()
    np.testing.assert_array_equal(after.activity, (x[-1], x[-1]))


def test_contract_sums_over_a_leading_axis_only():
    post, pre = patterns(1)[:, :3], patterns(2)
    whole = np.asarray(contract(jnp.asarray(post), jnp.asarray(pre)))
    np.testing.assert_allclose(whole, post.astype(float).T @ pre, rtol=0, atol=P * EPS * 10)
    one = np.asarray(contract(jnp.asarray(post[0]), jnp.asarray(pre[0])))
    np.testing.assert_array_equal(one, np.outer(post[0], pre[0]))


@pytest.mark.parametrize(("rule", "factor"), [(Hebbian(0.5), 1.5), (AntiHebbian(0.5), 0.5)])
def test_a_linear_neuron_multiplies_its_weights_by_one_plus_or_minus_eta_each_sample(rule, factor):
    # x = (1, 0): y = w, so w <- (1 +- eta) w, and powers of 1.5 and 0.5 are exact in float32.
    after = learn(Setup(rule, Linear()), jnp.array([[1.0, 7.0]]), np.tile([1.0, 0.0], (10, 1)))
    assert np.asarray(after.weights).tolist() == [[factor**10, 7.0]]


def test_hebbian_growth_is_stopped_at_the_step_that_passes_the_limit():
    # w doubles each step: 2^33 < 1e10 < 2^34, so the 34th sample, of index 33, is the first past.
    inputs = np.ones((50, 1), np.float32)
    with pytest.raises(DivergenceError, match="no stable point") as caught:
        learn(Setup(Hebbian(1.0), Linear()), jnp.ones((1, 1)), inputs)
    assert caught.value.step == 33
    learn(Setup(Hebbian(1.0), Linear()), jnp.ones((1, 1)), inputs[:33])


@pytest.mark.parametrize(("eta", "stable"), [(1.98, True), (2.02, False)])
def test_anti_hebbian_is_stable_below_two_over_the_squared_length(eta, stable):
    # w <- (1 - eta |x|^2) w with |x| = 1: a factor of modulus 0.98 or 1.02.
    setup, inputs = Setup(AntiHebbian(eta), Linear()), np.ones((200, 1), np.float32)
    after = learn_unchecked(setup, jnp.ones((1, 1)), inputs)
    assert float(after.weights[0, 0]) == pytest.approx((1 - eta) ** 200, rel=200 * 2 * EPS)
    assert (abs(float(after.weights[0, 0])) < 0.02) == stable
    bound = AntiHebbian(eta).stability_bound(np.array([[0.0, 1.0], [2.0, 0.0]]))
    assert "= 0.5, and on average below 2/lambda_1 = 1." in bound


@pytest.mark.parametrize("options", list(itertools.product([False, True], repeat=3)))
def test_anti_hebbian_undoes_hebbian_exactly_from_zero(options):
    centred, hollow, normalised = options
    stored = patterns(3)
    settings = {
        "subtract_mean": centred,
        "zero_diagonal": hollow,
        "normalize_by_patterns": normalised,
        "learning_rate": 0.7,
    }
    weights = store_patterns(jnp.zeros((N, N)), stored, Storage(Hebbian, **settings))
    assert float(jnp.abs(weights).max()) > 0.1
    weights = store_patterns(weights, stored, Storage(AntiHebbian, **settings))
    np.testing.assert_array_equal(weights, np.zeros((N, N)))


@pytest.mark.parametrize("rule", [Hebbian, AntiHebbian])
@pytest.mark.parametrize("options", list(itertools.product([False, True], repeat=3)))
@pytest.mark.parametrize("compiled", [True, False])
def test_storage_is_its_formula(rule, options, compiled):
    centred, hollow, normalised = options
    # A mean of 0.3, the same for no two rows or columns, tells one scalar rho from any other mean.
    stored = patterns(4) + np.linspace(0, 0.6, N, dtype=np.float32)
    before = patterns(5)[:N]
    storage = Storage(rule, centred, hollow, normalised, learning_rate=0.9)
    after = store_patterns(jnp.asarray(before), stored, storage, compiled=compiled)

    rho = stored.astype(np.float64).mean() if centred else 0.0
    rate = 0.9 / (P if normalised else 1)
    sign = 1 if rule is Hebbian else -1
    expected = before + sign * rate * outer_sum(stored - np.float64(rho))
    if hollow:
        np.fill_diagonal(expected, 0.0)
        assert (np.diagonal(after) == 0).all()
    bound = rate * rounding(np.abs(stored) + abs(rho)) + 4 * EPS * np.abs(before)
    assert (np.abs(after - expected) <= bound).all()


def test_the_defaults_are_centred_hollow_and_divided_by_the_number_of_patterns():
    assert Storage() == Storage(Hebbian, True, True, True, 1.0)
    stored = patterns(6)
    given, default = (store_patterns(jnp.zeros((N, N)), stored, s) for s in (Storage(), None))
    np.testing.assert_array_equal(given, default)


def test_stored_weights_are_symmetric():
    weights = np.asarray(store_patterns(jnp.zeros((N, N)), patterns(7)))
    assert (np.abs(weights - weights.T) <= rounding(patterns(7)) / P).all()
