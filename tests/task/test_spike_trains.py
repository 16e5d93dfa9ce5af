"""Spike trains by their times are the array of their steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

from canns.errors import ValidationError
from canns.task import SpikeTrains, spike_counts

rasters = arrays(
    np.float32,
    st.tuples(st.integers(1, 30), st.integers(1, 4)),
    elements=st.sampled_from([0.0, 1.0]),
)
steps = st.sampled_from([0.001, 0.1, 0.25, 1 / 3, 1.0, 7.0])


@given(rasters, steps)
def test_there_and_back(raster, dt):
    trains = SpikeTrains.from_array(raster, dt=dt)
    assert (trains.shape, len(trains)) == (raster.shape, len(raster))
    assert trains.num_spikes == raster.sum()
    for again in (
        trains,
        SpikeTrains(trains.times, trains.duration, dt=dt),
        SpikeTrains.from_array(sparse.coo_array(raster), dt=dt),
    ):
        np.testing.assert_array_equal(again.to_array(), raster)
    np.testing.assert_array_equal(np.asarray(trains), raster)
    np.testing.assert_array_equal(spike_counts(trains), raster.sum(axis=0))


@given(rasters, st.data())
def test_parts_are_parts_of_the_array(raster, data):
    trains = SpikeTrains.from_array(raster)
    rows = data.draw(arrays(np.int64, st.integers(0, 9), elements=st.integers(0, len(raster) - 1)))
    np.testing.assert_array_equal(trains.rows(rows), raster[rows])
    first = data.draw(st.integers(0, len(raster) - 1))
    last = data.draw(st.integers(first + 1, len(raster)))
    part = trains[first:last]
    np.testing.assert_array_equal(part.to_array(), raster[first:last])
    assert part.duration == last - first


def test_long_trains_take_no_dense_memory():
    """A day at 0.1 ms would be 3 TB."""
    trains = SpikeTrains([[86_399_999.95], *[[]] * 999], 86_400_000.0, dt=0.1)
    assert trains.shape == (864_000_000, 1000)
    assert trains.rows(slice(864_000_000 - 2, None)).sum() == 1
    with pytest.raises(ValidationError, match=r"fits in the .* of memory"):
        trains.to_array()


def events(times, numbers, count=2):
    return lambda: SpikeTrains.from_events(times, numbers, 5.0, num_trains=count)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: SpikeTrains([[1.0, 1.4]], 5.0), "at most one spike of a neuron in a step.*0.4 ms"),
        (lambda: SpikeTrains([[1.0, 1.0]], 5.0), "at the same time; leave one out"),
        (lambda: SpikeTrains([[], [-0.5]], 5.0), "from 0 to 5 ms; got one of neuron 1 at -0.5 ms"),
        (lambda: SpikeTrains([[5.5]], 5.0), "from 0 to 5 ms; got one of neuron 0 at 5.5 ms"),
        (lambda: SpikeTrains([[5.0]], 5.0), "below 5 ms"),
        (lambda: SpikeTrains([[np.nan]], 5.0), "times must be finite"),
        (lambda: SpikeTrains([1.0, 2.0], 5.0), "one list of times for each train"),
        (lambda: SpikeTrains([], 5.0), "one spike train or more"),
        (lambda: SpikeTrains({0: [1.0]}, 5.0), "from_events"),
        (lambda: SpikeTrains("a.csv", 5.0), "times must be"),
        (lambda: SpikeTrains([[1.0]], 0.0), "duration must be"),
        (lambda: SpikeTrains([[1.0]], 5.0, dt=0.0), "dt must be"),
        (lambda: SpikeTrains.from_array([[0, 2]]), "0 and 1; got 2"),
        (lambda: SpikeTrains.from_array(sparse.csr_array([[0, 2]])), "0 and 1; got 2"),
        (lambda: SpikeTrains([[1.0]], 5.0)[2], "a slice of steps"),
        (lambda: SpikeTrains([[1.0]], 5.0)[::2], "a slice of steps"),
        (lambda: SpikeTrains([[1.0]], 5.0)[3:3], "one step or more"),
        (events([1.0], [2]), "from 0 to 1; got 2. Trains are counted from 0"),
        (events([1.0], [-1]), "from 0 to 1; got -1"),
        (events([1.0], [0.0]), "integers, one for each of 1 times"),
        (events([1.0, 2.0], [0]), "one for each of 2 times"),
        (events([1.0], [0], 0), "num_trains"),
    ],
)
def test_refusals(make, named):
    with pytest.raises(ValidationError, match=named):
        make()


def test_trains_without_spikes():
    trains = SpikeTrains.from_events([], [], 3.0, num_trains=2)
    assert trains.to_array().tolist() == [[0, 0]] * 3
    assert [len(times) for times in trains.times] == [0, 0]
