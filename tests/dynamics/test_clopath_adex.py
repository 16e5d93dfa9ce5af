"""The adaptive exponential neuron of Clopath et al.: what a spike leaves, against the equation."""

from dataclasses import replace

import numpy as np
import pytest
from spiking_helpers import integrate, one_spike, silence, simulate

from canns.dynamics import AdEx, ClopathAdEx

pytestmark = pytest.mark.usefixtures("x64")

STRONG = 2e6  # pA for 0.05 ms: 356 mV, so that the neuron fires in the same step at any dt below


def slope(neuron):
    def of(t, y):
        v, w, z, theta = y
        upstroke = neuron.g_L * neuron.Delta_T * np.exp((v - theta) / neuron.Delta_T)
        dv = (upstroke - neuron.g_L * (v - neuron.E_L) - w + z + neuron.drive) / neuron.C
        dw = (neuron.a * (v - neuron.E_L) - w) / neuron.tau_w
        return dv, dw, -z / neuron.tau_z, (neuron.V_T - theta) / neuron.tau_VT

    return of


@pytest.mark.parametrize("b", [0.0805, 80.5])
def test_what_follows_a_spike_is_the_equation_to_second_order(b):
    errors = []
    for dt in (0.4, 0.2, 0.1, 0.05):
        neuron = ClopathAdEx(tau_syn=0.02, dt=dt, b=b, drive=200.0)
        spikes, _, states, _ = simulate(neuron, [[STRONG]], one_spike(round(42 / dt)))
        assert np.flatnonzero(spikes).tolist() == [0]
        ends = round(neuron.t_spike / dt) - 1
        columns = np.stack([np.asarray(part)[:, 0] for part in states], axis=1)
        v, w, _, left, z, theta = columns[ends]
        assert (v, left, z, theta) == (neuron.V_reset, 0, neuron.I_sp, neuron.V_Tmax)
        if ends:
            assert w - columns[ends - 1, 1] == pytest.approx(b, rel=1e-9)
        times = np.arange(2, 41.0, 2)
        exact, _ = integrate(slope(neuron), (v, w, z, theta), times)
        every = round(2 / dt)
        found = columns[ends + every :: every][:, [0, 1, 4, 5]]
        errors.append(np.abs(found[:, 0] - exact[0]).max())
        # These two decay exactly.
        np.testing.assert_allclose(found[:, 2], exact[2], rtol=1e-8)
        np.testing.assert_allclose(found[:, 3], exact[3], rtol=1e-8)
    assert errors[-1] < 1e-3
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2, atol=0.2)


@pytest.mark.parametrize(("wait", "spikes"), [(15.0, 1), (200.0, 2)])
def test_a_pulse_that_made_it_fire_does_so_again_when_the_threshold_is_back(wait, spikes):
    # It brings v to about -42 mV: above the threshold at rest, below that of 13 ms after a spike.
    neuron = ClopathAdEx(tau_syn=0.5, dt=0.1, I_sp=0.0, a=0.0, V_reset=-70.6)
    pulse = neuron.C * 29 / neuron.tau_syn
    after = neuron.V_T + (neuron.V_Tmax - neuron.V_T) * np.exp(-13 / neuron.tau_VT)
    assert neuron.V_T < -42 < after - 3 * neuron.Delta_T
    inputs = silence(round(wait / 0.1) + 100)
    inputs[[0, round(wait / 0.1)]] = 1
    found, *_ = simulate(neuron, [[pulse]], inputs)
    assert found.sum() == spikes


def test_without_what_it_adds_it_is_an_adex():
    plain = AdEx(b=60.0, drive=900.0, t_spike=1.0)
    same = ClopathAdEx(
        b=60.0, drive=900.0, t_spike=1.0, V_reset=plain.V_reset, V_peak=plain.V_peak,
        V_spike=plain.V_spike, I_sp=0.0, V_Tmax=plain.V_T,
    )  # fmt: skip
    expected, found = (simulate(neuron, [[600.0]], one_spike(1000)) for neuron in (plain, same))
    assert expected[0].sum() > 2
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)


def test_its_rheobase_is_that_of_an_adex():
    neuron = ClopathAdEx(dt=0.2)
    for share, fires in ((0.9, False), (1.1, True)):
        held = replace(neuron, drive=share * neuron.rheobase)
        spikes, *_ = simulate(held, [[0.0]], silence(5000))
        assert (spikes.sum() > 0) == fires
