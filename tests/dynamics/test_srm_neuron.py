"""The spike response neuron against a sum of kernels over all spikes since its last one."""

import numpy as np
import pytest
from spiking_helpers import one_spike, silence, simulate

from canns.dynamics import SRM
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")


def double(s):
    """The difference of exponentials of the paper's time constants."""
    return np.exp(-s / 10) - np.exp(-s / 2.5)


HEIGHT = double(np.linspace(0, 50, 500_001)).max()


def kernel(s):
    return double(s) / HEIGHT


def test_a_weight_is_the_height_of_the_potential():
    neuron = SRM(dt=0.01)
    _, potential, *_ = simulate(neuron, [[3.0]], one_spike(5000))
    assert potential.max() == pytest.approx(3.0, rel=1e-6)
    t = neuron.dt * np.arange(1, 5001)
    np.testing.assert_allclose(potential[:, 0], 3 * kernel(t), atol=1e-8)
    peak = np.log(4) * 10 * 2.5 / 7.5  # ln(tau_m / tau_s) of the two, combined
    assert t[potential[:, 0].argmax()] == pytest.approx(peak, abs=neuron.dt)


@pytest.mark.parametrize("dt", [1.0, 0.2])
def test_the_potential_is_the_sum_of_kernels_since_the_last_spike(dt):
    rng = np.random.default_rng(0)
    neuron = SRM(T=3.0, inhibition=0.25, dt=dt)
    inputs = (rng.random((400, 6)) < 0.2 * dt).astype(float)
    weights = rng.random((3, 6))
    spikes, potential, *_ = simulate(neuron, weights, inputs)
    assert (spikes.sum(axis=0) > 3).all()
    for i in range(3):
        last = None
        for k in range(len(inputs)):
            # Inputs count from the beginning of a step, spikes are at its end.
            began = 0 if last is None else last + 1
            ages = dt * (k + 1 - np.arange(began, k + 1))
            expected = (kernel(ages) * (inputs[began : k + 1] @ weights[i])).sum()
            others = np.arange(0 if last is None else last, k)
            count = spikes[others].sum(axis=1) - spikes[others, i]
            taken = neuron.inhibition * neuron.T * kernel(dt * (k - others))
            expected -= (taken * count).sum()
            if last is not None:
                s = dt * (k - last)
                expected += neuron.T * (2 * np.exp(-s / 10) - 4 * double(s))
            assert potential[k, i] == pytest.approx(expected, abs=1e-7)
            if spikes[k, i]:
                last = k


@pytest.mark.parametrize("dt", [1.0, 0.05])
def test_the_pulse_of_a_spike_is_not_another_spike(dt):
    neuron = SRM(T=1.0, dt=dt)
    inputs = one_spike(int(60 / dt))
    spikes, potential, *_ = simulate(neuron, [[1.5]], inputs)
    assert spikes.sum() == 1
    after = potential[np.flatnonzero(spikes)[0] + 1 :, 0]
    assert (after > 1).any() == (dt < 1), "a short step sees the pulse above the threshold"
    # The after-potential is below zero from ln(K2 / (K2 - K1)) tau_m tau_s / (tau_m - tau_s) on.
    ends = np.log(2) * 10 * 2.5 / 7.5
    assert np.flatnonzero(after < 0)[0] == int(ends / dt)
    assert after[-1] < 0


def test_others_are_inhibited_and_nothing_happens_without_input():
    neuron = SRM(T=1.0, inhibition=0.25)
    spikes, potential, *_ = simulate(neuron, [[3.0], [0.0]], one_spike(30))
    assert spikes.sum(axis=0).tolist() == [1, 0]
    assert potential[:, 1].min() == pytest.approx(-0.25, rel=1e-2)
    assert simulate(neuron, [[3.0], [0.0]], silence(30))[1].tolist() == [[0.0, 0.0]] * 30


def test_time_constants_are_in_order():
    with pytest.raises(ValidationError, match=r"tau_s .*below tau_m"):
        SRM(tau_s=10.0).validate()
    with pytest.raises(ValidationError, match=r"K1 .*below K2"):
        SRM(K1=4.0).validate()


@pytest.mark.parametrize(("dt", "steps"), [(1.0, 3), (0.5, 5), (3.0, 1)])
def test_a_neuron_that_is_driven_for_ever_fires_after_each_pulse(dt, steps):
    neuron = SRM(T=1.0, dt=dt)
    spikes, *_ = simulate(neuron, [[100.0]], np.ones((40, 1)))
    assert set(np.diff(np.flatnonzero(spikes))) == {steps}  # the pulse lasts 2.31 ms
