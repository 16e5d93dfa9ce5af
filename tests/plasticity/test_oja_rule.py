"""Oja's rule against the closed forms of its fixed point, its noise and its stability."""

import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import LinearMembers, gaussian, learn_unchecked, mean_and_error

from canns.dynamics import Linear
from canns.errors import DivergenceError
from canns.plasticity import Oja, Setup, learn

VARIANCES = np.array([4.0, 1.0, 0.5, 0.25])
ETA = 0.002


@pytest.fixture(scope="module")
def stationary():
    """Weights of 1024 independent neurons at 20 moments, in the eigenbasis, started at rest."""
    neurons = LinearMembers(Oja(ETA), jnp.array([[1.0, 0.0, 0.0, 0.0]]), members=1024)
    snapshots = []
    # The slowest mode relaxes at eta (lambda1 - lambda2) = 0.006 a sample: after 1200 samples
    # its variance is within exp(-14) of the last, and in 400 it forgets all but a percent.
    for block in range(23):
        weights = neurons.learn(gaussian(block, 1024, 400, VARIANCES)).weights
        if block >= 3:
            snapshots.append(np.asarray(weights[:, 0], np.float64))
    return np.stack(snapshots)


# The closed forms are the leading order in eta; the next is smaller by a few times eta lambda.
NEXT_ORDER = 2 * ETA * VARIANCES.sum()


def test_constant_learning_rate_leaves_the_variance_of_the_closed_form(stationary):
    lead, others = VARIANCES[0], VARIANCES[1:]
    theory = ETA * lead * others / (2 * (lead - others))
    # The table that the closed form was checked with: .001333 .000571 .000267.
    np.testing.assert_allclose(theory, [0.001333, 0.000571, 0.000267], atol=5e-7)
    measured, error = mean_and_error(stationary[..., 1:] ** 2)
    assert (error < 0.015 * theory).all(), "too few samples for the tolerance to mean anything"
    assert (np.abs(measured - theory) < NEXT_ORDER * theory + 4 * error).all()


def test_constant_learning_rate_lengthens_the_weights_by_the_closed_form(stationary):
    theory = ETA / 2 * (VARIANCES.sum() - VARIANCES[0])
    assert theory == pytest.approx(0.00175)
    measured, error = mean_and_error((stationary**2).sum(axis=-1) - 1)
    assert error < 0.005 * theory
    assert abs(measured - theory) < NEXT_ORDER * theory + 4 * error


def test_weights_fluctuate_around_the_leading_eigenvector_without_bias(stationary):
    measured, error = mean_and_error(stationary[..., 1:])
    assert (np.abs(measured) < 4 * error).all()


@pytest.mark.parametrize("seed", range(3))
def test_any_start_reaches_the_leading_eigenvector_of_the_correlation(seed):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(6, 6)) * [3, 2, 1, 1, 1, 1]
    samples = (rng.normal(size=(400, 6)) @ mixing.T).astype(np.float32)
    values, vectors = np.linalg.eigh(samples.T.astype(float) @ samples / len(samples))
    eta = 1e-3 / values[-1]
    # 0.4 times 1 - lambda2/lambda1 e-foldings an epoch; every neuron finds the same vector.
    start = jnp.asarray(rng.normal(size=(3, 6)) / 3, jnp.float32)
    weights = np.asarray(
        learn(Setup(Oja(eta), Linear()), start, np.tile(samples, (150, 1))).weights
    )
    # Noise along eigenvector j has the closed form's variance; five deviations for all of them.
    variance = eta * values[-1] * values[:-1] / (2 * (values[-1] - values[:-1]))
    assert (np.abs(weights @ vectors[:, :-1]) < 5 * np.sqrt(variance)).all()
    assert np.abs(weights @ vectors[:, -1]) == pytest.approx(1.0, abs=5e-3)


def one_direction(eta_lambda, samples):
    """Learn from one sample over and over: then lambda1 = |x|^2 exactly, without noise."""
    inputs = np.tile(np.array([[0.6, 0.8]]), (samples, 1)).astype(jnp.result_type(float))
    start = jnp.array([[0.66, 0.88]])
    return learn_unchecked(Setup(Oja(eta_lambda), Linear()), start, inputs), inputs


def length_after(eta_lambda, samples):
    return float(np.linalg.norm(one_direction(eta_lambda, samples)[0].weights))


def test_local_stability_ends_at_eta_lambda_of_one(x64):
    # w <- w + a w (1 - w^2) has the slope 1 - 2a at w = 1: -0.98 at a = 0.99, -1.02 at 1.01.
    assert length_after(0.99, 2000) == pytest.approx(1.0, abs=1e-12)
    # Beyond, it alternates between w and w' with w w' = 1/a and w^2 + w'^2 = 1 + 1/a.
    a = 1.01
    pair = np.sqrt(1 + 3 / a) + np.array([-1, 1]) * np.sqrt(1 - 1 / a)
    found = sorted(length_after(a, samples) for samples in (2000, 2001))
    np.testing.assert_allclose(found, pair / 2, rtol=0, atol=1e-9)


def test_divergence_at_eta_lambda_of_two_names_the_step_and_the_bound():
    # The cubic map leaves every bounded set for a > 2.
    with pytest.raises(DivergenceError, match=r"learning_rate < 1/lambda_1.*here below 1\.") as e:
        one_direction(2.05, 2000)
    step = e.value.step
    assert f"at step {step}." in str(e.value)
    before, inputs = one_direction(2.05, step)
    assert np.abs(before.weights).max() <= 1e10
    with pytest.raises(DivergenceError) as again:
        learn_unchecked(Setup(Oja(2.05), Linear()), before.weights, inputs[:1], step)
    assert again.value.step == step


def test_the_bound_in_the_message_is_one_over_the_largest_eigenvalue():
    samples = np.random.default_rng(0).normal(size=(500, 4)) * [3, 1, 1, 1]
    largest = np.linalg.eigvalsh(samples.T @ samples / 500)[-1]
    assert f"here below {1 / largest:.3g}." in Oja(0.1).stability_bound(samples)
