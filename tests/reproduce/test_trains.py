"""Trains on a grid, and the amplitudes with which a grid learns what continuous time would."""

import numpy as np
import pytest

from canns.reproduce._trains import mid_step, on_grid, poisson


@pytest.mark.parametrize("dt", [0.1, 0.5, 1.0])
def test_the_balance_of_uncorrelated_trains_is_the_one_of_continuous_time(dt):
    tau_plus, tau_minus = 16.8, 33.7
    up, down = mid_step(1.0, 0.85, tau_plus, tau_minus, dt)
    steps = np.arange(20_000)
    # Of all pairs: inputs of the same step count as before, so depression begins a step later.
    ltp = up * dt * np.exp(-steps * dt / tau_plus).sum()
    ltd = down * dt * np.exp(-steps[1:] * dt / tau_minus).sum()
    second_order = (dt / tau_plus) ** 2 / 24
    assert ltp / tau_plus == pytest.approx(1.0, rel=1.01 * second_order)
    assert ltd / (0.85 * tau_minus) == pytest.approx(1.0, rel=1.01 * second_order)


def test_events_fall_into_their_steps_and_those_outside_the_time_are_left_out():
    times, neurons = np.array([0.0, 0.49, 0.5, 1.5, -0.1]), np.array([0, 0, 1, 0, 1])
    assert on_grid((times, neurons), 3, 2, 0.5).tolist() == [[1, 0], [0, 1], [0, 0]]


def test_events_have_their_rate():
    times, neurons = poisson(np.random.default_rng(0), 20.0, 50, 10_000.0)
    expected = 20.0 * 10
    counts = np.bincount(neurons, minlength=50)
    assert abs(counts.mean() - expected) < 4 * np.sqrt(expected / 50)
    assert times.min() >= 0
    assert times.max() < 10_000
