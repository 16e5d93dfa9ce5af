"""The covariance rule with running means against the covariance, and the factor of its means."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import repeat

from canns.dynamics import Clamped, Linear
from canns.plasticity import Covariance, Identity, RunningCovariance, Setup, learn, learn_members


@pytest.mark.parametrize("tau", [2.0, 10.0])
def test_the_expected_change_is_the_covariance_times_the_factor_of_the_means(tau):
    members, samples = 1024, 500
    mixing = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -0.5], [0.3, 0.0, 1.0]])
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(members, 2 * samples, 3)) @ mixing.T + [3.0, -2.0, 1.0]
    inputs = inputs.astype(np.float32)
    rule = RunningCovariance(1 / samples, tau)
    parts = [repeat(part, members) for part in (rule, Clamped(), Identity())]
    rest = repeat(Setup(rule, Clamped()).start(jnp.zeros((3, 3))), members)
    # The slower means have long forgotten that they started at zero.
    settled = learn_members(Setup(*parts), rest, inputs[:, :samples], shared=False)
    after = learn_members(Setup(*parts), settled, inputs[:, samples:], shared=False)
    each = np.asarray(after.weights - settled.weights, np.float64)
    covariance = mixing @ mixing.T
    theory = covariance * 2 * tau / (2 * tau - 1)
    error = each.std(axis=0, ddof=1) / np.sqrt(members)
    assert error.max() < 0.005, "the factor of the slower means, 1.05, would not show"
    assert (np.abs(each.mean(axis=0) - theory) < 4 * error).all()


def test_the_changes_add_up_to_the_sum_over_samples(x64):
    rng = np.random.default_rng(1)
    inputs = rng.normal(2.0, 1.0, size=(300, 4))
    weights = rng.normal(size=(3, 4)) / 10
    rule = RunningCovariance(1e-3, 20.0)
    after = learn(Setup(rule, Linear()), jnp.asarray(weights), inputs)
    mean_x, mean_y = np.zeros(4), np.zeros(3)
    for x in inputs:
        y = weights @ x
        weights = weights + 1e-3 * np.outer(y - mean_y, x - mean_x)
        mean_x, mean_y = mean_x + (x - mean_x) / 20, mean_y + (y - mean_y) / 20
    np.testing.assert_allclose(after.weights, weights, rtol=1e-10, atol=1e-12)
    for found, expected in zip(after.memory, (mean_x, mean_y), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_known_means_make_it_the_covariance_rule(x64):
    inputs = np.random.default_rng(2).normal(0.5, 1.0, size=(30, 4))
    rule, zero = RunningCovariance(0.1, 1e12), jnp.zeros((4, 4))
    learner = Setup(rule, Clamped()).start(zero)._replace(memory=(jnp.full(4, 0.5),) * 2)
    running = learn(Setup(rule, Clamped()), learner, inputs).weights
    known = learn(Setup(Covariance(0.1, 0.5), Clamped()), zero, inputs).weights
    np.testing.assert_allclose(running, known, rtol=0, atol=1e-9)
