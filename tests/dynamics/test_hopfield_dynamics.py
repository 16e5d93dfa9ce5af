"""Field, energy and one step of the Hopfield network against plain NumPy in float64."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import (
    ACTIVATIONS,
    TIES,
    Hopfield,
    activate,
    network_energies,
    recall,
    update_once,
)
from canns.errors import ValidationError

N, BATCH = 6, 3
EPS = float(np.finfo(np.float32).eps)
KEY = jax.random.key(0)
many = settings(max_examples=50)


@st.composite
def networks(draw, whole=True):
    """Weights (not symmetric, to tell W from its transpose), states +-1 and a threshold.

    Sums of whole numbers are exact in float32.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = rng.integers(-3, 4, (N, N)) if whole else rng.normal(size=(N, N))
    states = rng.choice([-1.0, 1.0], (BATCH, N))
    threshold = draw(st.integers(-4, 4)) if whole else draw(st.floats(-2, 2, width=32))
    return weights.astype(np.float32).astype(np.float64), states, float(threshold)


def f32(array):
    return jnp.asarray(array, jnp.float32)


@jax.jit
def stepped(network, weights, states):
    field = network.local_field(weights, states)
    return network.step(weights, network.prepare(weights), states, field, KEY, None)


def step(network, weights, states):
    return np.asarray(stepped(network, f32(weights), f32(states)))


@many
@given(case=networks())
def test_field_and_energy_of_whole_numbers_are_exact(case):
    weights, states, threshold = case
    network = Hopfield(threshold=threshold)
    field = network.local_field(f32(weights), f32(states))
    np.testing.assert_array_equal(field, states @ weights.T)
    expected = [-0.5 * s @ weights @ s + threshold * s.sum() for s in states]
    np.testing.assert_array_equal(network.energy(f32(states), field), expected)
    np.testing.assert_array_equal(network_energies(network, f32(weights), f32(states)), expected)


@many
@given(case=networks(whole=False))
def test_field_and_energy_are_right_to_rounding(case):
    weights, states, threshold = case
    network = Hopfield(threshold=threshold)
    field = network.local_field(f32(weights), f32(states))
    size = np.abs(weights).sum(axis=1)
    assert (np.abs(field - states @ weights.T) <= N * EPS * size).all()
    expected = np.array([-0.5 * s @ weights @ s + threshold * s.sum() for s in states])
    bound = 3 * N * EPS * (size.sum() + N * abs(threshold))
    assert (np.abs(network.energy(f32(states), field) - expected) <= bound).all()


def resolve(drive, states, tie):
    at_tie = states if tie == "keep" else (1.0 if tie == "plus" else -1.0)
    return np.where(drive == 0, at_tie, np.sign(drive))


@pytest.mark.slow
@pytest.mark.parametrize("tie", TIES)
@many
@given(case=networks())
def test_a_synchronous_step_is_the_sign_of_the_drive_with_ties_by_their_rule(tie, case):
    weights, states, threshold = case
    expected = resolve(states @ weights.T - threshold, states, tie)
    network = Hopfield(threshold=threshold, tie=tie)
    np.testing.assert_array_equal(step(network, weights, states), expected)
    once = update_once(network, f32(weights), f32(states[0]), KEY)
    np.testing.assert_array_equal(once, expected[0])


@pytest.mark.parametrize("tie", TIES)
@settings(max_examples=30)
@given(case=networks())
def test_an_asynchronous_sweep_updates_every_neuron_once_in_some_common_order(tie, case):
    size = 4  # so that all 24 orders can be tried
    weights, states, threshold = case[0][:size, :size], case[1][:, :size], case[2]
    found = step(Hopfield(threshold=threshold, tie=tie, asynchronous=True), weights, states)

    def sweep(order):
        swept = states.copy()
        for i in order:
            swept[:, i] = resolve(swept @ weights[i] - threshold, swept[:, i], tie)
        return swept

    assert any((sweep(order) == found).all() for order in itertools.permutations(range(size)))


