"""BCM against its exact fixed points, their selectivity and the exact bound of their stability."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import LinearMembers, learn_unchecked

from canns.dynamics import Linear
from canns.errors import DivergenceError
from canns.plasticity import BCM, Learner, Setup, learn

# Patterns that the neuron meets in turn. Its answer y to pattern k is w_k for the unit vectors;
# the oblique ones are linearly independent but far from orthogonal.
ORTHOGONAL = {k: np.eye(k) for k in (2, 3, 4)}
OBLIQUE = {2: np.array([[1.0, 0.0], [0.6, 0.8]]), 3: np.eye(3) * 0.7 + 0.2}


def answers(patterns, learner):
    return np.asarray(patterns @ np.asarray(learner.weights[0], np.float64))


def weights_that_answer(patterns, wanted):
    return jnp.asarray(np.linalg.solve(patterns, wanted)[None])


def present_in_turn(patterns, eta, tau, cycles, wanted):
    weights = weights_that_answer(patterns, wanted)
    return learn(Setup(BCM(eta, tau), Linear()), weights, np.tile(patterns, (cycles, 1)))


def cyclic_answer(k, tau):
    """The answer y* = theta to the preferred pattern, at the moment when it is shown."""
    a = 1 / tau
    return (1 - (1 - a) ** k) / (a * (1 - a) ** (k - 1))


@pytest.mark.parametrize("tau", [20.0, 50.0])
@pytest.mark.parametrize(
    "patterns",
    [*ORTHOGONAL.values(), *OBLIQUE.values()],
    ids=["orthogonal2", "orthogonal3", "orthogonal4", "oblique2", "oblique3"],
)
def test_cyclic_presentation_ends_at_the_exact_answer_to_one_pattern(patterns, tau, x64):
    k = len(patterns)
    # A slight preference for the last pattern decides for it.
    wanted = np.full(k, 0.5)
    wanted[-1] = 0.7
    learner = present_in_turn(patterns, 0.1 / tau, tau, 40_000 // k, wanted)
    y = answers(patterns, learner)
    np.testing.assert_allclose(y[:-1], 0, atol=1e-8)
    assert y[-1] == pytest.approx(cyclic_answer(k, tau), rel=1e-8)


def test_the_table_of_the_cyclic_answer():
    assert cyclic_answer(2, 50) == pytest.approx(2.02041, abs=5e-6)
    for k in (1, 2, 5):  # a slow threshold averages y^2 over the cycle: theta = y^2/K = y
        assert cyclic_answer(k, 1e7) == pytest.approx(k, rel=1e-5)


@pytest.mark.parametrize("patterns", [ORTHOGONAL[3], OBLIQUE[3]], ids=["orthogonal", "oblique"])
def test_answering_to_two_of_three_patterns_is_a_point_that_is_left(patterns, x64):
    # On a subset S of the patterns y = theta = 1/P(S): here 3/2, and 3 on one pattern alone.
    wanted = np.array([1.5, 1.55, 0.0])
    rule, weights = BCM(1e-3, 100.0), weights_that_answer(patterns, wanted)
    rest = Setup(rule, Linear()).start(weights)._replace(memory=(jnp.array([1.5]),))
    soon, late = (
        answers(patterns, learn(Setup(rule, Linear()), rest, np.tile(patterns, (cycles, 1))))
        for cycles in (30, 40_000)
    )
    np.testing.assert_allclose(soon, wanted, atol=0.01)
    np.testing.assert_allclose(late, [0, cyclic_answer(3, 100), 0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("patterns", [ORTHOGONAL[3], OBLIQUE[3]], ids=["orthogonal", "oblique"])
def test_random_equiprobable_presentation_ends_at_the_number_of_patterns(patterns):
    # The threshold of before a step does not know the pattern of that step, so in the limit of
    # slow weights E[y (y - theta)] = 0 gives y = E theta = y^2 / K: K without a correction in tau.
    members, tau, k, eta = 128, 20.0, 3, 1e-3
    weights = weights_that_answer(patterns, [1.0, 0.3, 0.3]).astype(np.float32)
    neurons = LinearMembers(BCM(eta, tau), weights, members)
    rng = np.random.default_rng(0)
    order = rng.integers(k, size=(members, 30_000))
    learner = neurons.learn(patterns.astype(np.float32)[order])
    y = np.asarray(learner.weights[:, 0], np.float64) @ patterns.T
    error = y.std(axis=0, ddof=1) / np.sqrt(members)
    # First order in eta tau |x|^2, the ratio of the two speeds.
    slowness = eta * tau * (patterns**2).sum(axis=1).max()
    assert error[0] < k * slowness / 4
    assert abs(y[:, 0].mean() - k) < k * slowness + 4 * error[0]
    assert (np.abs(y[:, 1:].mean(axis=0)) < 4 * error[1:] + 1e-6).all()
    assert np.abs(y[:, 1:]).max() < k / 10


def linear_map(eta, tau):
    """The step of (y - 1, theta - 1) for one unit pattern, near the fixed point y = theta = 1."""
    return np.array([[1 + eta, -eta], [2 / tau, 1 - 1 / tau]])


@pytest.mark.parametrize("length", [1.0, 3.0])
@pytest.mark.parametrize("tau", [4.0, 25.0])
@pytest.mark.parametrize("share", [0.98, 1.02])
def test_one_pattern_is_stable_exactly_below_one_over_tau_plus_one(share, tau, length, x64):
    eta = share / (tau + 1)  # eta |x|^2
    steps = int(np.log(100) / abs(np.log(np.linalg.det(linear_map(eta, tau))) / 2))
    rule = BCM(eta / length**2, tau)
    rest = Setup(rule, Linear()).start(jnp.array([[(1 + 1e-7) / length]]))
    learner: Learner = rest._replace(memory=(jnp.array([1.0]),))
    after = learn_unchecked(Setup(rule, Linear()), learner, np.full((steps, 1), length))
    found = np.array([float(after.weights[0, 0]) * length - 1, float(after.memory[0][0]) - 1])
    # det J = 1 - a + eta (1 + a) is the squared modulus of the pair, and 1 at the bound.
    predicted = np.linalg.matrix_power(linear_map(eta, tau), steps) @ [1e-7, 0]
    np.testing.assert_allclose(found, predicted, rtol=0, atol=0.01 * np.linalg.norm(predicted))
    # 100 times smaller or larger, up to the excentricity of the ellipse that it turns on.
    grown = np.linalg.norm(found) / 1e-7
    assert (grown > 10) if share > 1 else (grown < 0.1)


def test_divergence_names_the_bound_for_the_longest_pattern():
    patterns = np.array([[3.0, 0.0], [0.0, 1.0]], np.float32)
    setup, weights = Setup(BCM(1.0, 9.0), Linear()), jnp.ones((1, 2))
    inputs = np.tile(patterns, (20, 1))
    with pytest.raises(DivergenceError, match=r"max\|x\|\^2\) = 0\.0111") as caught:
        learn_unchecked(setup, weights, inputs)
    learn_unchecked(setup, weights, inputs[: caught.value.step])


def test_weights_of_numpy_are_learnt_in_the_type_of_jax():
    # Rules make their memory in the type of the weights; JAX warns if asked for float64.
    after = learn(Setup(BCM(0.001), Linear()), np.full((1, 2), 0.5), np.eye(2))
    assert after.weights.dtype == after.memory[0].dtype == np.float32
