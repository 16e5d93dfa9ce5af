"""Gardner's capacities against tables, limits and quadrature; Cover's count against itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import linprog

from canns.analyzer.theory import gardner_load, gardner_stability, separable_probability
from canns.errors import ValidationError


@pytest.mark.parametrize(
    ("kappa", "load"), [(0.0, 2.0), (0.25, 1.3646), (0.5, 0.9612), (1.0, 0.5196), (2.0, 0.2002)]
)
def test_published_loads(kappa, load):
    assert gardner_load(kappa) == pytest.approx(load, abs=5e-5)


@pytest.mark.parametrize(
    ("level", "load", "digits"), [(0.1, 3.913, 3), (0.05, 6.083, 3), (0.01, 19.20, 2)]
)
def test_published_loads_of_sparse_patterns(level, load, digits):
    assert gardner_load(0.0, level) == pytest.approx(load, abs=0.5 * 10**-digits)


def moment(shift):
    """Return the mean square of max(t + shift, 0), integrated."""

    def integrand(t):
        return (t + shift) ** 2 * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    return quad(integrand, -shift, max(-shift, 0) + 12, epsabs=0, epsrel=1e-10)[0]


@pytest.mark.parametrize(("kappa", "level"), [(0.0, 0.2), (0.7, 0.2), (1.5, 0.03), (0.3, 0.5)])
def test_no_bias_does_better(kappa, level):
    """The load is the integral's at the best bias, as a search over biases finds it."""
    margin = kappa / (2 * math.sqrt(level * (1 - level)))
    inverse = [
        level * moment(margin - bias) + (1 - level) * moment(margin + bias)
        for bias in np.arange(-8.0, 1.0, 0.02)
    ]
    found = 1 / gardner_load(kappa, level)
    assert found <= min(inverse) * (1 + 1e-9)
    assert found == pytest.approx(min(inverse), rel=1e-4)


@given(st.floats(0.01, 0.5), st.floats(0.0, 5.0))
def test_active_and_silent_may_change_places(level, kappa):
    there, back = gardner_load(kappa, level), gardner_load(kappa, 1 - level)
    assert there == pytest.approx(back, rel=1e-9)


@settings(max_examples=50)
@given(st.floats(0.01, 20.0), st.floats(0.01, 0.99))
def test_stability_is_the_inverse(kappa, level):
    load = gardner_load(kappa, level)
    assert gardner_stability(load, level) == pytest.approx(kappa, rel=1e-7)


def test_limits():
    # For large kappa alpha_c tends to 1/(1 + kappa^2): all stabilities are the same.
    assert gardner_load(50.0) * (1 + 50.0**2) == pytest.approx(1, rel=1e-12)
    assert gardner_stability(2.0) == pytest.approx(0, abs=1e-9)
    # Sparse patterns carry little: alpha_c tends to 1/(f |ln f|), from below, slowly.
    shares = gardner_load(0.0, 10.0 ** -np.arange(2, 300, 30))
    levels = 10.0 ** -np.arange(2, 300, 30)
    ratio = shares * levels * -np.log(levels)
    assert (np.diff(ratio) < 0).all() or (np.diff(ratio) > 0).all()
    assert ratio[-1] == pytest.approx(0.5, abs=0.02)


def test_stabilities_beyond_the_capacity_are_refused():
    with pytest.raises(ValidationError, match=r"^alpha must be at most gardner_load\(0, f\) = 2"):
        gardner_stability([1.0, 2.01])
    assert gardner_stability(3.9, 0.1) > 0


@given(st.integers(1, 60), st.integers(1, 60))
def test_cover_count(num_patterns, num_inputs):
    terms = [math.comb(num_patterns - 1, k) for k in range(min(num_inputs, num_patterns))]
    expected = sum(terms) / 2 ** (num_patterns - 1)
    assert separable_probability(num_patterns, num_inputs) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("num_inputs", [1, 7, 1000, 10**6])
def test_cover_at_twice_the_inputs(num_inputs):
    assert separable_probability(2 * num_inputs, num_inputs) == pytest.approx(0.5, abs=1e-9)
    assert separable_probability(num_inputs, num_inputs) == 1


def test_cover_against_linear_programming():
    """Random dichotomies of random points, each tried for weights that separate it."""
    points, inputs, trials = 7, 3, 400
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(trials):
        signed = rng.choice([-1.0, 1.0], size=(points, 1)) * rng.normal(size=(points, inputs))
        plan = linprog(np.zeros(inputs), A_ub=-signed, b_ub=-np.ones(points), bounds=(None, None))
        found += plan.success
    expected = separable_probability(points, inputs)  # 22/64
    assert expected == pytest.approx(22 / 64)
    error = math.sqrt(expected * (1 - expected) / trials)
    assert found / trials == pytest.approx(expected, abs=4 * error)