@pytest.mark.parametrize("tie", TIES)
def test_neurons_without_input_are_tied_for_ever(tie):
    states = [[1.0, -1.0]]
    expected = {"keep": states, "plus": [[1.0, 1.0]], "minus": [[-1.0, -1.0]]}[tie]
    for asynchronous in (False, True):
        network = Hopfield(tie=tie, asynchronous=asynchronous)
        assert step(network, np.zeros((2, 2)), states).tolist() == expected


@pytest.mark.parametrize("temperature", [0.5, 2.0])
@many
@given(case=networks(whole=False))
def test_graded_steps_are_tanh_and_logistic_of_the_drive_over_temperature(temperature, case):
    weights, states, threshold = case
    drive = (states @ weights.T - threshold) / temperature
    # Both slopes are at most 1, so an error of the drive comes through no larger.
    bound = 3 * N * EPS * (1 + np.abs(weights).sum(axis=1) + abs(threshold)) / temperature
    for name, expected in [("tanh", np.tanh(drive)), ("sigmoid", 1 / (1 + np.exp(-drive)))]:
        network = Hopfield(threshold=threshold, temperature=temperature, activation=name)
        assert (np.abs(step(network, weights, states) - expected) <= bound).all()


def test_activations_at_their_landmarks():
    field = jnp.array([-200.0, 0.0, 200.0])
    assert activate("sign", field, 0.1).tolist() == [-1, 0, 1]
    assert activate("tanh", field, 1.0).tolist() == [-1, 0, 1]
    assert activate("sigmoid", field, 1.0).tolist() == pytest.approx([0, 0.5, 1], abs=1e-30)
    assert float(activate("tanh", jnp.float32(1.0), 2.0)) == pytest.approx(np.tanh(0.5), rel=1e-6)
    assert ACTIVATIONS == ("sign", "tanh", "sigmoid")


@pytest.mark.parametrize(("temperature", "theory"), [(0.5, 0.95750), (0.8, 0.71041), (1.25, 0.0)])
def test_graded_recall_of_one_pattern_ends_at_the_mean_field_overlap(temperature, theory):
    # One pattern, no self-coupling, W = (x x' - I)/(N - 1): every field is exactly m x, so the
    # overlap solves m = tanh(m/T) at any N (Amit, Gutfreund, Sompolinsky 1985, alpha = 0).
    pattern = np.random.default_rng(0).choice([-1.0, 1.0], 20)
    weights = (np.outer(pattern, pattern) - np.eye(20)) / 19
    network = Hopfield(temperature=temperature, activation="tanh")
    result = recall(network, f32(weights), f32(pattern[None]), key=KEY, num_iter=400)
    assert result.outcome.tolist() == ["converged"]
    np.testing.assert_allclose(result.states[0] * pattern, theory, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "argument"),
    [
        ({"temperature": 0}, "temperature"),
        ({"temperature": -1.0}, "temperature"),
        ({"threshold": float("nan")}, "threshold"),
        ({"activation": "relu"}, "activation"),
        ({"tie": "zero"}, "tie"),
        ({"stochastic": True, "activation": "tanh"}, "activation"),
    ],
)
def test_invalid_settings_are_refused(settings, argument):
    with pytest.raises(ValidationError, match=argument):
        Hopfield(**settings).validate()


def test_which_dynamics_are_random_settle_and_may_cycle():
    kinds = {
        "synchronous": Hopfield(),
        "asynchronous": Hopfield(asynchronous=True),
        "heat bath": Hopfield(stochastic=True),
    }
    flags = {name: (net.random, net.settles, net.may_cycle) for name, net in kinds.items()}
    assert flags == {
        "synchronous": (False, True, True),
        "asynchronous": (True, True, False),
        "heat bath": (True, False, False),
    }
