"""The graded network in continuous time as a model: what it stores, recalls, keeps and refuses."""

import copy
import math
import pickle

import brainstate
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

from canns.dynamics import ContinuousHopfield
from canns.errors import ValidationError
from canns.models.brain_inspired import ContinuousHopfieldNetwork
from canns.trainer import HebbianTrainer

N = 100
RNG = np.random.default_rng(0)
PATTERNS = RNG.choice([-1.0, 1.0], (4, N))
CUES = np.where(RNG.random((4, N)) < 0.15, -PATTERNS, PATTERNS)


def _net(**options):
    net = ContinuousHopfieldNetwork(N, **options)
    on = net.config()["activation"] == "tanh"
    net.apply_hebbian_learning(PATTERNS if on else (PATTERNS + 1) / 2)
    return net


def _hebb(patterns):
    weights = patterns.T @ patterns / N
    np.fill_diagonal(weights, 0.0)
    return weights


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_recall_finds_the_stored_patterns(activation, dt):
    net = _net(activation=activation, dt=dt, gain=15.0)
    result = net.recall(CUES, num_iter=500)
    np.testing.assert_array_equal(np.sign(result.states), PATTERNS)
    assert set(result.outcome) == {"converged"}
    rounding = 1e-5 * N
    assert np.diff(result.energies, axis=1).max() <= rounding
    np.testing.assert_array_equal(net.s.value, np.zeros(N))


def test_by_default_twenty_updates_are_enough_to_settle():
    result = _net().recall(CUES)
    assert set(result.outcome) == {"converged"}
    np.testing.assert_array_equal(np.sign(result.states), PATTERNS)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_storage_is_hebbs_rule_over_n_and_adds_up(activation):
    net = _net(activation=activation)
    np.testing.assert_allclose(net.W.value, _hebb(PATTERNS), rtol=1e-6, atol=1e-7)
    net.apply_hebbian_learning(PATTERNS[:1] if activation == "tanh" else (PATTERNS[:1] + 1) / 2)
    twice = _hebb(np.concatenate([PATTERNS, PATTERNS[:1]]))
    np.testing.assert_allclose(net.W.value, twice, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("activation", "gain"), [("tanh", 1.2), ("tanh", 3.0), ("sigmoid", 4.8), ("sigmoid", 12.0)]
)
def test_one_pattern_has_the_mean_field_overlap(activation, gain):
    net = ContinuousHopfieldNetwork(N, gain=gain, activation=activation)
    xi = np.where(np.arange(N) % 2, 1.0, -1.0)  # as many on as off
    net.apply_hebbian_learning([xi if activation == "tanh" else (xi + 1) / 2])
    state = net.predict(xi, num_iter=3000)
    v = np.asarray(net.activation(state))
    if activation == "tanh":
        # No self-coupling: a neuron hears N - 1 others.
        m = brentq(lambda m: m - math.tanh(gain * (N - 1) / N * m), 0.01, 1)
        np.testing.assert_allclose(v, m * xi, atol=2e-5)
    else:
        # V = 1/2 + xi m/2, up to the self-couplings that are missing.
        m = brentq(lambda m: m - math.tanh(gain * m / 4), 0.01, 1)
        np.testing.assert_allclose(v, (1 + m * xi) / 2, atol=0.05 if gain < 5 else 0.01)
    np.testing.assert_array_equal(net.activity, v)


def test_at_rest_activities_answer_themselves():
    net = _net(gain=3.0)
    net.current.value = RNG.normal(size=N)
    u = net.predict(CUES[0], num_iter=2000)
    w, v = np.asarray(net.W.value, float), np.tanh(3.0 * u)
    np.testing.assert_allclose(u, w @ v + net.current.value, atol=2e-6)


def test_update_is_one_step_of_the_flow_and_trajectory_and_energy_agree():
    net = _net(dt=0.3, tau=2.0)
    cues = 0.2 * CUES  # of saturated ones the energy changes by its rounding only
    path, result = net.trajectory(cues, num_iter=3), net.recall(cues, num_iter=3)
    np.testing.assert_array_equal(path[-1], result.states)
    np.testing.assert_allclose(net.energies(path[1]), result.energies[:, 1], rtol=1e-6)
    net.s.value = cues[0]
    change = net.update(net.energy)
    w, u = np.asarray(net.W.value, float), cues[0]
    expected = u + (1 - math.exp(-0.15)) * (w @ np.tanh(10.0 * u) - u)
    np.testing.assert_allclose(net.s.value, expected, rtol=1e-5)
    assert float(change) == pytest.approx(np.diff(result.energies[0])[0], rel=1e-4)


def test_a_current_pulls_a_silent_network_to_the_pattern_that_it_resembles():
    net = _net()
    net.current.value = 0.2 * PATTERNS[2]
    np.testing.assert_array_equal(np.sign(net.predict(np.zeros(N), num_iter=200)), PATTERNS[2])
    net.current.value = np.zeros(N)
    np.testing.assert_array_equal(net.predict(np.zeros(N)), np.zeros(N))


