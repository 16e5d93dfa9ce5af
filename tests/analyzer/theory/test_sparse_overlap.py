"""Overlaps of sparse codes of held activity: fixed points, where they end, and limits."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import ndtr

from canns.analyzer.theory import ags_overlap, sparse_critical_load, sparse_overlap


def density(x):
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def equilibrium(load, level):
    """Iterate signal, noise and threshold from the pattern, the threshold holding the activity."""
    m, gain = 1.0, 0.0
    for _ in range(3000):
        sigma = np.sqrt(load * level * (1 - level)) / (1 - gain)

        def margins(theta, m=m, sigma=sigma):
            return (theta - (1 - level) * m) / sigma, (theta + level * m) / sigma

        def surplus(theta, margins=margins):
            a, b = margins(theta)
            return level * ndtr(-a) + (1 - level) * ndtr(-b) - level

        a, b = margins(brentq(surplus, -1, 2, xtol=1e-12))
        gain = (level * density(a) + (1 - level) * density(b)) / sigma
        m = ndtr(-a) - ndtr(-b)
    return m


@pytest.mark.parametrize(("load", "level"), [(0.2, 0.1), (0.35, 0.1), (0.6, 0.05)])
def test_equilibrium_is_the_fixed_point_of_the_iterated_equations(load, level):
    assert sparse_overlap(load, level).equilibrium == pytest.approx(
        equilibrium(load, level), abs=1e-5
    )


def test_equilibrium_ends_below_the_load_of_the_best_threshold():
    for level in (0.1, 0.05):
        best = sparse_critical_load(level, exact=True).alpha
        below, above = sparse_overlap(np.array([0.95, 1.0]) * best, level).equilibrium
        assert (below > 0.5, above) == (True, 0.0)


def test_the_metastable_state_is_the_better_one_and_goes_on():
    loads = np.linspace(0.05, 0.6, 12)
    low, high = sparse_overlap(loads, 0.1)
    assert (high >= low).all()
    assert (np.diff(high) < 0).all()
    assert (high > 0.8).all()
    np.testing.assert_allclose(low[:3], high[:3], atol=1e-3)


def test_unbiased_patterns_are_those_of_amit_gutfreund_and_sompolinsky():
    # 0/1 neurons, half of them active at any time, are +-1 neurons.
    loads = np.array([0.05, 0.1, 0.12])
    np.testing.assert_allclose(
        sparse_overlap(loads, 0.5).equilibrium, ags_overlap(loads), atol=1e-9
    )
