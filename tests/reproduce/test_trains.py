"""Poisson trains, and trains on a grid."""

import numpy as np

from canns.reproduce._trains import on_grid, poisson


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
