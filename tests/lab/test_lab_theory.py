"""What the page draws beside a network is what the library computes."""

import numpy as np
import pytest

from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import ags_overlap, phase_boundaries, storage_theory
from canns.lab.settings import RULES, Settings
from canns.lab.theory import loads_to_measure, measure, overlap_line, phase_lines, theory_of, where


def test_the_overlap_of_theory():
    line = overlap_line(Settings(), 0.1)
    np.testing.assert_array_equal(line.y, storage_theory("hebbian").curve(0.1)[1])
    warm = overlap_line(Settings(dynamics="glauber", temperature=0.2), 0.2)
    np.testing.assert_allclose(warm.y, ags_overlap(warm.x, 0.2))
    assert (warm.y > 0).all()
    assert overlap_line(Settings(dynamics="little"), 0.1) is None  # the theory is of Glauber's
    assert overlap_line(Settings(rule="storkey"), 0.1) is None


@pytest.mark.slow
def test_the_boundaries_of_the_phases():
    lines, expected = phase_lines("hebbian"), phase_boundaries()
    assert len(lines) == len(expected)
    for line, (loads, heat) in zip(lines, expected.values(), strict=True):
        np.testing.assert_array_equal(line.x, loads)
        np.testing.assert_array_equal(line.y, heat)
    assert phase_lines("pseudo_inverse")[0].x.tolist() == [1.0, 1.0]
    assert phase_lines("dreaming") == []


@pytest.mark.parametrize(
    ("load", "temperature", "word"),
    [
        (0.0, 0.5, "lowest free energy"),
        (0.03, 0.1, "lowest free energy"),
        (0.1, 0.1, "deeper"),
        (0.137, 0.0, "deeper"),
        (0.14, 0.0, "Spin glass"),
        (0.5, 1.2, "Spin glass"),
        (0.1, 1.4, "Paramagnet"),
    ],
)
def test_the_phase_in_words(load, temperature, word):
    assert word in where(load, temperature)


def test_a_measured_point_is_that_of_the_library():
    found = measure(100, 0.05, Settings(), seed=3)
    curve = overlap_curve(100, [0.05], asynchronous=True, num_networks=3, num_probes=20, seed=3)
    assert (found.load, found.overlap) == (0.05, curve.mean[0])
    assert found.low <= found.overlap <= found.high


@pytest.mark.parametrize(
    "rule",
    [pytest.param(r, marks=[pytest.mark.slow] if r == "hebbian" else []) for r in RULES],
)
def test_every_rule_has_loads_and_theory_or_says_so(rule):
    loads = loads_to_measure(rule)
    assert (np.diff(loads) > 0).all()
    assert 0 < loads[0] < loads[-1] <= 1.2
    beside = theory_of(Settings(rule=rule), 0.1)
    assert beside.top >= loads[-1]
    assert bool(beside.words) == (rule == "hebbian" or not beside.phases)
