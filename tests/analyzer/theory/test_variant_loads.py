"""Relatives of the Hopfield network: figures, independent solutions, simulations."""

import math

import numpy as np
import pytest

from canns.analyzer.theory import variant_critical_load, variant_overlap
from canns.errors import ValidationError

ZEROS, WEIGHTS = np.polynomial.hermite_e.hermegauss(180)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
NOISE = {
    "clipped": lambda C, q: q * (1 / (1 - C) ** 2 + math.pi / 2 - 1),
    "diluted": lambda C, q: 1,
    "sequence": lambda C, q: 1 / (1 - C**2),
    # The two layers' overlaps are z + C (z' + C (z + ...)): the odd and the even terms apart.
    "bam": lambda C, q: q * ((1 / (1 - C**2)) ** 2 + (C / (1 - C**2)) ** 2),
}


def iterate(alpha, noise, response):
    """Solve the equations by iteration from the pattern, a path of its own to the solution."""
    m, q, C = 1.0, 1.0, 0.0
    for _ in range(2000):
        m, q, C = response(m, math.sqrt(alpha * noise(C, q)))
    return m


def frozen(m, sigma):
    y = m / (math.sqrt(2) * sigma)
    return math.erf(y), 1.0, math.sqrt(2 / math.pi) / sigma * math.exp(-y * y)


def warm(temperature):
    def response(m, sigma):
        tanh = np.tanh((m + sigma * ZEROS) / temperature)
        q = WEIGHTS @ tanh**2
        return WEIGHTS @ tanh, q, (1 - q) / temperature

    return response


@pytest.mark.parametrize(
    ("variant", "alpha", "m", "digits"),
    [
        ("clipped", 0.10184, 0.9480, 5),
        ("sequence", 0.26906, 0.8349, 5),
        ("bam", 0.19980, 0.9328, 5),
        ("diluted", 2 / math.pi, 0.0, 10),
    ],
)
def test_critical_loads(variant, alpha, m, digits):
    critical = variant_critical_load(variant)
    assert critical.alpha == pytest.approx(alpha, abs=0.5 * 10**-digits)
    assert critical.m == pytest.approx(m, abs=5e-5)
    assert math.erf(critical.y) == pytest.approx(critical.m, abs=1e-12)


@pytest.mark.parametrize(
    ("variant", "alpha", "m", "digits"),
    [("clipped", 0.08, 0.993, 3), ("diluted", 0.3, 0.89944, 5)],
)
def test_published_overlaps(variant, alpha, m, digits):
    assert variant_overlap(alpha, variant) == pytest.approx(m, abs=0.5 * 10**-digits)


@pytest.mark.parametrize("variant", NOISE)
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_against_iteration(variant, share):
    alpha = share * variant_critical_load(variant).alpha
    expected = iterate(alpha, NOISE[variant], frozen)
    assert variant_overlap(alpha, variant) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("variant", NOISE)
@pytest.mark.parametrize(("alpha", "temperature"), [(0.03, 0.5), (0.01, 0.7)])
def test_against_iteration_at_finite_temperature(variant, alpha, temperature):
    expected = iterate(alpha, NOISE[variant], warm(temperature))
    assert expected > 0.5
    found = variant_overlap(alpha, variant, temperature)
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("variant", NOISE)
def test_overlap_vanishes_beyond_the_critical_load(variant):
    critical = variant_critical_load(variant)
    below, above = variant_overlap(critical.alpha * np.array([1 - 1e-9, 1 + 1e-9]), variant)
    # The square root of the distance leads to the critical overlap.
    assert below == pytest.approx(critical.m, abs=3e-4)
    assert above == 0
    curve = variant_overlap(np.linspace(0, 1, 30), variant)
    assert curve[0] == 1
    assert (np.diff(curve) <= 0).all()


@pytest.mark.parametrize("temperature", [0.3, 0.5, 0.7, 0.95])
def test_diluted_overlap_vanishes_continuously_in_temperature(temperature):
    # Linearised, 1 = <sech^2(sqrt(alpha) z/T)>/T at the edge.
    low, high = 0.0, 1.0
    for _ in range(60):
        alpha = (low + high) / 2
        slope = WEIGHTS @ (1 / np.cosh(math.sqrt(alpha) * ZEROS / temperature) ** 2) / temperature
        low, high = (alpha, high) if slope > 1 else (low, alpha)
    inside, outside = variant_overlap([low * 0.9999, low * 1.0001], "diluted", temperature)
    assert 0 < inside < 0.02
    assert outside == 0


@pytest.mark.parametrize("variant", NOISE)
def test_without_load_it_is_the_ferromagnet(variant):
    m = variant_overlap(0.0, variant, 0.5)
    assert m == pytest.approx(math.tanh(m / 0.5), rel=1e-12)


def flip_noise(fields, temperature, rng):
    return np.where(rng.random(fields.shape) < (1 + np.tanh(fields / temperature)) / 2, 1.0, -1.0)


def test_sequence_in_simulation():
    size, alpha, temperature, finals = 600, 0.1, 0.4, []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        patterns = rng.choice([-1.0, 1.0], size=(int(alpha * size), size))
        state, overlaps = patterns[0], []
        for t in range(1, 201):
            fields = (patterns @ state / size) @ np.roll(patterns, -1, axis=0)
            state = flip_noise(fields, temperature, rng)
            overlaps.append(state @ patterns[t % len(patterns)] / size)
        finals.append(np.mean(overlaps[50:]))
    error = np.std(finals, ddof=1) / 2
    expected = variant_overlap(alpha, "sequence", temperature)
    assert np.mean(finals) == pytest.approx(expected, abs=4 * error)
    assert error < 0.006


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.0, 0.4])
def test_bidirectional_memory_in_simulation(temperature):
    size, alpha, finals = 600, 0.1, []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        left, right = rng.choice([-1.0, 1.0], size=(2, int(alpha * size), size))
        upper, lower = left, right
        for _ in range(30):
            lower = flip_noise(upper @ left.T @ right / size, max(temperature, 1e-9), rng)
            upper = flip_noise(lower @ right.T @ left / size, max(temperature, 1e-9), rng)
        finals.append(np.mean(upper * left))
    error = np.std(finals, ddof=1) / 2
    expected = variant_overlap(alpha, "bam", temperature)
    assert np.mean(finals) == pytest.approx(expected, abs=4 * error)
    assert error < 0.006


@pytest.mark.slow
def test_clipped_in_simulation():
    size, alpha, finals = 1000, 0.075, []  # an odd number of patterns: no weight is 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        patterns = rng.choice([-1.0, 1.0], size=(int(alpha * size), size))
        weights = np.sign(patterns.T @ patterns)
        np.fill_diagonal(weights, 0)
        states = patterns
        for _ in range(30):
            states = np.where(states @ weights > 0, 1.0, -1.0)
        finals.append(np.mean(states * patterns))
    error = np.std(finals, ddof=1) / math.sqrt(len(finals))
    assert np.mean(finals) == pytest.approx(variant_overlap(alpha, "clipped"), abs=4 * error)
    assert error < 0.002


@pytest.mark.parametrize("variant", ["hebb", "", None, ["bam"], np.array(["bam", "clipped"])])
def test_unknown_variants(variant):
    with pytest.raises(ValidationError, match=r"^variant must be one of 'clipped'"):
        variant_overlap(0.1, variant)
    with pytest.raises(ValidationError, match=r"^variant must be"):
        variant_critical_load(variant)
