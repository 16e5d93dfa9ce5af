"""The BCM rules of 1982 and of Law & Cooper against their fixed points and exact bounds.

With a = 1/tau and K patterns in turn, the mean of f(y) at the moment of the one pattern that is
answered to is g f(y), g = a (1 - a)^(K - 1)/(1 - (1 - a)^K), which tends to 1/K for slow averages.
"""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import LinearMembers, learn_unchecked

from canns.dynamics import Linear
from canns.errors import DivergenceError
from canns.plasticity import BCM, LawCooperBCM, PowerBCM, Setup, learn

OBLIQUE = np.eye(3) * 0.7 + 0.2
K = len(OBLIQUE)


def share(k, tau):
    a = 1 / tau
    return a * (1 - a) ** (k - 1) / (1 - (1 - a) ** k)


def kept(tau):
    return (1 - 1 / tau) ** (1 - K)


def after(rule, wanted, inputs, average=None):
    """The answers to the patterns and the average, from weights that answer ``wanted``."""
    weights = jnp.asarray(np.linalg.solve(OBLIQUE, wanted)[None])
    rest = Setup(rule, Linear()).start(weights)
    if average is not None:
        rest = rest._replace(memory=(jnp.array([average]),))
    learner = learn(Setup(rule, Linear()), rest, inputs)
    return OBLIQUE @ np.asarray(learner.weights[0]), float(learner.memory[0][0])


IN_TURN = np.tile(OBLIQUE, (15_000, 1))


@pytest.mark.parametrize("tau", [20.0, 50.0])
def test_the_power_threshold_ends_at_the_exact_answer_to_one_pattern(tau, x64):
    for power, scale in ((1.0, 0.5), (2.0, 0.8), (0.7, 0.5)):
        rule = PowerBCM(0.15 / tau, tau, power, scale)
        y, mean = after(rule, [0.5, 0.5, 0.7], IN_TURN)
        answer = scale * share(K, tau) ** -(1 + 1 / power)
        np.testing.assert_allclose(y, [0, 0, answer], rtol=1e-8, atol=1e-8)
        # After the last sample, the pattern answered to; of before it, (1 - a)^(K - 1) of this.
        assert mean == pytest.approx(share(K, tau) * answer * kept(tau), rel=1e-8)


@pytest.mark.parametrize("tau", [20.0, 50.0])
def test_law_and_coopers_rule_ends_where_intrators_does(tau, x64):
    y, theta = after(LawCooperBCM(0.3 / tau, tau), [0.5, 0.5, 0.7], IN_TURN)
    answer = 1 / share(K, tau)
    np.testing.assert_allclose(y, [0, 0, answer], rtol=1e-8, atol=1e-8)
    assert theta == pytest.approx(answer * kept(tau), rel=1e-8)


def test_the_answers_for_slow_averages():
    # Two patterns and tau = 50: the figure of BCM; slow averages make it K, and y0 K^(1 + 1/p).
    assert 1 / share(2, 50) == pytest.approx(2.02041, abs=5e-6)
    assert share(3, 1e7) == pytest.approx(1 / 3, rel=1e-6)


@pytest.mark.parametrize(
    ("rule", "answer", "average"),
    [
        # On two of three patterns: y = theta = 3/2, and y = y0 (3/2)^(1 + 1/p), of mean 2 y/3.
        (LawCooperBCM(1e-3, 100.0), 1.5, 1.5),
        (PowerBCM(1e-3, 100.0, 1.0, 0.5), 0.5 * 1.5**2, 0.75),
        (PowerBCM(1e-3, 100.0, 2.0, 1.0), 1.5**1.5, 1.5**0.5),
    ],
    ids=["law-cooper", "power1", "power2"],
)
def test_answering_to_two_of_three_patterns_is_a_point_that_is_left(rule, answer, average, x64):
    wanted = np.array([answer, 1.03 * answer, 0.0])
    soon, _ = after(rule, wanted, IN_TURN[:90], average)
    np.testing.assert_allclose(soon, wanted, atol=0.02)
    late, _ = after(rule, wanted, np.tile(IN_TURN, (3, 1)), average)
    assert late[1] > 1.2 * answer
    np.testing.assert_allclose(late[[0, 2]], 0, atol=1e-6)


