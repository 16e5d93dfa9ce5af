"""The adaptive exponential neuron: its rheobase, its equation, and its firing patterns."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from spiking_helpers import integrate, one_spike, silence, simulate

from canns.dynamics import ADEX_PATTERNS, AdEx, FirstSpikeWins
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


@pytest.mark.parametrize("t_spike", [0.0, 0.1, 0.5, 2.0])
def test_a_spike_is_held_for_its_width_and_then_reset(t_spike):
    width, pause = round(t_spike / 0.1), 7
    neuron = AdEx(drive=900.0, t_spike=t_spike, V_spike=31.0, t_ref=0.7, V_reset=-60.0)
    spikes, potential, states, _ = simulate(neuron, [[0.0]], silence(600))
    u, v, w = potential[:, 0], np.asarray(states.v)[:, 0], np.asarray(states.w)[:, 0]
    fired = np.flatnonzero(spikes)
    assert len(fired) >= 3
    for k in fired[:-1]:
        # V_spike is shown in the step of the spike and the rest of its width; then comes the reset.
        np.testing.assert_array_equal(u[k : k + width], [31.0] * width)
        end = k + max(width - 1, 0)
        assert v[end] == neuron.V_reset
        np.testing.assert_array_equal(w[k:end], w[k])
        # In a step without a spike before it w also drifts, by at most 0.2 pA.
        assert w[end] - w[end - 1] == pytest.approx(80.5, abs=0.2 if width < 2 else 1e-9)
        np.testing.assert_array_equal(u[end + 1 : end + 1 + pause], [-60.0] * pause)
        assert u[end + 1 + pause] != -60.0
    assert not (u[: fired[0]] == 31.0).any()
    assert (np.diff(fired) > max(width, 1) + pause).all()


def test_without_a_width_a_spike_shows_where_the_upstroke_was_cut():
    spikes, potential, *_ = simulate(AdEx(drive=900.0), [[0.0]], silence(600))
    fired = np.flatnonzero(spikes)
    np.testing.assert_array_equal(potential[fired, 0], [0.0] * len(fired))


def test_a_spike_goes_on_while_another_neuron_silences_the_rest():
    # The second neuron fires first, then the first one; the third never does.
    layer = FirstSpikeWins(AdEx(t_spike=1.0, V_reset=-60.0), V_inh=-80.0)
    layer.validate()
    inputs = np.zeros((12, 2))
    inputs[0, 0], inputs[4, 1] = 1, 1
    spikes, potential, *_ = simulate(layer, [[0.0, 9e4], [9e4, 0.0], [0.0, 0.0]], inputs)
    first, second = (np.flatnonzero(spikes[:, i]) for i in (0, 1))
    assert len(first) == len(second) == 1
    assert second[0] < first[0] < second[0] + 10
    np.testing.assert_array_equal(potential[second[0] : second[0] + 10, 1], 30.0)
    assert potential[second[0] + 10, 1] < 0
    assert potential[first[0] + 1, 2] == pytest.approx(-80.0, abs=0.5)


def test_thresholds_are_in_order():
    with pytest.raises(ValidationError, match=r"V_T .*below V_peak"):
        AdEx(V_peak=-50.5).validate()
    with pytest.raises(ValidationError, match=r"V_reset .*below V_peak"):
        AdEx(V_reset=1.0).validate()
    AdEx(V_reset=-46.0).validate()
