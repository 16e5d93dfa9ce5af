"""The Hopfield network: published figures, the mean-field equations, limits, a simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.analyzer.theory import (
    ags_critical_load,
    ags_overlap,
    ags_state,
    retrieval_load,
    spin_glass_state,
    spin_glass_temperature,
)

ZEROS, WEIGHTS = np.polynomial.hermite_e.hermegauss(180)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


def equations(alpha, temperature, state):
    """Return the right sides of the equations of m, q and r."""
    tanh = np.tanh((state.m + math.sqrt(alpha * state.r) * ZEROS) / temperature)
    q = WEIGHTS @ tanh**2
    return WEIGHTS @ tanh, q, q / (1 - (1 - q) / temperature) ** 2


def test_critical_load():
    critical = ags_critical_load()
    assert critical.alpha == pytest.approx(0.1379055665, abs=5e-11)
    assert critical.m == pytest.approx(0.967417, abs=5e-7)
    assert critical.y == pytest.approx(1.511219, abs=5e-7)


@pytest.mark.parametrize(
    ("alpha", "m", "digits"),
    [
        (0.05, 0.99999223, 8),
        (0.08, 0.99955738, 8),
        (0.10, 0.99799927, 8),
        (0.12, 0.99322273, 8),
        (0.13, 0.98721189, 8),
        (0.135, 0.98079, 5),
        (0.1379, 0.96810, 5),
    ],
)
def test_overlap_at_zero_temperature(alpha, m, digits):
    assert ags_overlap(alpha) == pytest.approx(m, abs=0.5 * 10**-digits)


@pytest.mark.parametrize("alpha", [1e-6, 0.02, 0.09, 0.137])
def test_equations_at_zero_temperature(alpha):
    m, q, r = ags_state(alpha)
    y = m / math.sqrt(2 * alpha * r)
    C = math.sqrt(2 / (math.pi * alpha * r)) * math.exp(-y * y)
    assert q == 1
    assert m == pytest.approx(math.erf(y), rel=1e-12)
    assert r == pytest.approx((1 - C) ** -2, rel=1e-12)


@pytest.mark.parametrize(
    ("alpha", "temperature", "m", "q"),
    [
        (0.05, 0.3, 0.991165, 0.982961),
        (0.05, 0.5, 0.904106, 0.833358),
        (0.10, 0.2, 0.989085, 0.984417),
    ],
)
def test_order_parameters(alpha, temperature, m, q):
    state = ags_state(alpha, temperature)
    assert state.m == pytest.approx(m, abs=5e-7)
    assert state.q == pytest.approx(q, abs=5e-7)


@settings(max_examples=40)
@given(temperature=st.floats(0.3, 0.98), share=st.floats(0.0, 0.999))
def test_retrieval_state_solves_the_equations(temperature, share):
    alpha = share * retrieval_load(temperature)
    state = ags_state(alpha, temperature)
    assert state.m > 0
    # Near the spinodal the state is soft, but the equations hold all the same.
    np.testing.assert_allclose(equations(alpha, temperature, state), state, rtol=1e-8)


@settings(max_examples=40)
@given(alpha=st.floats(0.01, 2.0), share=st.floats(0.4, 0.999))
def test_spin_glass_solves_the_equations(alpha, share):
    temperature = share * spin_glass_temperature(alpha)
    state = spin_glass_state(alpha, temperature)
    assert state.m == 0
    assert 0 < state.q < 1
    np.testing.assert_allclose(equations(alpha, temperature, state), state, rtol=1e-6, atol=1e-12)


def test_retrieval_ends_at_the_critical_load():
    critical = ags_critical_load().alpha
    below, above = ags_state([critical * (1 - 1e-9), critical * (1 + 1e-9)]).m
    assert below > 0.967
    assert above == 0


def test_beyond_it_the_state_is_the_spin_glass():
    np.testing.assert_array_equal(
        ags_state(0.2, [0.0, 0.5, 1.2]), spin_glass_state(0.2, [0, 0.5, 1.2])
    )


@pytest.mark.parametrize(("temperature", "m"), [(0.5, 0.95750), (0.8, 0.71041)])
def test_small_loads_tend_to_the_ferromagnet(temperature, m):
    still = ags_overlap(0.0, temperature)
    assert still == pytest.approx(m, abs=5e-6)
    assert still == pytest.approx(math.tanh(still / temperature), rel=1e-12)
    # The first correction is linear in alpha.
    one, two = still - ags_overlap([1e-6, 2e-6], temperature)
    assert two / one == pytest.approx(2, abs=1e-3)
    assert 0 < one < 1e-4


@pytest.mark.parametrize("temperature", [1.0, 1.5])
def test_no_retrieval_from_temperature_one_on(temperature):
    assert ags_state(0.0, temperature) == (0, 0, 0)
    assert ags_overlap(1e-6, temperature) == 0


def test_zero_temperature_is_the_limit():
    # The first correction of m is of order T, through C.
    np.testing.assert_allclose(ags_state(0.1, 1e-7), ags_state(0.1), rtol=1e-6)
    np.testing.assert_allclose(spin_glass_state(0.1, 1e-7), spin_glass_state(0.1), rtol=1e-6)
    assert ags_state(0.1, 1e-300) == ags_state(0.1)


def test_overlap_falls_with_the_load():
    curve = ags_overlap(np.linspace(0, 0.15, 31)[:, None], [0.0, 0.2, 0.5, 0.9])
    assert (np.diff(curve, axis=0) <= 0).all()
    assert curve.shape == (31, 4)
    assert (curve[0] > 0.5).all()
    assert (curve[-1] == 0).all()


def test_overlap_falls_with_the_temperature():
    curve = ags_overlap(0.05, np.linspace(0.1, 0.6, 21))
    inside = curve > 0
    assert (np.diff(curve[inside]) < 0).all()
    assert inside.sum() == 18  # up to T_M = 0.542


def test_spin_glass_at_zero_temperature():
    # C = k(1 - C) with k = sqrt(2/(pi alpha)), so that r = (1 + k)^2.
    state = spin_glass_state(0.3)
    assert state.q == 1
    assert state.r == pytest.approx((1 + math.sqrt(2 / (math.pi * 0.3))) ** 2, rel=1e-12)


def test_spin_glass_sets_in_at_its_temperature():
    edge = spin_glass_temperature(0.25)
    assert spin_glass_state(0.25, edge) == (0, 0, 0)
    assert spin_glass_state(0.25, 1.7) == (0, 0, 0)
    # q grows linearly below T_g.
    near, far = spin_glass_state(0.25, [edge - 1e-5, edge - 2e-5]).q
    assert far / near == pytest.approx(2, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.08, 0.12])
def test_simulation(load):
    """Started on every pattern, synchronous updates end with the overlap of theory."""
    size, finals = 1000, []
    for seed in range(5):
        patterns = np.random.default_rng(seed).choice([-1.0, 1.0], size=(int(load * size), size))
        states = patterns
        for _ in range(30):
            fields = states @ patterns.T @ patterns - len(patterns) * states
            states = np.where(fields > 0, 1.0, -1.0)
        finals.append(np.mean(states * patterns))
    error = np.std(finals, ddof=1) / math.sqrt(len(finals))
    assert np.mean(finals) == pytest.approx(ags_overlap(load), abs=4 * error)
    assert error < 0.002
