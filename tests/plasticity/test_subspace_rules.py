"""The subspace rules against eigenvectors, and their stability against the linearised rule."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import learn_unchecked

from canns.dynamics import Linear
from canns.plasticity import Oja, OjaSubspace, Setup, WeightedSubspace, learn

VALUES = np.array([4.0, 2.5, 1.5, 0.8, 0.3])
K = 3
STEP = 0.4
THETA = 1 + STEP * np.arange(K)


def axes(seed):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5)))[0].T


def samples_along(directions, epochs):
    """One sample along each axis, sqrt(5 lambda) long, again and again.

    Their correlation has the eigenvalues of above exactly, and where the rules end no single
    sample moves the weights.
    """
    return np.tile(np.sqrt(5 * VALUES)[:, None] * directions, (epochs, 1))


def learnt(rule, weights, inputs):
    return np.asarray(learn(Setup(rule, Linear()), jnp.asarray(weights), inputs).weights)


@pytest.mark.parametrize("seed", range(3))
def test_the_rows_span_the_leading_subspace_and_are_orthonormal(seed, x64):
    start = np.random.default_rng(seed).normal(size=(K, 5)) / 4
    directions = axes(seed)
    weights = learnt(OjaSubspace(0.01), start, samples_along(directions, 1500))
    np.testing.assert_allclose(weights @ weights.T, np.eye(K), rtol=0, atol=1e-9)
    leading = directions[:K].T @ directions[:K]
    np.testing.assert_allclose(weights.T @ weights, leading, rtol=0, atol=1e-9)
    # Not the eigenvectors: any basis is as good.
    assert np.abs(weights @ directions[:K].T).max(axis=1).min() < 0.99


@pytest.mark.parametrize("seed", range(3))
def test_weighted_rows_are_the_eigenvectors_in_order_of_rising_thetas(seed, x64):
    start = np.random.default_rng(seed).normal(size=(K, 5)) / 4
    directions = axes(seed)
    rule = WeightedSubspace(0.01, STEP)
    # The slowest mode of below relaxes at 0.0023 a sample.
    weights = learnt(rule, start, samples_along(directions, 2500))
    overlaps = np.abs(weights @ directions.T)
    expected = np.diag(1 / np.sqrt(THETA)) @ np.eye(K, 5)
    np.testing.assert_allclose(overlaps, expected, rtol=0, atol=1e-9)


def weighted_modes(eta):
    """Eigenvalues of the mean map of one epoch of small steps around the ordered components."""
    eigenvalues = []
    for i in range(K):
        eigenvalues.append(-2 * VALUES[i])
        eigenvalues += [VALUES[j] - VALUES[i] for j in range(K, 5)]
        for j in range(i + 1, K):
            r, a, b = THETA[j] / THETA[i], VALUES[i], VALUES[j]
            pair = [[b * (1 - 1 / r) - a, -a / np.sqrt(r)], [-b * np.sqrt(r), a * (1 - r) - b]]
            eigenvalues += list(np.linalg.eigvals(np.array(pair)))
    return eta * np.array(eigenvalues)


def test_the_mean_field_of_the_weighted_rule_has_these_modes(x64):
    # The rule's own change, averaged over the samples, differentiated numerically at the point.
    point = np.diag(1 / np.sqrt(THETA)) @ np.eye(K, 5)
    inputs = samples_along(np.eye(5), 1)
    rule, eta = WeightedSubspace(1.0, STEP), 1.0

    def mean_change(weights):
        steps = [
            rule.step((), jnp.asarray(weights), Linear().step(None, weights, jnp.asarray(x))[1])[1]
            for x in inputs
        ]
        return np.mean(steps, axis=0)

    np.testing.assert_allclose(mean_change(point), 0, atol=1e-12)
    size = 1e-6
    columns = []
    for index in range(point.size):
        nudge = np.zeros(point.size)
        nudge[index] = size
        nudge = nudge.reshape(point.shape)
        columns.append((mean_change(point + nudge) - mean_change(point - nudge)) / (2 * size))
    jacobian = np.array([column.ravel() for column in columns]).T
    found = np.sort(np.linalg.eigvals(jacobian).real)
    np.testing.assert_allclose(found, np.sort(weighted_modes(eta)), rtol=0, atol=1e-7)
    # All decay: the order of above is the stable one. The fastest keeps to the stated bound.
    assert found.max() < 0
    r = THETA[-1]
    assert -found.min() <= VALUES[0] * (r + 1 / r)


def test_one_neuron_is_ojas():
    rng = np.random.default_rng(0)
    samples, weights = rng.normal(size=(50, 4)).astype(np.float32), jnp.full((1, 4), 0.3)
    oja = learnt(Oja(0.02), weights, samples)
    for rule in (OjaSubspace(0.02), WeightedSubspace(0.02)):
        np.testing.assert_allclose(learnt(rule, weights, samples), oja, rtol=0, atol=1e-6)


def test_local_stability_of_the_subspace_ends_at_eta_lambda_of_one(x64):
    # Along one direction w <- w + a w (1 - w^2), of slope 1 - 2a at 1; a is eta |x|^2.
    for share, stable in ((0.99, True), (1.01, False)):
        inputs = np.ones((2000, 1))
        setup, start = Setup(OjaSubspace(share), Linear()), jnp.array([[1.1]])
        end = np.asarray(learn_unchecked(setup, start, inputs).weights)
        assert (abs(end[0, 0] - 1) < 1e-9) == stable


def test_the_bound_of_the_subspace_is_ojas_and_that_of_unequal_thetas_is_lower():
    inputs = np.random.default_rng(0).normal(size=(50, 4))
    bound = Oja().stability_bound(inputs)
    assert OjaSubspace().stability_bound(inputs) == bound
    assert WeightedSubspace().stability_bound(inputs) == (
        f"{bound} Multiply the bound by 2/(r + 1/r), with r the theta of the last neuron."
    )