def test_clamped_neurons_hold_their_potential():
    held = np.arange(N) < 5
    cue = np.where(held, -PATTERNS[0], CUES[0])
    found = np.asarray(_net().recall(cue[None], num_iter=100, clamped=held).states[0])
    np.testing.assert_array_equal(found[held], cue[held])
    np.testing.assert_array_equal(np.sign(found[~held]), PATTERNS[0][~held])


def test_uncompiled_recall_is_the_same():
    a, b = (_net().recall(CUES, num_iter=3, compiled=c) for c in (True, False))
    np.testing.assert_allclose(a.states, b.states, rtol=1e-5)


def test_a_trainer_of_hebbs_rule_stores_by_the_networks_own():
    net = ContinuousHopfieldNetwork(N)
    trainer = HebbianTrainer(net)
    trainer.train(PATTERNS)
    np.testing.assert_array_equal(net.W.value, _net().W.value)
    np.testing.assert_array_equal(np.sign(trainer.predict(CUES[0])), PATTERNS[0])


def test_the_activation_is_set_by_name_and_called():
    net = ContinuousHopfieldNetwork(2, gain=2.0)
    net.activation = "sigmoid"
    u = jnp.array([-0.5, 1.0])
    np.testing.assert_allclose(net.activation(u), 1 / (1 + np.exp(-2 * u)), rtol=1e-6)
    assert net.dynamics == ContinuousHopfield(1.0, 2.0, 1.0, net.current.value, "sigmoid")
    with pytest.raises(ValidationError, match=r"^activation must be"):
        net.activation = "sign"


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_is_a_network_of_its_own(duplicate):
    net = _net(name="graded")
    other = duplicate(net)
    other.current.value = np.ones(N)
    assert (other.config(), other.name) == (net.config(), "graded")
    assert not np.asarray(net.current.value).any()


def test_a_saved_network_comes_back_with_its_currents(tmp_path):
    net = _net(tau=2.0, gain=3.0, dt=0.5, activation="sigmoid")
    net.current.value, net.s.value = RNG.normal(size=N), CUES[0]
    net.save(tmp_path / "net")
    loaded = ContinuousHopfieldNetwork.load(tmp_path / "net")
    assert loaded.config() == net.config()
    assert list(net.boxes()) == ["W", "s", "current"]
    for name, box in net.boxes().items():
        np.testing.assert_array_equal(getattr(loaded, name).value, box.value)


@pytest.mark.parametrize("size", [60, 150])
@pytest.mark.parametrize("preserve", [True, False])
def test_resize_keeps_weights_as_those_of_the_new_size(size, preserve):
    net = _net()
    net.current.value, net.s.value = np.ones(N), np.ones(N)
    net.resize(size, preserve)
    kept, weights = min(size, N), np.zeros((size, size))
    if preserve:
        weights[:kept, :kept] = _hebb(PATTERNS)[:kept, :kept] * N / size
    np.testing.assert_allclose(net.W.value, weights, rtol=1e-5, atol=1e-7)
    for box in (net.s, net.current):
        np.testing.assert_array_equal(box.value, np.arange(size) < kept)
    assert net.num_neurons == size


def test_it_runs_inside_for_loop():
    net = _net(dt=0.1)
    net.s.value = CUES[0]

    def step(i):
        net.update()
        return net.energy

    energies = brainstate.transform.for_loop(step, jnp.arange(30))
    assert (np.diff(energies) <= 1e-4).all()
    assert float(energies[-1]) == pytest.approx(float(net.energy), rel=1e-5)


def test_other_settings_currents_and_networks_compile_nothing(count_compilations):
    def run(gain, tau, dt):
        net = ContinuousHopfieldNetwork(N, tau, gain, dt)
        net.apply_hebbian_learning(PATTERNS)
        net.current.value = gain * PATTERNS[0]
        net.predict(CUES[0])
        net.update()
        return net.energy

    run(2.0, 1.0, 1.0)
    assert count_compilations(lambda: run(3.0, 2.0, 0.5)) == 0


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("num_neurons", lambda net: ContinuousHopfieldNetwork(0)),
        ("tau", lambda net: ContinuousHopfieldNetwork(2, tau=0.0)),
        ("gain", lambda net: ContinuousHopfieldNetwork(2, gain=math.nan)),
        ("dt", lambda net: ContinuousHopfieldNetwork(2, dt=-1.0)),
        ("activation", lambda net: ContinuousHopfieldNetwork(2, activation="sign")),
        ("train_data", lambda net: net.apply_hebbian_learning(PATTERNS[:, 1:])),
        ("cues", lambda net: net.recall(CUES[:, 1:])),
        ("temperatures", lambda net: net.recall(CUES, temperatures=[1.0])),
        ("num_neurons", lambda net: net.resize(0)),
    ],
)
def test_invalid_arguments_are_refused_and_nothing_is_written(argument, call):
    net = _net()
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(net)
    np.testing.assert_array_equal(net.W.value, _net().W.value)
    np.testing.assert_array_equal(net.s.value, np.zeros(N))
