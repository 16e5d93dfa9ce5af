"""The adaptive threshold against the interval at which it repeats itself."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq
from spiking_helpers import silence, simulate

from canns.dynamics import AdaptiveLIF, CurrentLIF

pytestmark = pytest.mark.usefixtures("x64")


def test_a_regular_interval_and_its_threshold_make_each_other():
    drives = np.array([25.0, 40.0])
    lif = AdaptiveLIF(drive=jnp.asarray(drives), theta_plus=2.0, tau_theta=100.0, dt=0.05)
    spikes, _, states, _ = simulate(lif, np.zeros((2, 1)), silence(60_000))
    for i, drive in enumerate(drives):
        times = np.flatnonzero(spikes[:, i])
        intervals = np.diff(times) * lif.dt
        assert intervals[0] < 0.9 * intervals[-1], "it adapts"

        def threshold(interval):
            return lif.theta_plus / np.expm1(interval / lif.tau_theta)

        def lasts(interval, drive=drive):
            return lif.tau_m * np.log((drive - 10) / (drive - 16 - threshold(interval)))

        least = lif.tau_theta * np.log1p(lif.theta_plus / (drive - 16)) + 1e-9
        interval = brentq(lambda t: lasts(t) - t, least, 1e3)
        # On the grid a spike is late by less than a step.
        assert np.abs(intervals[-10:] - interval).max() < lif.dt
        spread = threshold(interval - lif.dt) - threshold(interval)
        assert abs(states.theta[times[-1] - 1, i] - threshold(interval)) < 2 * spread


def test_the_threshold_jumps_by_its_step_and_decays():
    lif = AdaptiveLIF(drive=18.0, theta_plus=0.5, tau_theta=50.0)
    spikes, _, states, _ = simulate(lif, np.zeros((1, 1)), silence(200))
    theta, expected = 0.0, []
    for spike in spikes[:, 0]:
        theta = theta * np.exp(-1 / 50) + 0.5 * spike
        expected.append(theta)
    assert spikes.sum() > 3
    np.testing.assert_allclose(states.theta[:, 0], expected, rtol=1e-12)


def test_without_a_step_it_is_the_plain_neuron():
    inputs = 30 * np.random.default_rng(0).random((100, 2))
    plain = simulate(CurrentLIF(), np.eye(2), inputs)
    adaptive = simulate(AdaptiveLIF(theta_plus=0.0), np.eye(2), inputs)
    assert plain[0].sum() > 5
    np.testing.assert_array_equal(plain[0], adaptive[0])
    np.testing.assert_array_equal(plain[1], adaptive[1])
