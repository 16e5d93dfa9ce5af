"""The adaptive exponential neuron: its rheobase, its equation, and its firing patterns."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from spiking_helpers import integrate, one_spike, silence, simulate

from canns.dynamics import ADEX_PATTERNS, AdEx
from canns.errors import ValidationError

pytestmark = pytest.mark.usefixtures("x64")


def slope(neuron):
    def of(t, y):
        v, w = y
        current = 600 * np.exp(-t / neuron.tau_syn) + neuron.drive
        upstroke = neuron.g_L * neuron.Delta_T * np.exp((v - neuron.V_T) / neuron.Delta_T)
        dv = (upstroke - neuron.g_L * (v - neuron.E_L) - w + current) / neuron.C
        return dv, (neuron.a * (v - neuron.E_L) - w) / neuron.tau_w

    return of


def test_a_step_is_of_second_order():
    errors = []
    for dt in (0.4, 0.2, 0.1, 0.05):
        neuron = AdEx(drive=300.0, dt=dt)
        _, potential, *_ = simulate(neuron, [[600.0]], one_spike(int(40 / dt)))
        exact, _ = integrate(slope(neuron), (neuron.E_L, 0.0), np.arange(2, 41.0, 2))
        every = round(2 / dt)
        errors.append(np.abs(potential[every - 1 :: every, 0] - exact[0]).max())
    assert errors[-1] < 1e-3
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2, atol=0.15)


def test_the_first_spike_comes_where_the_equation_blows_up():
    neuron = AdEx(drive=900.0, dt=0.005)
    spikes, *_ = simulate(neuron, [[600.0]], one_spike(8000))
    start = (neuron.E_L, 0.0)
    blows, at = slope(neuron), [40.0]
    crossing = integrate(blows, start, at, lambda t, y: y[0] - neuron.V_peak)[1]
    # The last millivolts take less than a step, which the explicit method may need twice.
    assert abs(np.flatnonzero(spikes)[0] + 1 - crossing / neuron.dt) <= 2


@pytest.mark.parametrize("name", ["saddle", "subcritical"])
def test_the_rheobase_is_where_a_slow_ramp_first_makes_it_fire(name):
    # The fixed point vanishes without adaptation, and loses its stability with a slow one.
    neuron = AdEx() if name == "subcritical" else ADEX_PATTERNS["adapting"]
    fixed_point_vanishes = neuron.a / neuron.g_L <= neuron.C / (neuron.g_L * neuron.tau_w)
    assert fixed_point_vanishes == (name == "saddle")
    shares = np.array([0.97, 0.99, 1.01, 1.03])
    held = dataclasses.replace(neuron, drive=jnp.asarray(shares * neuron.rheobase), dt=0.1)
    # Begun at the fixed point that the drive has, or near it, as a slow ramp would bring it there.
    weights = np.zeros((4, 1))
    ramp = held.init(jnp.zeros((4, 1)))
    for share in np.linspace(0.5, 1, 30):
        drive = share * shares * neuron.rheobase
        stage = dataclasses.replace(held, drive=jnp.asarray(drive))
        spikes, *_, ramp = simulate(stage, weights, silence(3000), ramp)
        if share < 0.97:
            assert spikes.sum() == 0
    spikes, *_ = simulate(held, weights, silence(20_000), ramp)
    assert (spikes.sum(axis=0) > 0).tolist() == [False, False, True, True]


@pytest.fixture(scope="module")
def patterns():
    """The intervals between spikes of each set, in ms, at 65 pA."""
    found = {}
    for name, neuron in ADEX_PATTERNS.items():
        spikes, *_ = simulate(dataclasses.replace(neuron, drive=65.0), [[0.0]], silence(5000))
        times = 0.1 * (1 + np.flatnonzero(spikes))
        found[name] = np.diff(times)
    return found


def test_firing_patterns_are_what_they_are_called(patterns):
    intervals = patterns["tonic"]
    assert len(intervals) >= 3
    assert np.ptp(intervals[1:]) < 0.05 * intervals[-1]
    intervals = patterns["adapting"]
    assert (np.diff(intervals[:6]) > 0).all()
    assert intervals[-1] > 1.5 * intervals[0]
    intervals = patterns["initial burst"]
    assert intervals[0] < 0.3 * intervals[-1]
    assert np.ptp(intervals[-3:]) < 0.05 * intervals[-1]
    intervals = patterns["bursting"]
    assert intervals.max() > 3 * intervals.min()
    late = intervals[len(intervals) // 2 :]
    assert late.max() > 3 * late.min(), "bursts go on"


def test_thresholds_are_in_order():
    with pytest.raises(ValidationError, match=r"V_T .*below V_peak"):
        AdEx(V_peak=-50.5).validate()
    with pytest.raises(ValidationError, match=r"V_reset .*below V_peak"):
        AdEx(V_reset=1.0).validate()
    AdEx(V_reset=-46.0).validate()
