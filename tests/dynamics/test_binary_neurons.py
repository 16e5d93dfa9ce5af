"""Neurons of states 0 and 1: their response, their energy, and the Gibbs distribution."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import TIES, McCullochPitts, recall, trajectory
from canns.errors import ValidationError

KEY = jax.random.key(0)
N, BATCH = 6, 5
EPS = float(np.finfo(np.float32).eps)


def f32(array):
    return jnp.asarray(array, jnp.float32)


@st.composite
def cases(draw):
    seed = draw(st.integers(0, 2**31 - 1))
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(N, N)) * 10.0 ** draw(st.integers(-2, 2))
    if draw(st.booleans()):
        half = np.rint(half)
    weights = half + half.T
    np.fill_diagonal(weights, 0.0)
    threshold = draw(st.integers(-3, 3)) / 2
    return weights, rng.choice([0.0, 1.0], (BATCH, N)), threshold, seed


@pytest.mark.parametrize("tie", TIES)
@settings(max_examples=30)
@given(case=cases())
def test_a_synchronous_step_is_the_step_of_the_drive(tie, case):
    weights, states, threshold, _ = case
    weights = np.triu(np.rint(weights))  # not symmetric, to tell W from its transpose
    drive = states @ weights.T - threshold
    at_tie = {"keep": states, "plus": 1.0, "minus": 0.0}[tie]
    expected = np.where(drive == 0, at_tie, drive > 0)
    network = McCullochPitts(threshold, tie=tie)
    path = trajectory(network, f32(weights), f32(states), key=KEY, num_iter=1)
    np.testing.assert_array_equal(path[1], expected)


@pytest.mark.parametrize("tie", TIES)
@settings(max_examples=25)
@given(case=cases())
def test_asynchronous_updates_never_raise_the_energy(tie, case):
    weights, states, threshold, seed = case
    network = McCullochPitts(threshold, asynchronous=True, tie=tie)
    key = jax.random.key(seed)
    result = recall(network, f32(weights), f32(states), key=key, num_iter=40)
    rounding = 2 * N * EPS * (np.abs(weights).sum() + N * abs(threshold))
    assert (np.diff(result.energies, axis=1) <= rounding).all()
    assert set(result.outcome) == {"converged"}
    ends = np.asarray(result.states, float)
    assert set(np.unique(ends)) <= {0.0, 1.0}
    expected = -0.5 * np.einsum("bi,ij,bj->b", ends, weights, ends) + threshold * ends.sum(axis=1)
    np.testing.assert_allclose(result.energies[:, -1], expected, rtol=0, atol=rounding + 1e-12)
    # At rest no flip lowers it.
    gain = (1 - 2 * ends) * (ends @ weights - threshold)
    assert (gain <= rounding).all()


def test_the_heat_bath_draws_states_by_their_gibbs_weight():
    # Three neurons, 8 states: the share of visits against exp(-E/T)/Z.
    weights = np.array([[0.0, 1.5, -1.0], [1.5, 0.0, 0.5], [-1.0, 0.5, 0.0]])
    threshold, temperature, chains, sweeps = 0.25, 0.8, 4000, 30
    network = McCullochPitts(threshold, temperature, asynchronous=True, stochastic=True)
    cues = f32(np.zeros((chains, 3)))
    ends = recall(network, f32(weights), cues, key=KEY, num_iter=sweeps).states
    states = np.array([*itertools.product((0.0, 1.0), repeat=3)])
    energy = -0.5 * np.einsum("bi,ij,bj->b", states, weights, states) + threshold * states.sum(1)
    expected = np.exp(-energy / temperature)
    expected /= expected.sum()
    codes = np.asarray(ends).astype(int) @ [4, 2, 1]
    share = np.bincount(codes, minlength=8) / chains
    # Chains are independent, so the counts are binomial.
    error = np.sqrt(expected * (1 - expected) / chains)
    assert (np.abs(share - expected) < 4 * error).all()
    assert np.ptp(expected) > 0.15


def test_graded_neurons_are_the_logistic_function():
    weights, states = np.array([[0.0, 2.0], [1.0, 0.0]]), np.array([[1.0, 0.5]])
    network = McCullochPitts(0.25, 0.5, activation="sigmoid")
    path = trajectory(network, f32(weights), f32(states), key=KEY, num_iter=1)
    expected = 1 / (1 + np.exp(-(states @ weights.T - 0.25) / 0.5))
    np.testing.assert_allclose(path[1], expected, rtol=1e-6)


def test_neurons_of_plus_and_minus_one_are_refused():
    with pytest.raises(ValidationError, match="activation must be one of 'sign', 'sigmoid'"):
        McCullochPitts(activation="tanh").validate()
