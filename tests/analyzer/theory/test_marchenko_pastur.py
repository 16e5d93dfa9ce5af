"""The law of Marchenko and Pastur: its moments and random matrices."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from canns.analyzer.theory import marchenko_pastur_density, marchenko_pastur_support

LOADS = [0.05, 0.5, 1.0, 3.0]


@pytest.mark.parametrize("zero_diagonal", [False, True])
@pytest.mark.parametrize("alpha", LOADS)
def test_moments(alpha, zero_diagonal):
    """All mass is there; trace and square are those of the weights."""
    support = marchenko_pastur_support(alpha, zero_diagonal=zero_diagonal)

    def integral(power):
        # x = low + (high - low) sin^2 t takes the roots out of the edges.
        def integrand(t):
            x = support.low + (support.high - support.low) * math.sin(t) ** 2
            density = marchenko_pastur_density(x, alpha, zero_diagonal=zero_diagonal)
            return x**power * density * (support.high - support.low) * math.sin(2 * t)

        return quad(integrand, 0, math.pi / 2)[0] + support.atom_mass * support.atom**power

    mean = 0 if zero_diagonal else alpha
    assert integral(0) == pytest.approx(1, abs=1e-7)
    assert integral(1) == pytest.approx(mean, abs=1e-7)
    assert integral(2) == pytest.approx(alpha + mean**2, abs=1e-7)


@pytest.mark.parametrize("zero_diagonal", [False, True])
@pytest.mark.parametrize("alpha", [0.4, 2.0])
def test_random_weights(alpha, zero_diagonal):
    size = 600
    patterns = np.random.default_rng(0).choice([-1.0, 1.0], size=(int(alpha * size), size))
    weights = patterns.T @ patterns / size
    if zero_diagonal:
        np.fill_diagonal(weights, 0)
    values = np.linalg.eigvalsh(weights)
    support = marchenko_pastur_support(alpha, zero_diagonal=zero_diagonal)
    at_atom = np.abs(values - support.atom) < 1e-9
    assert at_atom.mean() == pytest.approx(support.atom_mass, abs=1e-12)
    spread = values[~at_atom]
    # The edges fluctuate as Tracy and Widom's law: about -1.2 with a deviation of 1.3, in units of
    root, other = math.sqrt(alpha), 1.0
    for found, edge, sign in ((spread.min(), support.low, -1), (spread.max(), support.high, 1)):
        unit = abs((root + sign * other) * abs(1 / root + sign / other) ** (1 / 3))
        assert -6 < sign * (found - edge) / unit / size ** (-2 / 3) < 3
    # The eigenvalues repel: counts fluctuate by order sqrt(ln N), not sqrt(N).
    edges = np.linspace(support.low, support.high, 11)
    counts = np.histogram(spread, edges)[0]
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        grid = np.linspace(low, high, 2001)
        density = marchenko_pastur_density(grid, alpha, zero_diagonal=zero_diagonal)
        assert count == pytest.approx(size * np.trapezoid(density, grid), abs=4)


def test_edges_and_atom():
    support = marchenko_pastur_support(LOADS)
    np.testing.assert_allclose(support.low, (1 - np.sqrt(LOADS)) ** 2)
    np.testing.assert_allclose(support.high, (1 + np.sqrt(LOADS)) ** 2)
    np.testing.assert_allclose(support.atom_mass, [0.95, 0.5, 0, 0])
    assert (support.atom == 0).all()


def test_density_is_zero_outside_and_at_the_edges():
    low, high = marchenko_pastur_support(0.25)[:2]
    points = [-1.0, 0.0, low, high, high + 1]
    np.testing.assert_array_equal(marchenko_pastur_density(points, 0.25), 0)
    assert marchenko_pastur_density(0.0, 1.0) == 0


def test_removing_the_diagonal_is_a_shift():
    x = np.linspace(-1, 4, 50)
    np.testing.assert_array_equal(
        marchenko_pastur_density(x, 0.7, zero_diagonal=True), marchenko_pastur_density(x + 0.7, 0.7)
    )
