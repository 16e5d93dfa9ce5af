"""Sanger's rule against the ordered eigenvectors of ``numpy.linalg.eigh``."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import LinearMembers, gaussian, mean_and_error

from canns.dynamics import Activity, Linear
from canns.plasticity import Oja, Sanger, Setup, learn


@pytest.mark.parametrize("seed", range(3))
def test_rows_are_the_ordered_eigenvectors_when_the_data_has_no_noise(seed):
    rng = np.random.default_rng(seed)
    values = np.array([4.0, 2.5, 1.5, 0.8, 0.3])
    axes, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    # One sample along each axis, sqrt(5 lambda) long: the correlation is exactly
    # sum lambda v v', and at its eigenvectors no single sample moves the weights.
    samples = (np.sqrt(5 * values)[:, None] * axes.T).astype(np.float32)
    found, vectors = np.linalg.eigh(samples.T.astype(float) @ samples / 5)
    np.testing.assert_allclose(found[::-1], values, rtol=1e-6)
    start = jnp.asarray(rng.normal(size=(4, 5)) / 4, jnp.float32)
    weights = np.asarray(
        learn(Setup(Sanger(0.02), Linear()), start, np.tile(samples, (4000, 1))).weights, np.float64
    )
    overlaps = np.abs(weights @ vectors[:, ::-1])
    np.testing.assert_allclose(overlaps, np.eye(4, 5), rtol=0, atol=2e-6)
    np.testing.assert_allclose(weights @ weights.T, np.eye(4), rtol=0, atol=2e-6)


def test_rows_find_the_eigenvectors_of_noisy_data():
    rng = np.random.default_rng(3)
    mixing = np.linalg.qr(rng.normal(size=(8, 8)))[0] * np.sqrt([8, 5, 3, 2, 0.3, 0.3, 0.2, 0.2])
    samples = (rng.normal(size=(500, 8)) @ mixing.T).astype(np.float32)
    values, vectors = (
        a[..., ::-1] for a in np.linalg.eigh(samples.T.astype(float) @ samples / 500)
    )
    eta = 2e-4
    start = jnp.asarray(rng.normal(size=(3, 8)) / 5, jnp.float32)
    weights = np.asarray(
        learn(Setup(Sanger(eta), Linear()), start, np.tile(samples, (200, 1))).weights, np.float64
    )
    overlaps = weights @ vectors
    # Row i sees what rows above leave, so along a later j it has Oja's variance.
    for i in range(3):
        later = values[i + 1 :]
        variance = eta * values[i] * later / (2 * (values[i] - later))
        assert (np.abs(overlaps[i, i + 1 :]) < 5 * np.sqrt(variance)).all()
    gram = weights @ weights.T
    largest = 5 * np.sqrt(eta * values[0] * values[1] / (2 * (values[0] - values[1])))
    np.testing.assert_allclose(gram, np.eye(3), rtol=0, atol=largest)
    np.testing.assert_allclose(np.abs(np.diagonal(overlaps)), 1, rtol=0, atol=largest)


def test_each_row_fluctuates_as_oja_does_in_what_the_rows_above_leave():
    variances, eta, members = np.array([4.0, 2.0, 0.5, 0.25]), 0.002, 512
    neurons = LinearMembers(Sanger(eta), jnp.eye(3, 4), members)
    snapshots = []
    # The slowest mode, (2, 3), relaxes at eta (2 - 0.5) = 0.003 a sample.
    for block in range(14):
        weights = neurons.learn(gaussian(block, members, 600, variances)).weights
        if block >= 4:
            snapshots.append(np.asarray(weights, np.float64))
    measured, error = mean_and_error(np.stack(snapshots) ** 2)
    next_order = 2 * eta * variances.sum()
    for i, j in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]:
        theory = eta * variances[i] * variances[j] / (2 * (variances[i] - variances[j]))
        assert error[i, j] < 0.03 * theory
        assert abs(measured[i, j] - theory) < next_order * theory + 4 * error[i, j]


def test_the_first_row_is_ojas():
    rng = np.random.default_rng(4)
    samples = rng.normal(size=(200, 4)).astype(np.float32)
    weights = jnp.asarray(rng.normal(size=(3, 4)) / 2, jnp.float32)
    sanger = learn(Setup(Sanger(0.02), Linear()), weights, samples).weights[0]
    oja = learn(Setup(Oja(0.02), Linear()), weights, samples).weights[0]
    np.testing.assert_allclose(sanger, oja, rtol=0, atol=1e-6)
    assert Sanger(0.02).stability_bound(samples) == Oja(0.02).stability_bound(samples)


@pytest.mark.parametrize("shape", [(1, 3), (2, 5), (7, 9), (16, 64), (17, 4), (40, 40), (30, 60)])
def test_a_step_is_the_formula_for_small_and_large_weights(shape, x64):
    rng = np.random.default_rng(5)
    weights, x = rng.normal(size=shape), rng.normal(size=shape[1])
    y = rng.normal(size=shape[0])
    _, delta = Sanger(0.3).step((), jnp.asarray(weights), Activity(jnp.asarray(x), jnp.asarray(y)))
    expected = 0.3 * (np.outer(y, x) - np.tril(np.outer(y, y)) @ weights)
    np.testing.assert_allclose(delta, expected, rtol=0, atol=1e-12)
