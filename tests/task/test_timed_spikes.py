"""Spike trains with given times."""

import numpy as np
import pytest

from canns.errors import ValidationError
from canns.task import timed_spikes


def test_a_spike_is_in_the_step_nearest_to_its_time():
    found = timed_spikes([[0.0, 3.1], [], (2.4, 0.6)], 10, dt=0.5)
    assert found.shape == (10, 3)
    steps = [np.flatnonzero(train).tolist() for train in found.T]
    assert steps == [[0, 6], [], [1, 5]]
    assert set(found.ravel().tolist()) == {0.0, 1.0}


def test_sums_of_a_step_that_rounds_are_in_the_step_meant():
    times = np.cumsum(np.full(1000, 0.1)) - 0.1
    assert timed_spikes([times], 1000, dt=0.1).all()


@pytest.mark.parametrize(
    ("times", "options", "words"),
    [
        ([[5.0]], {}, "times must be from 0 to 4 ms; got 5 of neuron 0"),
        ([[], [-1.0]], {}, "got -1 of neuron 1"),
        ([[np.nan]], {}, "got nan of neuron 0"),
        ([[1.0, 1.2]], {}, "at most one a step; got several of neuron 0"),
        ([], {}, "one list for each neuron"),
        ([1.0], {}, "one list for each neuron"),
        ([["a"]], {}, "numbers"),
        ([[1.0]], {"dt": 0.0}, "dt"),
    ],
)
def test_times_that_make_no_train_are_refused(times, options, words):
    with pytest.raises(ValidationError, match=words):
        timed_spikes(times, 5, **options)
