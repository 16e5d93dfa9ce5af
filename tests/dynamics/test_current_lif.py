"""The LIF neuron in ms and mV against closed forms: rate, potential, refractoriness, noise."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx
from spiking_helpers import one_spike, silence, simulate

from canns.dynamics import CurrentLIF
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")

DRIVES = np.array([15.9, 16.1, 17.0, 20.0, 40.0, 400.0])


@pytest.mark.parametrize(("dt", "t_ref"), [(1.0, 0.0), (0.5, 2.0), (0.1, 3.0)])
def test_the_interval_between_spikes_is_the_closed_form_on_the_grid(dt, t_ref):
    lif = CurrentLIF(drive=jnp.asarray(DRIVES), t_ref=t_ref, dt=dt)
    spikes, *_ = simulate(lif, np.zeros((len(DRIVES), 1)), silence(int(600 / dt)))
    assert spikes[:, 0].sum() == 0, "the drive ends below the threshold"
    for i, drive in enumerate(DRIVES[1:], 1):
        times = np.flatnonzero(spikes[:, i])
        rising = lif.tau_m * np.log((drive - 10) / (drive - 16))  # from -60 to -54 mV
        assert len(times) >= 3
        assert set(np.diff(times)) == {round(t_ref / dt) + int(np.ceil(rising / dt))}
        # So the interval is that of continuous time but for less than a step.
        assert 0 <= np.diff(times)[0] * dt - (t_ref + rising) < dt


@pytest.mark.parametrize("tau_syn", [5.0, 20.0, 60.0])
@pytest.mark.parametrize("dt", [2.0, 0.25])
def test_one_input_spike_leaves_a_difference_of_exponentials(tau_syn, dt):
    weight, steps = 3.0, int(100 / dt)
    lif = CurrentLIF(tau_syn=tau_syn, dt=dt)
    _, potential, *_ = simulate(lif, [[weight]], one_spike(steps))
    t, tau = dt * np.arange(1, steps + 1), lif.tau_m
    if tau_syn == tau:
        expected = weight * t / tau * np.exp(-t / tau)
    else:
        share = tau_syn / (tau - tau_syn)
        expected = weight * share * (np.exp(-t / tau) - np.exp(-t / tau_syn))
    np.testing.assert_allclose(potential[:, 0] - lif.E_L, expected, rtol=0, atol=1e-12)


def test_a_step_of_any_length_is_exact():
    rng = np.random.default_rng(0)
    coarse = rng.normal(size=(60, 4))
    fine = np.zeros((60, 8, 4))
    fine[:, 0] = coarse
    weights = rng.normal(size=(3, 4))
    far = CurrentLIF(V_th=1e3, drive=4.0, dt=2.0)
    _, slow, *_ = simulate(far, weights, coarse)
    _, fast, *_ = simulate(dataclasses.replace(far, dt=0.25), weights, fine.reshape(480, 4))
    np.testing.assert_allclose(slow, fast[7::8], rtol=0, atol=1e-11)


@pytest.mark.parametrize(("t_ref", "steps"), [(0.0, 0), (2.0, 4), (2.2, 4), (2.3, 5)])
def test_refractoriness_lasts_its_steps_and_currents_go_on(t_ref, steps):
    lif = CurrentLIF(t_ref=t_ref, drive=1e4, dt=0.5)
    spikes, potential, states, _ = simulate(lif, [[8.0]], one_spike(40))
    times = np.flatnonzero(spikes)
    assert set(np.diff(times)) == {steps + 1}
    assert (potential[1 : steps + 1] == lif.V_reset).all()
    decays = 8 * np.exp(-0.5 * np.arange(1, 41) / lif.tau_syn)
    np.testing.assert_allclose(states.current[:, 0], decays, rtol=1e-12)


def test_the_rate_at_poisson_input_is_siegerts():
    # Inputs of either sign, each so small and short that the potential diffuses.
    neurons, steps, dt, kick, each = 200, 40_000, 0.05, 0.1, 4.0
    lif = CurrentLIF(tau_syn=1e-3, drive=14.0, t_ref=2.0, dt=dt)
    rng = np.random.default_rng(0)
    counts = rng.poisson(each, (steps, neurons)) - rng.poisson(each, (steps, neurons))
    weight = kick * lif.tau_m / lif.tau_syn  # a charge that moves the potential by the kick
    spikes, *_ = simulate(lif, weight * np.eye(neurons), counts)
    mean, step_deviation = lif.E_L + lif.drive, kick * np.sqrt(2 * each)
    sigma = step_deviation * np.sqrt(lif.tau_m / dt)
    # Looked at only each dt, a diffusion meets a threshold that is higher by -zeta(1/2)/sqrt(2 pi)
    # of what it moves in that time: Broadie, Glasserman & Kou (1997), Math. Finance 7:325.
    threshold = lif.V_th + 0.5826 * step_deviation
    upper, lower = (threshold - mean) / sigma, (lif.V_reset - mean) / sigma
    area, _ = quad(lambda u: erfcx(-u), lower, upper)
    rate = 1 / (lif.t_ref + lif.tau_m * np.sqrt(np.pi) * area)
    start = int(100 / dt)  # five time constants
    duration = (steps - start) * dt
    found = spikes[start:].sum(axis=0) / duration
    error = found.std(ddof=1) / np.sqrt(neurons)
    assert error / rate < 0.01
    assert found.mean() == pytest.approx(rate, abs=4 * error)


def test_a_reset_must_lead_below_the_threshold():
    with pytest.raises(ValidationError, match=r"V_reset .*below V_th = -54"):
        CurrentLIF(V_reset=-54.0).validate()
