"""The free energy is stationary at the solutions, and has the closed forms of its limits."""

import math

import numpy as np
import pytest

from canns.analyzer.theory import (
    ags_free_energy,
    ags_state,
    retrieval_load,
    spin_glass_free_energy,
    spin_glass_state,
)
from canns.analyzer.theory._free_energy import functional


def at(alpha, temperature, order):
    m, q, r = order
    return functional(alpha, temperature, m, q, r, (1 - q) / temperature)


@pytest.mark.parametrize("state", [ags_state, spin_glass_state])
@pytest.mark.parametrize(("alpha", "temperature"), [(0.05, 0.3), (0.02, 0.6), (0.1, 0.2)])
def test_stationary(state, alpha, temperature):
    order = np.array(state(alpha, temperature))
    for axis in 1e-5 * np.eye(3):
        values = [at(alpha, temperature, order + shift * axis) for shift in (-2, -1, 0, 1, 2)]
        slope = np.dot([1, -8, 0, 8, -1], values) / 12e-5  # exact to the fourth order
        bend = np.dot([0, 1, -2, 1, 0], values) / 1e-10
        assert slope == pytest.approx(0, abs=1e-9)
        # Beside the solution, though, there is a slope: bend times the distance.
        assert abs(bend) > 1e-4


@pytest.mark.parametrize(
    ("function", "state"),
    [(ags_free_energy, ags_state), (spin_glass_free_energy, spin_glass_state)],
)
def test_is_the_functional_at_the_state(function, state):
    for alpha, temperature in [(0.05, 0.3), (0.02, 0.6)]:
        expected = at(alpha, temperature, state(alpha, temperature))
        assert function(alpha, temperature) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.13])
def test_energies_at_zero_temperature(alpha):
    m, _, r = ags_state(alpha)
    retrieval = -(m**2) / 2 + alpha * (1 - r) / 2
    glass = -1 / math.pi - math.sqrt(2 * alpha / math.pi)
    assert ags_free_energy(alpha) == pytest.approx(retrieval, abs=1e-13)
    assert spin_glass_free_energy(alpha) == pytest.approx(glass, abs=1e-13)
    # The entropy of the retrieval state is next to none, f falls by -S dT.
    assert ags_free_energy(alpha, 1e-6) == pytest.approx(retrieval, abs=1e-6)
    assert spin_glass_free_energy(alpha, 1e-6) == pytest.approx(glass, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.2, 0.7])
def test_without_load_it_is_the_ferromagnets(temperature):
    m = ags_state(0.0, temperature).m
    expected = m**2 / 2 - temperature * math.log(2 * math.cosh(m / temperature))
    assert ags_free_energy(0.0, temperature) == pytest.approx(expected, abs=1e-13)
    assert ags_free_energy(0.0) == -0.5


def test_paramagnet():
    # Free spins, and the modes of the Gaussian overlaps; the diagonal adds alpha/2.
    alpha, temperature = 0.1, 2.0
    modes = alpha * temperature / 2 * math.log(1 - 1 / temperature)
    expected = alpha / 2 + modes - temperature * math.log(2)
    assert spin_glass_free_energy(alpha, temperature) == pytest.approx(expected, abs=1e-13)


def test_high_temperature_is_that_of_random_weights():
    """The second moment of W gives f = -T ln 2 - (sum of W_ij^2)/(4 N T) to order 1/T."""
    size, alpha, temperature = 1000, 0.5, 1e3
    patterns = np.random.default_rng(0).choice([-1.0, 1.0], size=(int(alpha * size), size))
    weights = patterns.T @ patterns / size
    np.fill_diagonal(weights, 0)
    energy = (weights**2).sum() / (4 * size)
    found = spin_glass_free_energy(alpha, temperature) + temperature * math.log(2)
    assert found * temperature == pytest.approx(-energy, rel=0.01)  # 1/N and 1/T


def test_no_free_energy_without_a_retrieval_state():
    edge = retrieval_load(0.4)
    values = ags_free_energy([edge * (1 - 1e-9), edge * (1 + 1e-9)], 0.4)
    assert np.isnan(values).tolist() == [False, True]
