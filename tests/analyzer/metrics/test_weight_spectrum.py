"""Spectra against LAPACK and against Marchenko and Pastur's law."""

import jax.numpy as jnp
import numpy as np
import pytest
from metrics_helpers import hebb, signs

from canns.analyzer.metrics import weight_spectrum
from canns.dynamics import LowRank, Sparse
from canns.dynamics.couplings import store
from canns.errors import ValidationError


@pytest.mark.parametrize("count", [1, 10, 50, 80])
@pytest.mark.parametrize("scale", [1 / 50, -0.3])
def test_of_patterns_is_that_of_the_matrix(count, scale):
    patterns = signs(count, count, 50)
    couplings = LowRank.hebbian(jnp.asarray(patterns, jnp.float32), scale)
    expected = np.linalg.eigvalsh(scale * 50 * hebb(patterns))
    found = weight_spectrum(couplings)
    assert found.shape == (50,)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    np.testing.assert_allclose(
        weight_spectrum(scale * 50 * hebb(patterns)), expected, atol=1e-5 * np.abs(expected).max()
    )


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("count", [5, 50])
def test_of_stored_patterns_is_that_of_the_matrix(packed, count):
    strengths = np.random.default_rng(1).normal(size=count) / 40  # of either sign
    kernel = np.diag(strengths) + np.outer(strengths, strengths)
    for given in (strengths, kernel):
        rows = signs(2, count, 40).astype(np.float32)
        stored = store(rows, given, 0.25, hollow=False, packed=packed)
        expected = np.linalg.eigvalsh(np.float64(stored.matrix()))
        found = weight_spectrum(stored)
        np.testing.assert_allclose(found, expected, atol=2e-5 * np.abs(expected).max())


def test_of_few_couplings_is_that_of_the_matrix():
    ring = np.array([[(i - 1) % 12, (i + 1) % 12] for i in range(12)])
    found = weight_spectrum(Sparse(jnp.asarray(ring), jnp.ones((12, 2))))
    expected = np.sort(2 * np.cos(2 * np.pi * np.arange(12) / 12))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_random_patterns_follow_marchenko_and_pastur():
    size, load = 1000, 0.25
    patterns = signs(0, 250, size)
    found = weight_spectrum(LowRank.hebbian(jnp.asarray(patterns, jnp.float32), 1 / size))
    np.testing.assert_allclose(found[:750], -load, atol=1e-4)
    x = found[750:] + load
    # The outermost eigenvalues are Tracy and Widom's: mean -1.21 and deviation 1.27, in units of
    # s, inside the edges (Johnstone 2001, Ann. Stat. 29:295).
    for sign, outermost in ((1, x.max()), (-1, x.min())):
        edge = 1 + sign * np.sqrt(load)
        unit = edge * abs(1 + sign / np.sqrt(load)) ** (1 / 3) * size ** (-2 / 3)
        assert sign * (outermost - edge**2) / unit == pytest.approx(-1.21, abs=3 * 1.27)
    # The squares are 1 + sum m^2 over pairs, each of variance 2/N^2, so their mean has error 2/N.
    assert (x**2).mean() == pytest.approx(1 + 249 / size, abs=3 * 2 / size)
    grid = np.linspace((1 - np.sqrt(load)) ** 2, (1 + np.sqrt(load)) ** 2, 100_001)[1:-1]
    density = np.sqrt((grid[-1] - grid) * (grid - grid[0])) / (2 * np.pi * load * grid)
    below = np.cumsum(density) * (grid[1] - grid[0])
    assert below[-1] == pytest.approx(1, abs=1e-3)
    # Eigenvalues repel: their number below a point is known to a few, of 250.
    share = np.searchsorted(np.sort(x), grid) / 250
    assert np.abs(share - below).max() < 4 / 250


def test_bad_arguments():
    lopsided = np.eye(4)
    lopsided[0, 1] = 1
    with pytest.raises(ValidationError, match=r"^weights must be symmetric"):
        weight_spectrum(lopsided)
    patterns = jnp.asarray(signs(0, 2, 4), jnp.float32)
    other = LowRank(patterns, -patterns, jnp.float32(1), jnp.zeros(4))
    with pytest.raises(ValidationError, match=r"^weights\.post must be"):
        weight_spectrum(other)
    uneven = LowRank(patterns, patterns, jnp.float32(1), jnp.arange(4.0))
    with pytest.raises(ValidationError, match=r"^weights\.diagonal must be"):
        weight_spectrum(uneven)
    with pytest.raises(ValidationError, match=r"^weights must be square"):
        weight_spectrum(np.ones((3, 4)))
