"""Spike trains: Poisson statistics against theory, codes against their definition.

Tolerances are five standard errors of the estimator.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.task import latency_spikes, poisson_spikes, sequence_spikes


@pytest.mark.parametrize(("rate", "dt"), [(5.0, 1.0), (50.0, 1.0), (200.0, 0.1), (400.0, 2.0)])
def test_poisson_rate_and_fano_factor(rate, dt):
    trials, steps = 500, 1000
    counts = poisson_spikes(np.full(trials, rate), steps, dt=dt, seed=0).sum(axis=0)
    p = 1 - math.exp(-rate * dt / 1000)
    error = 5 * math.sqrt(steps * p * (1 - p) / trials)
    assert counts.mean(dtype=np.float64) == pytest.approx(steps * p, abs=error)
    fano = counts.var(ddof=1, dtype=np.float64) / counts.mean(dtype=np.float64)
    # Variance of a sample variance, with the binomial's excess kurtosis below 1 / (T p (1 - p)).
    relative = math.sqrt(2 / (trials - 1) + 1 / (trials * steps * p * (1 - p)))
    assert fano == pytest.approx(1 - p, abs=5 * relative)


def test_poisson_intervals_are_geometric():
    p = 1 - math.exp(-0.03)
    train = poisson_spikes(30.0, 400_000, seed=1)
    assert train.shape == (400_000, 1)
    intervals = np.diff(np.flatnonzero(train[:, 0]))
    n = len(intervals)
    cv = intervals.std() / intervals.mean()
    # The CV of n exponential intervals has standard error 1 / sqrt(n).
    assert cv == pytest.approx(math.sqrt(1 - p), abs=5 / math.sqrt(n))
    assert (intervals == 1).mean() == pytest.approx(p, abs=5 * math.sqrt(p / n))


def test_poisson_neurons_have_their_own_rates_and_are_independent():
    spikes = poisson_spikes([0.0, 10.0, 1e9], 20_000, seed=2).astype(np.float64)
    assert set(np.unique(spikes)) == {0.0, 1.0}
    assert spikes[:, 0].sum() == 0
    assert spikes[:, 2].all()
    pair = poisson_spikes([100.0, 100.0], 20_000, seed=3)
    assert abs(np.corrcoef(pair.T)[0, 1]) < 5 / math.sqrt(20_000)


@settings(max_examples=60)
@given(
    intensities=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20),
    num_steps=st.integers(1, 50),
    data=st.data(),
)
def test_latency_is_one_spike_at_the_linear_time(intensities, num_steps, data):
    latest = data.draw(st.none() | st.integers(0, num_steps - 1))
    spikes = latency_spikes(intensities, num_steps, latest=latest)
    assert spikes.shape == (num_steps, len(intensities))
    last = num_steps - 1 if latest is None else latest
    for x, column in zip(intensities, spikes.T, strict=True):
        if x == 0:
            assert column.sum() == 0
        else:
            assert column.sum() == 1
            assert abs(int(column.argmax()) - (1 - x) * last) <= 0.5 + 1e-4


def test_stronger_is_never_later():
    times = latency_spikes(np.linspace(0.01, 1, 100), 30, latest=20).argmax(axis=0)
    assert (np.diff(times) <= 0).all()
    assert (times[0], times[-1]) == (20, 0)


@settings(max_examples=60)
@given(num_neurons=st.integers(1, 30), extra=st.integers(0, 70))
def test_sequence_is_ordered_and_evenly_spread(num_neurons, extra):
    steps = num_neurons + extra
    spikes = sequence_spikes(num_neurons, steps)
    times = spikes.argmax(axis=0)
    assert (spikes.sum(axis=0) == 1).all()
    assert times.tolist() == [i * steps // num_neurons for i in range(num_neurons)]
    assert (np.diff(times) >= 1).all()


def test_jitter_moves_spikes_by_its_standard_deviation_and_keeps_one_each():
    neurons, steps, jitter = 500, 20_000, 4.0
    spikes = sequence_spikes(neurons, steps, jitter=jitter, seed=0)
    assert (spikes.sum(axis=0) == 1).all()
    moved = (spikes.argmax(axis=0) - np.arange(neurons) * steps // neurons)[5:-5]
    assert abs(moved.mean()) < 5 * jitter / math.sqrt(neurons)
    # Rounding to whole steps adds 1/12 to the variance.
    expected = math.sqrt(jitter**2 + 1 / 12)
    assert moved.std() == pytest.approx(expected, abs=5 * expected / math.sqrt(2 * neurons))


def test_large_jitter_stays_inside_the_run():
    assert sequence_spikes(50, 60, jitter=1e6, seed=1).sum(axis=0).tolist() == [1.0] * 50
