"""The phase diagram: published figures, inverse maps, limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.analyzer.theory import (
    ags_critical_load,
    ags_free_energy,
    ags_overlap,
    retrieval_load,
    retrieval_temperature,
    spin_glass_free_energy,
    spin_glass_temperature,
    transition_load,
    transition_temperature,
)


@pytest.mark.parametrize(
    ("alpha", "retrieval", "transition"),
    [
        (0.01, 0.801, 0.722),
        (0.03, 0.650, 0.479),
        (0.05, 0.542, 0.216),
        (0.08, 0.405, 0.0),
        (0.10, 0.315, 0.0),
        (0.12, 0.215, 0.0),
    ],
)
def test_published_temperatures(alpha, retrieval, transition):
    assert retrieval_temperature(alpha) == pytest.approx(retrieval, abs=5e-4)
    assert transition_temperature(alpha) == pytest.approx(transition, abs=5e-4)


def test_loads_at_zero_temperature():
    assert retrieval_load() == ags_critical_load().alpha
    assert transition_load() == pytest.approx(0.05185, abs=5e-6)


def test_spin_glass_temperature():
    assert spin_glass_temperature([0.0, 0.01, 1.0]).tolist() == [1.0, 1.1, 2.0]


@settings(max_examples=6)
@given(temperature=st.floats(0.12, 0.99))
def test_the_maps_are_each_others_inverse(temperature):
    back = retrieval_temperature(retrieval_load(temperature))
    assert back == pytest.approx(temperature, rel=1e-9)
    back = transition_temperature(transition_load(temperature))
    assert back == pytest.approx(temperature, rel=1e-7)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.13, 0.138])
def test_retrieval_ends_at_its_temperature(alpha):
    edge = retrieval_temperature(alpha)
    inside, outside = ags_overlap(alpha, [edge - 1e-6, edge + 1e-6])
    assert inside > 0.05
    assert outside == 0


@pytest.mark.parametrize("alpha", [0.001, 0.03, 0.05, 0.053])
def test_free_energies_cross_at_the_transition(alpha):
    edge = transition_temperature(alpha)
    temperatures = np.array([edge - 1e-4, edge, edge + 1e-4])
    gap = ags_free_energy(alpha, temperatures) - spin_glass_free_energy(alpha, temperatures)
    assert gap[0] < 0 < gap[2]
    assert gap[1] == pytest.approx(0, abs=1e-12)
    assert edge < retrieval_temperature(alpha) < spin_glass_temperature(alpha)


def test_small_loads():
    """T_M and T_c leave 1 as 1 - 1.95 sqrt(alpha) and 1 - 2.6 sqrt(alpha)."""
    alpha = 1e-8
    assert (1 - retrieval_temperature(alpha)) / math.sqrt(alpha) == pytest.approx(1.95, abs=0.01)
    assert (1 - transition_temperature(alpha)) / math.sqrt(alpha) == pytest.approx(2.6, abs=0.06)
    assert retrieval_temperature(0.0) == transition_temperature(0.0) == 1


def test_the_lines_turn_back_at_low_temperature():
    """Above their load at T = 0 they still hold retrieval states, at an intermediate T."""
    assert retrieval_load(0.024) > 0.13818 > retrieval_load()
    assert transition_load(0.085) > 0.0531 > transition_load()
    assert 0.024 < retrieval_temperature(0.138) < 0.1
    assert 0.085 < transition_temperature(0.053) < 0.2
    assert ags_overlap(0.138, [0.0, 0.024]).astype(bool).tolist() == [False, True]


def test_beyond_the_lines():
    assert retrieval_temperature(0.1383) == 0
    assert transition_temperature(0.0532) == 0
    np.testing.assert_array_equal(retrieval_load([1.0, 2.0]), [0, 0])
    np.testing.assert_array_equal(transition_load([1.0, 2.0]), [0, 0])


def test_boundaries_fall():
    loads = np.linspace(0, 0.05, 6)
    for line in (retrieval_temperature, transition_temperature):
        assert (np.diff(line(loads)) < 0).all()
    temperatures = np.linspace(0.1, 1, 7)
    for line in (retrieval_load, transition_load):
        assert (np.diff(line(temperatures)) < 0).all()
