"""The covariance rule against its closed form, and the common field that it takes away."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import store

from canns.dynamics import Successive
from canns.errors import CannsWarning
from canns.plasticity import Covariance, Hebbian, Identity, Setup, learn

P, N, F = 30, 40, 0.1


def sparse_patterns(seed=0):
    """Patterns of 0 and 1, each with exactly F N ones."""
    rng = np.random.default_rng(seed)
    drawn = np.zeros((P, N))
    for row in drawn:
        row[rng.choice(N, int(F * N), replace=False)] = 1
    return drawn


@pytest.mark.parametrize("level", [0.0, 0.1, -0.4])
def test_the_weights_are_the_sum_over_patterns(level, x64):
    x, before = sparse_patterns(), np.random.default_rng(1).normal(size=(N, N))
    found = store(Covariance(0.7, level), x, weights=before, project=Identity())
    expected = before + 0.7 * sum(np.outer(row - level, row - level) for row in x)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


def test_pre_and_post_are_centred_both(x64):
    x = sparse_patterns()
    after = learn(Setup(Covariance(0.7, F), Successive()), jnp.zeros((N, N)), x).weights
    expected = 0.7 * (x[1:] - F).T @ (x[:-1] - F)
    expected += 0.7 * np.outer(x[0] - F, np.full(N, -F))  # before the first there was silence
    np.testing.assert_allclose(after, expected, rtol=1e-12, atol=1e-13)


def test_patterns_of_the_coding_level_leave_no_common_field(x64):
    # 1' W 1 sums over (Nf - Nf)^2 for each pattern; Hebb's rule leaves P (Nf)^2.
    x, ones = sparse_patterns(), np.ones(N)
    centred = store(Covariance(1.0, F), x, project=Identity())
    with pytest.warns(CannsWarning, match="such as Covariance"):
        plain = store(Hebbian(1.0), x, project=Identity())
    np.testing.assert_allclose(centred @ ones, 0, atol=1e-12)
    np.testing.assert_allclose(plain @ ones, F * N * x.sum(axis=0))


def test_signal_and_crosstalk_have_the_scale_of_the_usual_rate():
    # With eta = 1/(N f (1-f)) a neuron of the pattern gets 1 - f, any other -f, and each further
    # pattern adds a variance of f/N: (N f (1-f) terms of variance (f (1-f))^2) eta^2 / f(1-f).
    size, num, f = 2000, 200, 0.1
    x = (np.random.default_rng(3).random((num, size)) < f).astype(np.float32)
    weights = store(Covariance(1 / (size * f * (1 - f)), f), x)
    field = x @ weights.T
    noise = field - (x - f) * (((x - f) ** 2).sum(axis=1) / (size * f * (1 - f)))[:, None]
    expected = num / size * f  # sum over num patterns of f (1-f) f (1-f) N f / (N f (1-f))^2
    # Each of num * size fields is Gaussian; those of one pattern share little.
    error = expected * np.sqrt(2 / num)
    assert abs(noise.var() - expected) < 4 * error
