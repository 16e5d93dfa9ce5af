"""Synaptic scaling: its fixed point, the ratios that it keeps, and the exact bound of stability."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import learn_unchecked

from canns.dynamics import Linear
from canns.plasticity import Oja, Setup, Sum, SynapticScaling, learn

TARGET = 2.0


def test_mean_answers_reach_the_target_and_ratios_stay(x64):
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.1, 2, (4, 5))
    inputs = np.tile(rng.uniform(0, 1, (10, 5)), (2000, 1))
    rule = SynapticScaling(1e-3, TARGET, 100.0)
    after = learn(Setup(rule, Linear()), jnp.asarray(weights), inputs)
    found = np.asarray(after.weights)
    # The inputs repeat, so the running mean is a periodic weighting of the ten of them.
    a, last = 1 / 100, np.arange(10)[::-1]
    share = a * (1 - a) ** last / (1 - (1 - a) ** 10)
    answers = found @ inputs[:10].T
    assert np.abs(found - weights).max() > 0.1
    np.testing.assert_allclose(after.memory[0], answers @ share, rtol=1e-2)
    # As the weights move during a cycle, its mean is at the target up to eta times the spread.
    np.testing.assert_allclose(answers.mean(axis=1), TARGET, rtol=1e-3)
    ratios = found / weights
    np.testing.assert_allclose(ratios, ratios[:, :1] * np.ones(5), rtol=1e-11)


def linear_map(rate, tau):
    """The step of (y/r* - 1, mean/r* - 1) for one sample; rate is eta r*."""
    a = 1 / tau
    return np.array([[1 - rate * a, -rate * (1 - a)], [a, 1 - a]])


@pytest.mark.parametrize("tau", [1.0, 3.0])
@pytest.mark.parametrize("part", [0.98, 1.02])
def test_one_sample_is_stable_exactly_below_four_tau_minus_two(part, tau, x64):
    rate = part * (4 * tau - 2)
    rule = SynapticScaling(rate / TARGET, TARGET, tau)
    step = linear_map(rate, tau)
    largest = np.abs(np.linalg.eigvals(step)).max()
    assert (largest > 1) == (part > 1)
    steps = int(np.log(100) / abs(np.log(largest)))
    learner = Setup(rule, Linear()).start(jnp.array([[TARGET * (1 + 1e-8)]]))
    end = learn_unchecked(Setup(rule, Linear()), learner, np.ones((steps, 1)))
    found = np.array([float(end.weights[0, 0]), float(end.memory[0][0])]) / TARGET - 1
    predicted = np.linalg.matrix_power(step, steps) @ [1e-8, 0]
    np.testing.assert_allclose(found, predicted, rtol=0, atol=0.01 * np.linalg.norm(predicted))


# A single sample that repeats is its own mean.
@pytest.mark.filterwarnings("ignore:The samples are not centred:canns.errors.CannsWarning")
def test_beside_oja_it_sets_the_length_and_oja_the_direction(x64):
    # Oja alone: w = e1, and a mean answer of m.e1. The sum: w along e1, where
    # eta (lambda - y^2 ...) and the scaling balance, for one repeated sample of length 1:
    # eta (y - y^3) + eps (r* - y) y = 0.
    rule = Sum((Oja(0.05), SynapticScaling(0.02, TARGET, 5.0)))
    x = np.array([[0.6, 0.8]])
    after = learn(Setup(rule, Linear()), jnp.array([[0.5, 0.1]]), np.tile(x, (4000, 1)))
    y = np.roots([-0.05, -0.02, 0.05 + 0.02 * TARGET]).max()
    np.testing.assert_allclose(after.weights, y * x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(after.memory[0], y, rtol=1e-9)


def test_the_mean_starts_at_the_target_and_the_bound_is_in_numbers():
    rule = SynapticScaling(0.1, 4.0, 50.0)
    assert rule.init(jnp.zeros((2, 3)))[0].tolist() == [4, 4]
    assert "(4 rate_tau - 2)/target_rate = 49.5;" in rule.stability_bound(np.ones((1, 1)))
