"""Gaussian averages against adaptive quadrature, from smooth integrands to steps."""

import math
from itertools import pairwise

import pytest
from scipy.integrate import quad

from canns.analyzer.theory._averages import log_cosh, response

CASES = [
    (0.3, 0.01),
    (1.0, 0.5),
    (0.0, 1.0),
    (2.0, 1.999),
    (2.0, 2.0),
    (0.0, 3.0),
    (5.0, 2.01),
    (30.0, 20.0),
    (200.0, 60.0),
]


def average(function, mean, spread):
    """Integrate with breaks where the field is within a few temperatures of 0."""

    def integrand(z):
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * function(mean + spread * z)

    breaks = sorted({-mean / spread + shift / spread for shift in (-20, -5, 0, 5, 20)})
    inside = [-10.0, *(z for z in breaks if -10 < z < 10), 10.0]
    parts = pairwise(inside)
    return math.fsum(quad(integrand, *part, epsabs=1e-14, epsrel=1e-12)[0] for part in parts)


def slope(h):
    return (2 * math.exp(-abs(h)) / (1 + math.exp(-2 * abs(h)))) ** 2


def log_two_cosh(h):
    return abs(h) + math.log1p(math.exp(-2 * abs(h)))


@pytest.mark.parametrize(("b", "u"), CASES)
@pytest.mark.parametrize("temperature", [1.0, 0.01])
def test_against_quadrature(b, u, temperature):
    found = response(b * temperature, u * temperature, temperature)
    assert found.mean == pytest.approx(average(math.tanh, b, u), abs=1e-12)
    assert found.square == pytest.approx(average(lambda h: math.tanh(h) ** 2, b, u), abs=1e-12)
    expected = average(slope, b, u)
    assert found.susceptibility * temperature == pytest.approx(expected, rel=1e-9, abs=1e-13)
    value = log_cosh(b * temperature, u * temperature, temperature)
    assert value / temperature == pytest.approx(average(log_two_cosh, b, u), rel=1e-12)


@pytest.mark.parametrize(("mean", "spread"), [(1.0, 0.4), (0.0, 0.3), (0.7, 2.0)])
def test_zero_temperature_is_the_limit(mean, spread):
    # The corrections are of second order in T/spread.
    cold, frozen = response(mean, spread, 1e-6), response(mean, spread, 0.0)
    assert cold.mean == pytest.approx(frozen.mean, abs=1e-10)
    assert cold.susceptibility == pytest.approx(frozen.susceptibility, rel=1e-9)
    assert log_cosh(mean, spread, 1e-6) == pytest.approx(log_cosh(mean, spread, 0.0), abs=1e-10)


@pytest.mark.parametrize("u", [0.1, 1.0, 3.0, 100.0])
def test_small_means_keep_their_digits(u):
    # The average of tanh rises with the average slope.
    b = 1e-18
    found = response(b, u, 1.0)
    assert found.mean / b == pytest.approx(found.susceptibility, rel=1e-12)


def test_square_of_a_small_field_keeps_its_digits():
    # tanh^2 h = h^2 - 2 h^4/3, whose averages are u^2 and 3 u^4.
    u = 1e-6
    assert response(0.0, u, 1.0).square == pytest.approx(u**2 - 2 * u**4, rel=1e-13)