def test_random_presentation_ends_where_the_mean_threshold_is_the_answer():
    # The mean of before a step does not know its pattern: y = E theta = E[mean^2]/y0 for p = 1,
    # with the variance y^2 (1/K)(1 - 1/K) a/(2 - a) of a running mean.
    members, tau, eta = 128, 20.0, 5e-4
    a = 1 / tau
    scale = 0.4
    answer = scale * K**2 / (1 + (K - 1) * a / (2 - a))
    weights = jnp.asarray(np.linalg.solve(OBLIQUE, [3.0, 0.5, 0.5])[None], jnp.float32)
    neurons = LinearMembers(PowerBCM(eta, tau, 1.0, scale), weights, members)
    order = np.random.default_rng(0).integers(K, size=(members, 30_000))
    learner = neurons.learn(OBLIQUE.astype(np.float32)[order])
    y = np.asarray(learner.weights[:, 0], np.float64) @ OBLIQUE.T
    error = y.std(axis=0, ddof=1) / np.sqrt(members)
    slowness = eta * tau * answer * (OBLIQUE**2).sum(axis=1).max()
    assert error[0] < answer * slowness / 4
    assert abs(y[:, 0].mean() - answer) < answer * slowness + 4 * error[0]
    assert np.abs(y[:, 1:]).max() < answer / 10
    assert abs(answer - scale * K**2) > 4 * error[0], "the correction in tau would not show"


def linear_map(rate, tau, power):
    """The step of (y/y0 - 1, average - 1) for one pattern, rate = eta y0 |x|^2."""
    return np.array([[1 + rate, -rate * (power + 1)], [1 / tau, 1 - 1 / tau]])


@pytest.mark.parametrize("part", [0.98, 1.02])
def test_one_pattern_is_stable_exactly_below_the_stated_bounds(part, x64):
    tau, length, scale = 10.0, 1.5, 0.6
    for power in (1.0, 3.0):
        rate = part / (tau + power)
        rule = PowerBCM(rate / (scale * length**2), tau, power, scale)
        step = linear_map(rate, tau, power)
        grown(rule, step, scale, length, part, scale)
    rate = part / (tau + 1)
    # The threshold is a mean of y^2, of twice the slope of one of y.
    step = np.array([[1 + rate, -rate], [2 / tau, 1 - 1 / tau]])
    grown(LawCooperBCM(rate / length**2, tau), step, 1.0, length, part, 1.0)


def grown(rule, step, answer, length, part, average):
    """Check that a small deviation follows the linear map, and shrinks exactly below the bound."""
    # det is the squared modulus of the pair of eigenvalues, and 1 at the bound.
    modulus = np.sqrt(np.linalg.det(step))
    assert (modulus > 1) == (part > 1)
    steps = int(np.log(100) / abs(np.log(modulus)))
    rest = Setup(rule, Linear()).start(jnp.array([[answer * (1 + 1e-7) / length]]))
    learner = rest._replace(memory=(jnp.array([average]),))
    end = learn_unchecked(Setup(rule, Linear()), learner, np.full((steps, 1), length))
    ends = float(end.weights[0, 0]) * length / answer, float(end.memory[0][0]) / average
    found = np.array(ends) - 1
    predicted = np.linalg.matrix_power(step, steps) @ [1e-7, 0]
    np.testing.assert_allclose(found, predicted, rtol=0, atol=0.01 * np.linalg.norm(predicted))
    # 100 times smaller or larger, up to the excentricity of the ellipse that it turns on.
    change = np.linalg.norm(found) / 1e-7
    assert (change > 10) if part > 1 else (change < 0.1)


def test_large_answers_move_the_weights_by_less():
    # y = 30 with its threshold at y^2: the cubic rule diverges, this one's step is eta y (1 - y).
    inputs, first = np.ones((3000, 1), np.float32), jnp.array([[30.0]])

    def run(rule):
        rest = Setup(rule, Linear()).start(first)._replace(memory=(jnp.array([900.0]),))
        return learn(Setup(rule, Linear()), rest, inputs).weights[0, 0]

    assert float(run(LawCooperBCM(0.02, 10.0))) == pytest.approx(1, abs=1e-5)
    with pytest.raises(DivergenceError):
        run(BCM(0.02, 10.0))


def test_a_silent_neuron_learns_nothing_and_then_learns():
    rule = LawCooperBCM(0.1, 1.0)  # a threshold that is zero after one silent step
    inputs = np.array([[0.0], [1.0]], np.float32)
    after_one = learn(Setup(rule, Linear()), jnp.array([[0.5]]), inputs)
    assert (float(after_one.weights[0, 0]), float(after_one.memory[0][0])) == (0.5, 0.25)


def test_the_size_of_a_negative_mean_counts():
    rule = PowerBCM(0.5, 4.0, 1.0)
    positive, negative = (
        rule.step((jnp.array([mean]),), None, Linear().step(None, jnp.ones((1, 1)), jnp.ones(1))[1])
        for mean in (2.0, -2.0)
    )
    assert float(positive[1][0, 0]) == float(negative[1][0, 0]) == -1.5


def test_the_bounds_in_the_messages():
    inputs = np.array([[3.0, 0.0], [0.0, 1.0]])
    # Of the longest pattern, |x|^2 = 9.
    assert "(threshold_tau + 1) max|x|^2) = 0.0111;" in LawCooperBCM(1.0, 9.0).stability_bound(
        inputs
    )
    assert "(response_tau + power) response_scale max|x|^2) = 0.0202;" in PowerBCM(
        1.0, 9.0, 2.0, 0.5
    ).stability_bound(inputs)
