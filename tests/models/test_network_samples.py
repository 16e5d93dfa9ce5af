"""What a spiking network samples besides spikes, and pictures of a run."""

import numpy as np
import pytest

from canns.dynamics import CurrentLIF, DualCurrentLIF
from canns.errors import ValidationError
from canns.models.brain_inspired import SpikingNetwork
from canns.plasticity import PairSTDP

DT = 0.5


def _network(delay=0.0, weights=None):
    network = SpikingNetwork(seed=0)
    network.add("E", CurrentLIF(dt=DT, drive=20.0), 5, potentials=(-70.0, -55.0))
    network.add_inputs("in", 4, 100.0)
    learning = {"rule": PairSTDP(A_plus=0.05), "bounds": (0.0, 2.0)}
    if weights is None:
        network.connect("in", "E", 1.0, probability=1.0, delay=delay, **learning)
    else:
        network.connect("in", "E", weights, delay=delay, **learning)
    network.connect("E", "E", 0.5, probability=0.5)
    return network


def test_a_potential_is_that_of_the_equation():
    network = SpikingNetwork(seed=0)
    network.add("E", CurrentLIF(dt=DT, drive=10.0), 3)  # below the threshold
    run = network.run(20.0, record_states={"E": {"v": [2], "current": range(3)}}, record_every=2.0)
    times = 2.0 * np.arange(1, 11)
    np.testing.assert_allclose(run.samples.times, times)
    expected = -60.0 - 10.0 * np.exp(-times / 20.0)
    # 40 float32 steps at 70 mV.
    limit = 40 * 70 * np.finfo(np.float32).eps
    np.testing.assert_allclose(run.samples.states["E"]["v"], expected[:, None], atol=limit)
    np.testing.assert_array_equal(run.samples.states["E"]["current"], np.zeros((10, 3)))


def test_sampled_strengths_are_those_of_the_synapses():
    weights, delay = np.linspace(0.1, 1.5, 20).reshape(5, 4), (0.0, 2.0)
    mean, some = _network(delay, weights), _network(delay, weights)
    learnt = mean.run(50.0, record_weights=["in to E"], record_every=10.0).samples.weights
    chosen = some.run(50.0, record_weights={"in to E": [3, 0]}, record_every=10.0)
    strengths = some.synapses("in", "E").pairs()[2]
    assert np.abs(strengths - weights.T.ravel()).max() > 0.01
    assert learnt["in to E"].shape == (5,)
    assert learnt["in to E"][-1] == pytest.approx(strengths.mean(), rel=1e-6)
    np.testing.assert_array_equal(chosen.samples.weights["in to E"][-1], strengths[[3, 0]])


def test_samples_of_two_runs_are_those_of_one(count_compilations):
    whole, halves = _network(), _network()
    wanted = {"record_states": {"E": {"v": [0, 4]}}, "record_weights": ["in to E"]}
    one = whole.run(60.0, record_every=1.5, **wanted).samples
    parts = []
    for duration in (20.5, 39.5):
        part = halves.run(duration, record_every=1.5, **wanted).samples
        parts.append((part.times, part.states["E"]["v"], part.weights["in to E"]))
    for found, expected in zip(
        zip(*parts, strict=True),
        (one.times, one.states["E"]["v"], one.weights["in to E"]),
        strict=True,
    ):
        np.testing.assert_array_equal(np.concatenate(found), expected)
    strengths = whole.synapses("in", "E").pairs()[2]
    assert one.weights["in to E"][-1] == pytest.approx(strengths.mean(), rel=1e-6)
    unseen = _network()
    unseen.run(60.0)
    np.testing.assert_array_equal(unseen.synapses("in", "E").pairs()[2], strengths)
    # Other neurons need no other program.
    wanted["record_states"]["E"]["v"] = [1, 2]
    assert count_compilations(lambda: halves.run(9.0, record_every=1.5, **wanted)) == 0


def test_more_samples_than_one_compiled_call_holds():
    network = SpikingNetwork(seed=0)
    network.add("E", CurrentLIF(dt=DT, drive=10.0), 1)
    network.run(1500.0)
    run = network.run(2500.0, record_states={"E": {"v": [0]}})
    assert len(run.samples.times) == len(run.samples.states["E"]["v"]) == 5000
    assert run.samples.times[[0, -1]].tolist() == [1500.5, 4000.0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"record_states": {"X": {"v": [0]}}}, "record_states must be one of"),
        ({"record_states": {"E": {"u": [0]}}}, "a state of E: 'v'"),
        ({"record_states": {"in": {"v": [0]}}}, "a state of in"),
        ({"record_states": {"E": {"v": [5]}}}, "from 0 to 4"),
        ({"record_states": {"E": {"v": [0.5]}}}, "whole numbers"),
        ({"record_states": {"E": {"v": []}}}, "non-empty"),
        ({"record_states": {"E": ["v"]}}, "a dict of dicts"),
        ({"record_states": ["E"]}, "a dict of dicts"),
        ({"record_weights": ["E to E"]}, "that learns: 'in to E'"),
        ({"record_weights": "in to E"}, "Give a list"),
        ({"record_weights": {"in to E": [20]}}, "from 0 to 19"),
        ({"record_weights": 3}, "Give a list"),
        ({"record_every": 0.3}, "multiples"),
        ({"record_every": 0.0}, "record_every"),
    ],
)
def test_refuses_with_the_remedy(options, words):
    network = _network()
    with pytest.raises(ValidationError, match=words):
        network.run(1.0, **options)
    assert network.time == 0.0


def test_refuses_samples_that_do_not_fit_the_memory(monkeypatch):
    network = _network()
    monkeypatch.setattr("canns._memory.available_memory", lambda: 1 << 23)
    with pytest.raises(ValidationError, match="longer record_every"):
        network.run(1e6, record_states={"E": {"v": range(5)}})
    assert network.time == 0.0


def test_refuses_more_steps_than_are_counted():
    with pytest.raises(ValidationError, match="duration"):
        _network().run(1e30)
    with pytest.raises(ValidationError, match="below"):
        _network().run(2.0**31 * DT)


def test_a_raster_shows_the_spikes_of_the_run():
    network = SpikingNetwork(seed=0)
    network.add("E", DualCurrentLIF(dt=DT), 3, potentials=(-60.0, -50.0))
    network.add_background("E", 3000.0, 2.0)
    network.run(20.0)
    run = network.run(100.0)
    _, (raster, rate) = run.plot("E", bin_width=10.0)
    times, neurons = raster.lines[0].get_data()
    np.testing.assert_allclose(times, run.spikes["E"].times - run.start - DT)
    np.testing.assert_array_equal(neurons, run.spikes["E"].neurons)
    assert len(times) > 5
    shown = rate.patches[0].get_data().values
    assert shown.mean() == pytest.approx(run.rates("E").mean())
