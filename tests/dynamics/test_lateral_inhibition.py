"""Inhibition that lasts: against a loop over neurons and steps in plain NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest
from spiking_helpers import silence, simulate

from canns.dynamics import LIF, SRM, AdaptiveLIF, CurrentLIF, FirstSpikeWins, LateralInhibition
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")
DRIVE = np.array([25.0, 24.0, 19.0])


def by_hand(drive, duration, steps, together, low=-80.0, tau=20.0):
    """CurrentLIF of tau_m 20, E_L -70, V_th -54, V_reset -60, one step a ms, without input."""
    v, left, spikes = np.full(len(drive), -70.0), np.zeros(len(drive)), []
    for _ in range(steps):
        v = v + (-70.0 + drive - v) * -np.expm1(-1 / tau)
        v[left > 0] = low
        over = np.flatnonzero(v >= -54.0)
        if not together and len(over):
            over = [over[np.argmax(v[over])]]
        fires = np.isin(np.arange(len(v)), over)
        left = np.maximum(left - 1, 0)
        for neuron in range(len(v)):
            if np.delete(fires, neuron).any():
                left[neuron] = duration
                v[neuron] = low
            elif fires[neuron]:
                v[neuron] = -60.0
        spikes.append(fires)
    return np.array(spikes, float)


@pytest.mark.parametrize("duration", [0, 1, 3, 40])
@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("drive", [DRIVE, np.array([25.0, 25.0, 18.0])])
def test_it_is_the_loop_by_hand(duration, together, drive):
    layer = LateralInhibition(CurrentLIF(drive=drive), -80.0, float(duration), together=together)
    spikes, *_ = simulate(layer, np.zeros((3, 1)), silence(200))
    np.testing.assert_array_equal(spikes, by_hand(drive, duration, 200, together))
    assert spikes.sum() > 5


def test_of_no_duration_it_is_the_inhibition_of_a_moment():
    inputs = (np.random.default_rng(0).random((300, 20)) < 0.3).astype(float)
    weights = np.random.default_rng(1).uniform(0, 3, (6, 20))
    lasting, moment = (
        simulate(layer, weights, inputs)[0]
        for layer in (
            LateralInhibition(AdaptiveLIF(), V_inh=-75.0, duration=0.0),
            FirstSpikeWins(AdaptiveLIF(), V_inh=-75.0),
        )
    )
    np.testing.assert_array_equal(lasting, moment)
    assert lasting.sum() > 10


def test_the_duration_is_in_ms():
    layer = LateralInhibition(CurrentLIF(dt=0.5), duration=3.0)
    weights = jnp.array([[1000.0], [0.0]])
    state, _ = layer.step(layer.init(weights), weights, jnp.ones(1))
    assert state.inhibited.tolist() == [0.0, 6.0]


@pytest.mark.parametrize("neuron", [LIF(), LateralInhibition(CurrentLIF()), 3, None])
def test_what_has_no_potential_in_ms_is_refused(neuron):
    with pytest.raises(ValidationError, match="neuron must be one that integrates and fires"):
        LateralInhibition(neuron).validate()


def test_arguments():
    LateralInhibition(SRM(T=1.0)).validate()
    with pytest.raises(ValidationError, match="duration"):
        LateralInhibition(CurrentLIF(), duration=-1.0).validate()
