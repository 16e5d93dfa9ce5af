"""The theory that figures of the Hopfield network bring along agrees with other theory."""

import itertools

import numpy as np
import pytest

from canns.analyzer.theory import ags_overlap, crosstalk_error
from canns.reproduce._basins import _amari_maginu, _once, _twice
from canns.reproduce._critical_load import _crossings
from canns.reproduce._dreaming import _critical_load, _overlap
from canns.reproduce._exact import _wrong_share


def test_awake_the_dreaming_network_is_that_of_amit_gutfreund_and_sompolinsky():
    loads = np.array([0.05, 0.1, 0.13])
    np.testing.assert_allclose(_overlap(loads, 0.0), ags_overlap(loads), atol=1e-9)
    assert _critical_load(0.0) == pytest.approx(0.1379, abs=0.001)


def test_sleep_raises_the_critical_load_towards_one():
    loads = [_critical_load(time) for time in (0.1, 1.0, 10.0, 30.0)]
    assert np.all(np.diff(loads) > 0)
    assert 0.95 < loads[-1] < 1


def test_the_first_update_is_the_same_in_both_theories_and_the_crosstalk_of_a_pattern():
    start = np.array([0.2, 0.5, 1.0])
    np.testing.assert_allclose(_amari_maginu(0.1, start, 1), _once(np.array(0.1), start))
    assert _once(np.array(0.1), 1.0) == pytest.approx(1 - 2 * crosstalk_error(0.1))


def test_the_second_update_without_feedback_is_that_of_amari_and_maginu():
    """At a small load the first update leaves no error, and no neuron hears its own echo."""
    load = np.array(0.005)
    assert _twice(load, 0.5) == pytest.approx(_amari_maginu(0.005, np.array(0.5), 2), abs=1e-9)
    assert _twice(np.array(0.08), 0.3) > _amari_maginu(0.08, np.array(0.3), 2) + 0.01


@pytest.mark.parametrize(("size", "num_patterns"), [(3, 3), (3, 4), (4, 4)])
def test_the_share_of_wrong_neurons_is_that_of_all_sets_of_signs(size, num_patterns):
    signs = (size - 1) * (num_patterns - 1)
    fields = [size - 1 + sum(row) for row in itertools.product((-1, 1), repeat=signs)]
    expected = np.mean(np.array(fields) < 0)
    assert _wrong_share(size, np.array([num_patterns]))[0] == pytest.approx(expected)


def test_two_lines_cross_where_they_cross():
    loads = np.array([0.13, 0.14, 0.15])
    small = np.stack([0.9 - 2 * (loads - 0.141), 0.9 - 4 * (loads - 0.141)], axis=-1)
    large = (0.9 - 10 * (loads - 0.141))[:, None]
    np.testing.assert_allclose(_crossings(loads, small, large), [0.141])
