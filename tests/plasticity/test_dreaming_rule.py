"""The dreaming kernel against its formula, both limits, its equation in time, and recall."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import overlaps, random_patterns, store

from canns.dynamics import Successive
from canns.errors import DivergenceError
from canns.plasticity import Dreaming, Hebbian, Identity, PseudoInverse, Setup, learn

N = 30


def dream(time, patterns, weights=None):
    return store(Dreaming(time), patterns, weights=weights, project=Identity())


def formula(time, pre, post):
    correlation = pre @ pre.T / pre.shape[1]
    kernel = (1 + time) * np.linalg.inv(np.eye(len(pre)) + time * correlation)
    return post.T @ kernel @ pre / pre.shape[1]


@pytest.mark.parametrize("num_patterns", [1, 12, 30, 45])
@pytest.mark.parametrize("time", [0.0, 0.7, 20.0])
def test_the_weights_are_the_formula(time, num_patterns, x64):
    x = np.random.default_rng(0).normal(size=(num_patterns, N))
    np.testing.assert_allclose(dream(time, x), formula(time, x, x), rtol=0, atol=1e-11)
    after = learn(Setup(Dreaming(time), Successive()), jnp.zeros((N, N)), x).weights
    before = np.concatenate([np.zeros((1, N)), x[:-1]])
    np.testing.assert_allclose(after, formula(time, before, x), rtol=0, atol=1e-11)


def test_without_dreams_it_is_hebbs_rule():
    x = random_patterns(12, N)
    hebb = store(Hebbian(1 / N), x, project=Identity())
    np.testing.assert_allclose(dream(0.0, x), hebb, rtol=0, atol=1e-6)


def test_after_long_dreams_it_is_the_projector(x64):
    x = random_patterns(12, N)
    expected = store(PseudoInverse(), x, project=Identity())
    # Eigenvalues c (1 + t)/(1 + t c) = 1 + (c - 1)/(c t).
    least = np.linalg.eigvalsh(x @ x.T / N)[0]
    for time in (1e4, 1e8):
        error = np.linalg.norm(dream(time, x) - expected, 2)
        assert error < 1.01 * max(1, 1 / least - 1) / time


@pytest.mark.parametrize("time", [0.5, 5.0])
def test_in_time_the_weights_obey_the_equation_of_reinforcement_and_removal(time, x64):
    # dW/dt = (W - W^2)/(1 + t): W is reinforced, and W^2, what it makes of itself, removed.
    x, step = random_patterns(12, N), 1e-4
    w = dream(time, x)
    rate = (dream(time + step, x) - dream(time - step, x)) / (2 * step)
    np.testing.assert_allclose(rate, (w - w @ w) / (1 + time), rtol=0, atol=1e-7)


def test_what_was_stored_before_is_replaced():
    x = random_patterns(5, N)
    before = store(Hebbian(1.0), random_patterns(5, N, seed=1))
    np.testing.assert_allclose(dream(2.0, x, before), dream(2.0, x), rtol=0, atol=1e-6)


def test_a_network_loaded_far_beyond_hebbs_capacity_recalls():
    # N = 500, 60 % load, 5 % flips, t = 10: all exact. Hebb: none.
    patterns = random_patterns(300, 500)
    found = {
        time: overlaps(store(Dreaming(time), patterns), patterns, 0.05) for time in (0.0, 10.0)
    }
    assert (found[10.0] == 1).all()
    assert (found[0.0] < 0.9).all()


def test_dependent_patterns_bound_the_time():
    x = np.repeat(random_patterns(3, N), 2, axis=0)
    expected = store(PseudoInverse(), x, project=Identity())
    np.testing.assert_allclose(dream(1000.0, x), expected, rtol=0, atol=5e-3)
    with pytest.raises(DivergenceError, match="shorter dream_time"):
        dream(1e12, x)
