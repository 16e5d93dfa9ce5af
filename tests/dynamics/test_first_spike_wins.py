"""Competition of spikes: the winner, the other neurons, and neurons that never fire."""

import numpy as np
import pytest
from spiking_helpers import one_spike, silence, simulate

from canns.dynamics import LIF, SRM, AdaptiveLIF, ConductanceLIF, CurrentLIF, FirstSpikeWins
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")


def test_at_most_one_fires_and_the_others_start_from_the_low_potential():
    rng = np.random.default_rng(0)
    layer = FirstSpikeWins(CurrentLIF(t_ref=1.0), V_inh=-80.0)
    # Each neuron likes some inputs more, and these are the more active ones for a while.
    likes = np.arange(20) % 6
    often = np.where(np.repeat(np.arange(6), 80)[:, None] == likes, 0.5, 0.15)
    inputs = (rng.random((480, 20)) < often).astype(float)
    weights = rng.uniform(0, 2, (6, 20)) + 8 * (np.arange(6)[:, None] == likes)
    spikes, potential, states, _ = simulate(layer, weights, inputs)
    assert spikes.sum(axis=1).max() == 1
    assert (spikes.sum(axis=0) > 0).sum() > 2
    for k in np.flatnonzero(spikes.any(axis=1)):
        winner = spikes[k].argmax()
        assert potential[k, winner] >= -54
        others = np.delete(np.arange(6), winner)
        np.testing.assert_array_equal(np.asarray(states.v)[k, others], -80.0)
        assert states.v[k, winner] == -60.0
    alone = simulate(CurrentLIF(t_ref=1.0), weights, inputs)[0]
    assert alone.sum(axis=1).max() > 1, "without competition several fire at once"


def test_the_farthest_above_its_own_threshold_is_the_first():
    lif = AdaptiveLIF(theta_plus=50.0, dt=1.0)
    layer = FirstSpikeWins(lif)
    weights = np.array([[500.0], [600.0], [600.0], [100.0]])
    spikes, *_ = simulate(layer, weights, one_spike(1))
    assert spikes[0].tolist() == [0, 1, 0, 0]
    state = layer.init(weights)._replace(theta=np.array([0.0, 30.0, 30.0, 0.0]))
    spikes, *_ = simulate(layer, weights, one_spike(1), state)
    assert spikes[0].tolist() == [1, 0, 0, 0]


def test_a_slower_neuron_never_fires_and_the_faster_one_does_not_notice():
    drive = np.array([20.0, 18.0])
    alone, *_ = simulate(CurrentLIF(drive=drive), np.zeros((2, 1)), silence(500))
    assert (alone.sum(axis=0) > 5).all()
    layer = FirstSpikeWins(CurrentLIF(drive=drive), V_inh=-70.0)
    spikes, *_ = simulate(layer, np.zeros((2, 1)), silence(500))
    np.testing.assert_array_equal(spikes[:, 0], alone[:, 0])
    assert spikes[:, 1].sum() == 0


def test_one_neuron_alone_is_the_bare_neuron():
    inputs = (np.random.default_rng(1).random((200, 3)) < 0.3).astype(float)
    weights = np.full((1, 3), 10.0)
    for neuron in (CurrentLIF(), AdaptiveLIF(), SRM(T=15.0)):
        bare, wrapped = (simulate(n, weights, inputs) for n in (neuron, FirstSpikeWins(neuron)))
        assert bare[0].sum() > 3
        np.testing.assert_array_equal(bare[0], wrapped[0])
        np.testing.assert_array_equal(bare[1], wrapped[1])


def test_a_spike_response_neuron_decays_from_the_low_potential():
    layer = FirstSpikeWins(SRM(T=1.0), V_inh=-0.5)
    spikes, potential, *_ = simulate(layer, [[3.0], [2.0]], one_spike(20))
    assert spikes[0].tolist() == [1, 0]
    expected = -0.5 * np.exp(-np.arange(1, 20) / 10)
    np.testing.assert_allclose(potential[1:, 1], expected, rtol=1e-12)


def test_it_is_for_neurons_that_integrate_and_fire():
    with pytest.raises(ValidationError, match=r"neuron .*integrates and fires"):
        FirstSpikeWins(LIF()).validate()
    with pytest.raises(ValidationError, match=r"tau_m"):
        FirstSpikeWins(CurrentLIF(tau_m=0.0)).validate()
    layer = FirstSpikeWins(ConductanceLIF(inhibitory=1))
    assert layer.provides == ConductanceLIF.provides
    assert layer.weight_names == ("excitatory", "inhibitory")
