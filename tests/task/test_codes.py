"""Codes and their decoding: what goes in comes out, as exactly as the steps allow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.errors import ValidationError
from canns.task import (
    decode_latencies,
    decode_phases,
    first_spikes,
    first_to_spike,
    latency_spikes,
    phase_spikes,
    poisson_spikes,
    rank_order_readout,
    rank_order_spikes,
    spike_counts,
    spike_ranks,
    spike_rates,
)

UNIT = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20)
TRAINS = st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=1, max_size=12)


@settings(max_examples=60)
@given(intensities=UNIT, num_steps=st.integers(2, 50), data=st.data())
def test_a_latency_tells_the_intensity_to_half_a_step(intensities, num_steps, data):
    latest = data.draw(st.none() | st.integers(1, num_steps - 1))
    spikes = latency_spikes(intensities, num_steps, latest=latest)
    told = decode_latencies(spikes, latest=latest)
    last = num_steps - 1 if latest is None else latest
    assert np.abs(told - intensities).max() <= 0.5 / last + 1e-6
    # What the steps can tell exactly, they do.
    on_grid = 1 - np.arange(last) / last
    again = decode_latencies(latency_spikes(on_grid, num_steps, latest=latest), latest=latest)
    np.testing.assert_allclose(again, on_grid, rtol=0, atol=1e-7)


@settings(max_examples=60)
@given(intensities=UNIT, cycles=st.integers(1, 4), period=st.integers(2, 30))
def test_a_phase_tells_the_intensity_to_half_a_step(intensities, cycles, period):
    spikes = phase_spikes(intensities, cycles, period)
    assert spikes.shape == (cycles * period, len(intensities))
    active = np.asarray(intensities) > 0
    assert (spike_counts(spikes) == cycles * active).all()
    told = decode_phases(spikes, period)
    assert np.abs(told - intensities).max() <= 0.5 / (period - 1) + 1e-6
    for cycle in spikes.reshape(cycles, period, -1):
        np.testing.assert_array_equal(cycle, spikes[:period])


@settings(max_examples=60)
@given(
    intensities=st.lists(st.sampled_from([0.0, 0.1, 0.5, 2.0, 7.0]), min_size=1, max_size=12),
    spare=st.integers(0, 5),
)
def test_ranks_are_the_order_of_the_intensities(intensities, spare):
    x = np.asarray(intensities)
    different = sorted({value for value in intensities if value > 0}, reverse=True)
    spikes = rank_order_spikes(intensities, max(len(different), 1) + spare)
    expected = [different.index(value) if value > 0 else -1 for value in intensities]
    assert spike_ranks(spikes).tolist() == expected
    assert spike_counts(spikes).tolist() == (x > 0).astype(int).tolist()
    # Every monotone map of the intensities has the same spikes.
    np.testing.assert_array_equal(rank_order_spikes(x**3, len(spikes)), spikes)


def test_rates_of_poisson_trains_come_back():
    rates, steps = np.array([0.0, 5.0, 80.0, 400.0]), 200_000
    for dt in (1.0, 0.5):
        told = spike_rates(poisson_spikes(rates, steps, dt=dt, seed=0), dt=dt)
        p = 1 - np.exp(-rates * dt / 1000)
        error = np.sqrt(p / (1 - p) / steps) * 1000 / dt  # by the delta method
        assert (np.abs(told - rates) <= 5 * error).all()
    assert np.signbit(told[0]) == 0
    assert spike_rates([[1.0], [1.0]]) == np.inf


@settings(max_examples=60)
@given(train=TRAINS)
def test_first_spikes_against_a_search(train):
    columns = list(zip(*train, strict=True))
    steps = [c.index(1) if 1 in c else len(train) for c in columns]
    assert first_spikes(train).tolist() == steps
    assert spike_counts(train).tolist() == [sum(c) for c in columns]
    winner, latency = first_to_spike(train)
    assert latency == min(steps)
    assert winner == (steps.index(latency) if latency < len(train) else -1)


def test_the_readout_is_the_modulated_sum_and_prefers_its_own_order():
    rng = np.random.default_rng(0)
    x = rng.random(8)
    ranks = np.argsort(np.argsort(-x))
    weights = rng.random((5, 8))
    told = rank_order_readout(rank_order_spikes(x), weights, modulation=0.7)
    np.testing.assert_allclose(told, weights @ 0.7**ranks, rtol=1e-5)
    own = rank_order_readout(rank_order_spikes(x), [x], modulation=0.7)[0]
    for _ in range(50):
        other = rank_order_readout(rank_order_spikes(rng.permutation(x)), [x], modulation=0.7)[0]
        assert other <= own
    silent = rank_order_readout(rank_order_spikes([0.0, 1.0]), [[5.0, 3.0]])
    assert silent.tolist() == [3.0]


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("intensities", lambda: rank_order_spikes([-1.0])),
        ("num_steps", lambda: rank_order_spikes([1.0, 2.0], 1)),
        ("intensities", lambda: phase_spikes([1.5], 1, 2)),
        ("num_cycles", lambda: phase_spikes([1.0], 0, 2)),
        ("period", lambda: phase_spikes([1.0], 1, 0)),
        ("spikes", lambda: spike_counts([[0.5]])),
        ("spikes", lambda: first_spikes([1.0])),
        ("dt", lambda: spike_rates([[1.0]], dt=0.0)),
        ("spikes", lambda: decode_phases([[1.0]], 2)),
        ("period", lambda: decode_phases([[1.0]], 1)),
        ("latest", lambda: decode_latencies([[1.0]])),
        ("spikes", lambda: decode_latencies([[0.0], [0.0], [1.0]], latest=1)),
        ("weights", lambda: rank_order_readout([[1.0, 0.0]], [[1.0]])),
        ("modulation", lambda: rank_order_readout([[1.0]], [[1.0]], modulation=1.0)),
    ],
)
def test_what_does_not_fit_is_refused(argument, call):
    with pytest.raises(ValidationError, match=f"^{argument} must"):
        call()
