"""Rates of integrate-and-fire neurons: limits in closed form, a simulation, consistency."""

import numpy as np
import pytest

from canns.analyzer.theory import brunel_rate, lif_rate
from canns.reproduce import Claim

NEURON = {"tau_m": 20.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0}


def test_without_noise_the_interval_is_the_closed_form():
    drive = np.array([5.0, 20.0, 25.0, 100.0])
    rising = 20.0 * np.log((drive[2:] - 10) / (drive[2:] - 20))
    np.testing.assert_array_equal(lif_rate(drive, 0.0)[:2], 0.0)
    np.testing.assert_allclose(lif_rate(drive, 0.0)[2:], 1000 / (2.0 + rising), rtol=1e-13)
    # A little noise changes it by the order of its variance.
    np.testing.assert_allclose(lif_rate(drive[2:], 1e-3), lif_rate(drive[2:], 0.0), rtol=1e-6)


def test_far_below_the_threshold_it_is_kramers_rate():
    # The integral is that of its upper end, 2 e^(u^2), up to a relative error of 1 / (2 u^2).
    for distance in (6.0, 12.0, 24.0):
        passage = np.exp(distance**2) / distance
        found = lif_rate(20.0 - distance, 1.0, V_reset=-1e3)
        expected = 1000 / (20.0 * np.sqrt(np.pi) * passage)
        assert found == pytest.approx(expected, rel=1 / distance**2)
    assert lif_rate(-30.0, 1.0) == 0.0


def test_only_differences_of_potentials_and_ratios_of_times_count():
    found = lif_rate(15.0, 5.0)
    assert lif_rate(-55.0, 5.0, V_th=-50.0, V_reset=-60.0) == pytest.approx(found, rel=1e-12)
    assert lif_rate(15.0, 5.0, tau_m=40.0, t_ref=4.0) == pytest.approx(found / 2, rel=1e-12)
    assert lif_rate(1.5, 0.5, V_th=2.0, V_reset=1.0) == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("drive", [15.0, 25.0])
def test_it_is_the_rate_of_a_neuron_in_white_noise(drive):
    rng, neurons, dt, noise = np.random.default_rng(0), 400, 0.02, 5.0
    # Looked at only each dt, a diffusion meets a threshold that is higher by -zeta(1/2)/sqrt(2 pi)
    # of what it moves in that time: Broadie, Glasserman & Kou (1997), Math. Finance 7:325.
    kick = noise * np.sqrt(dt / 20.0)
    expected = lif_rate(drive, noise, V_th=20.0 + 0.5826 * kick)
    v, rest, spikes = np.full(neurons, 10.0), np.zeros(neurons), np.zeros(neurons)
    for step in range(round(1000 / dt)):
        moved = v + (drive - v) * dt / 20.0 + kick * rng.normal(size=neurons)
        v = np.where(rest > 0, 10.0, moved)
        fires = v >= 20.0
        v, rest = np.where(fires, 10.0, v), np.where(fires, round(2.0 / dt), rest - 1)
        spikes += fires & (step >= round(200 / dt))
    assert Claim.of_mean("rate (Hz)", "our theory", expected, spikes / 0.8).passed


def test_a_network_answers_its_rate_with_the_same_rate():
    for g, eta in [(3.0, 2.0), (6.0, 4.0), (5.0, 2.0), (4.5, 0.9), (8.0, 1.2)]:
        rate = brunel_rate(g, eta)
        outside, excited, inhibited = eta * 10.0, 1e-3 * rate * 1000, 1e-3 * rate * 250
        mean = 20.0 * 0.1 * (outside + excited - g * inhibited)
        variance = 20.0 * 0.1**2 * (outside + excited + g**2 * inhibited)
        assert lif_rate(mean, np.sqrt(variance)) == pytest.approx(rate, rel=1e-9)


def test_without_input_or_inhibition_a_network_is_silent_or_runs_away():
    assert brunel_rate(8.0, 0.0) == 0.0
    # Strong excitation: each neuron fires as soon as it may.
    assert brunel_rate(0.0, 2.0, J=10.0) == pytest.approx(500.0, rel=0.02)
    # The rate of a network without connections is that of its neurons.
    apart = lif_rate(2 * 20.0, np.sqrt(20.0 * 1e-8 * 2 * 20.0 / (1e-4 * 20.0)))
    assert brunel_rate(0.0, 2.0, J=1e-4, num_excitatory=1, num_inhibitory=0) == pytest.approx(
        apart, rel=1e-4
    )
