"""The graded network in continuous time: its flow and its fixed points.

Hopfield (1984), PNAS 81:3088.
"""

import itertools
import math

import jax.numpy as jnp
import numpy as np
import pytest
from continuous_helpers import (
    BATCH,
    EPS,
    KEY,
    N,
    activities,
    cases,
    drift,
    many,
    symmetric,
    with_dt,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from canns.dynamics import GRADED, ContinuousHopfield, network_energies, recall, trajectory
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")


def reference(network, weights, u, time):
    solved = solve_ivp(
        lambda _, u: drift(network, weights)(u), (0, time), u, rtol=1e-11, atol=1e-12
    )
    assert solved.success
    return solved.y[:, -1]


@pytest.mark.parametrize("activation", GRADED)
@pytest.mark.parametrize("seed", range(3))
def test_the_error_of_a_path_is_of_first_order_in_dt(activation, seed):
    rng = np.random.default_rng(seed)
    weights, u = rng.normal(size=(N, N)), rng.normal(size=N)  # the flow needs no symmetry
    network = ContinuousHopfield(1.7, 1.5, current=rng.normal(size=N), activation=activation)
    exact, errors = reference(network, weights, u, 3.0), []
    for steps in (200, 400, 800):
        part = with_dt(network, 3.0 / steps)
        end = recall(part, weights, jnp.asarray(u)[None], key=KEY, num_iter=steps).states[0]
        errors.append(np.abs(end - exact).max())
    assert errors[0] < 0.02
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert np.abs(orders - 1).max() < 0.05


@pytest.mark.parametrize("dt", [0.01, 0.5, 30.0])
def test_uncoupled_neurons_approach_their_current_exactly(dt):
    network = ContinuousHopfield(tau=2.0, dt=dt, current=np.array([0.3, -1.0]))
    u = np.array([1.0, 5.0])
    found = recall(network, jnp.zeros((2, 2)), jnp.asarray(u)[None], key=KEY, num_iter=3).states
    decay = math.exp(-3 * dt / 2.0)
    np.testing.assert_allclose(found[0], u * decay + network.current * (1 - decay), rtol=1e-14)


@many
@given(case=cases(), dt=st.floats(1e-3, 1e3))
def test_potentials_stay_bounded_at_any_dt(case, dt):
    weights, potentials, network = case
    drive = np.abs(weights).sum(axis=1) + np.abs(network.current)
    bound = np.maximum(np.abs(potentials), drive) * (1 + 1e-12)
    path = trajectory(
        with_dt(network, dt), jnp.asarray(weights), jnp.asarray(potentials), key=KEY, num_iter=30
    )
    assert (np.abs(path) <= bound).all()


@settings(many, max_examples=30)
@given(case=cases())
def test_recall_ends_where_activities_answer_themselves(case):
    weights, potentials, network = case
    share = 0.5
    dt = min(-math.log1p(-share) * network.tau, network.largest_dt(weights))
    share = -math.expm1(-dt / network.tau)
    cues = jnp.asarray(potentials)
    result = recall(with_dt(network, dt), jnp.asarray(weights), cues, key=KEY, num_iter=20_000)
    assert (result.outcome != "cycle").all()
    for u, outcome in zip(np.asarray(result.states), result.outcome, strict=True):
        if outcome == "converged":  # at a critical point it takes for ever
            answer = weights @ activities(network, u) + network.current
            tolerance = 6 * EPS * max(1, np.abs(u).max()) / share
            assert np.abs(answer - u).max() <= tolerance + 20 * EPS * np.abs(weights).sum()
    assert (result.outcome == "converged").any()


@pytest.mark.parametrize("seed", range(4))
def test_the_end_does_not_depend_on_dt_and_is_that_of_the_flow(seed):
    rng = np.random.default_rng(seed)
    weights, u = symmetric(rng) / 2, rng.normal(size=N)
    network = ContinuousHopfield(tau=0.5, gain=3.0, current=rng.normal(size=N))
    largest = min(network.largest_dt(weights), 1.0)
    ends = [
        recall(with_dt(network, dt), weights, jnp.asarray(u)[None], key=KEY, num_iter=9999)
        for dt in (largest, 0.02)
    ]
    assert [end.outcome[0] for end in ends] == ["converged", "converged"]
    flow = reference(network, weights, u, 60.0)
    np.testing.assert_allclose(ends[1].states[0], flow, atol=1e-8)
    np.testing.assert_allclose(ends[0].states[0], flow, atol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_at_high_gain_the_corners_at_rest_are_those_of_two_state_neurons(seed):
    size = 7
    weights = symmetric(np.random.default_rng(seed), size, own=False)
    corners = np.array(list(itertools.product([-1.0, 1.0], repeat=size)))
    stable = corners[(corners * (corners @ weights) > 0).all(axis=1)]
    assert len(stable) >= 2
    network = ContinuousHopfield(gain=200.0)
    network = with_dt(network, network.largest_dt(weights))
    # Every corner starts with the potentials of its own fields.
    cues = jnp.asarray(corners @ weights)
    result = recall(network, weights, cues, key=KEY, num_iter=50_000)
    assert (result.outcome == "converged").all()
    v = activities(network, result.states)
    ends = {tuple(row) for row in np.sign(v[np.abs(v).min(axis=1) > 0.999])}
    assert ends == {tuple(row) for row in stable}
    for corner in stable:
        row = np.flatnonzero((corners == corner).all(axis=1))[0]
        np.testing.assert_array_equal(np.sign(result.states[row]), corner)


@pytest.mark.parametrize("gain", [0.8, 1.5, 2.0, 5.0])
def test_one_pattern_is_recalled_to_the_mean_field_overlap(gain):
    # With W = (xi xi' - 1)/(N - 1) every field is m xi_i at any N, so that m = tanh(gain m).
    size = 20
    xi = np.random.default_rng(0).choice([-1.0, 1.0], size)
    weights = (np.outer(xi, xi) - np.eye(size)) / (size - 1)
    cue = xi * np.where(np.arange(size) < 4, -1, 1)
    theory = brentq(lambda m: m - math.tanh(gain * m), 1e-3, 1) if gain > 1 else 0.0
    network = ContinuousHopfield(gain=gain)
    result = recall(network, weights, jnp.asarray(cue)[None], key=KEY, num_iter=2000)
    np.testing.assert_allclose(activities(network, result.states[0]) * xi, theory, atol=1e-10)
    assert result.outcome[0] == "converged"


def test_logistic_neurons_are_tanh_neurons_of_other_weights():
    # V = (1 + tanh(u gain/2))/2, so that 2W, twice the gain and currents I - W 1 give one flow.
    rng = np.random.default_rng(0)
    weights, current, u = symmetric(rng), rng.normal(size=N), rng.normal(size=(BATCH, N))
    tanh = ContinuousHopfield(1.5, 2.0, 0.3, current)
    logistic = ContinuousHopfield(1.5, 4.0, 0.3, current - weights.sum(axis=1), "sigmoid")
    paths = [
        trajectory(network, jnp.asarray(w), jnp.asarray(u), key=KEY, num_iter=40)
        for network, w in ((tanh, weights), (logistic, 2 * weights))
    ]
    np.testing.assert_allclose(*paths, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(2 * logistic.activity(u) - 1, tanh.activity(u), rtol=1e-12)


def test_clamped_neurons_drive_the_others_as_a_current():
    rng = np.random.default_rng(1)
    weights, u = symmetric(rng), rng.normal(size=N)
    network = ContinuousHopfield(gain=2.0, dt=0.3)
    held = np.arange(N) < 2
    found = recall(
        network, weights, jnp.asarray(u)[None], key=KEY, num_iter=500, clamped=held[None]
    ).states[0]
    np.testing.assert_array_equal(found[held], u[held])
    current = weights[2:, :2] @ np.tanh(2 * u[:2])
    free = ContinuousHopfield(gain=2.0, dt=0.3, current=current)
    alone = recall(free, weights[2:, 2:], jnp.asarray(u[2:])[None], key=KEY, num_iter=500).states
    np.testing.assert_allclose(found[2:], alone[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        ({"tau": 0.0}, "tau"),
        ({"gain": -1.0}, "gain"),
        ({"dt": 0.0}, "dt"),
        ({"dt": float("inf")}, "dt"),
        ({"activation": "sign"}, "activation"),
    ],
)
def test_invalid_settings_are_refused(options, argument):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        ContinuousHopfield(**options).validate()


def test_there_is_no_temperature_to_schedule():
    with pytest.raises(ValidationError, match="temperatures"):
        recall(ContinuousHopfield(), jnp.eye(2), jnp.ones((1, 2)), key=KEY, temperatures=[1.0])


def test_other_settings_currents_and_weights_compile_nothing(count_compilations):
    def run(scale):
        network = ContinuousHopfield(scale, 2 * scale, scale / 3, np.full(N, scale))
        weights, cues = np.full((N, N), scale), np.full((BATCH, N), scale)
        recall(network, weights, cues, key=KEY)
        return network_energies(network, weights, cues)

    run(1.0)
    assert count_compilations(lambda: run(0.7)) == 0
