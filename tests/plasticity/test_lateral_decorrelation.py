"""Anti-Hebbian lateral weights: closed forms for two neurons, principal subspaces for more."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import mean_and_error, repeat
from scipy.linalg import solve_continuous_lyapunov, subspace_angles
from scipy.optimize import approx_fprime, root
from scipy.stats import chi2

from canns.dynamics import LateralLinear, LateralWeights
from canns.errors import DivergenceError, ValidationError
from canns.plasticity import (
    AntiHebbian,
    Identity,
    Oja,
    PartProjections,
    Parts,
    Setup,
    ZeroDiagonal,
    learn,
    learn_members,
)

HOLLOW = PartProjections((Identity(), ZeroDiagonal()))


def only_lateral(alpha):
    return Parts((None, AntiHebbian(alpha)))


def test_two_neurons_fluctuate_about_the_closed_form():
    # With w between them the modes (1, 1) and (1, -1) have variances (1 + r)/(1 - w)^2 and
    # (1 - r)/(1 + w)^2. Equal variances mean no correlation.
    r, alpha, members = 0.6, 0.001, 1024
    ratio = np.sqrt((1 + r) / (1 - r))
    w = (1 - ratio) / (1 + ratio)
    variance = (1 + r) / (1 - w) ** 2
    assert variance == pytest.approx((1 - r) / (1 + w) ** 2)
    rule, neuron = only_lateral(alpha), LateralLinear()
    parts = [repeat(part, members) for part in (rule, neuron, HOLLOW)]
    rest = LateralWeights(jnp.eye(2), jnp.array([[0.0, w], [w, 0.0]], jnp.float32))
    learner = repeat(Setup(rule, neuron).start(rest), members)
    factor = jnp.asarray(np.linalg.cholesky([[1, r], [r, 1]]), jnp.float32)
    snapshots = []
    for block in range(8):
        noise = jax.random.normal(jax.random.key(block), (members, 500, 2))
        learner = learn_members(Setup(*parts), learner, noise @ factor.T, shared=False)
        lateral = np.asarray(learner.weights.lateral, np.float64)
        np.testing.assert_array_equal(lateral, lateral.transpose(0, 2, 1))
        if block >= 2:
            snapshots.append(lateral[:, 0, 1])
    found = np.stack(snapshots)
    # d E[y1 y2] / dw, by which a deviation is forgotten at alpha times this a sample.
    slope = (1 + r) / (1 - w) ** 3 + (1 - r) / (1 + w) ** 3
    spread = alpha * variance**2 / (2 * slope)
    # What is left out is smaller by alpha times the variance of a product, or by spread.
    next_order = 3 * alpha * variance
    mean, error = mean_and_error(found)
    assert error < 0.03 * np.sqrt(spread)
    assert abs(mean - w) < 4 * error + next_order * np.sqrt(spread) + slope * spread
    measured, error = mean_and_error((found - w) ** 2)
    assert error < 0.04 * spread
    assert abs(measured - spread) < 4 * error + 10 * next_order * spread


@pytest.fixture(scope="module")
def samples():
    """Inputs of variances 3, 2, 1, .2, .1, .1 in random directions; their exact covariance."""
    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    mixing = directions * np.sqrt([3, 2, 1, 0.2, 0.1, 0.1])
    drawn = rng.normal(size=(20000, 6))
    return (drawn @ mixing.T).astype(np.float32), mixing @ mixing.T


def correlations(covariance):
    deviations = np.sqrt(np.diagonal(covariance))
    scaled = covariance / np.outer(deviations, deviations)
    return scaled[np.triu_indices(len(scaled), 1)]


PAIRS = np.triu_indices(6, 1)


def output_covariance(pairs, covariance):
    """Of neurons with lateral weights ``pairs``, (15,), of inputs with this covariance."""
    lateral = np.zeros((6, 6))
    lateral[PAIRS] = pairs
    response = np.linalg.inv(np.eye(6) - lateral - lateral.T)
    return response @ covariance @ response.T


def test_the_outputs_of_many_neurons_become_uncorrelated(samples):
    inputs, covariance = samples
    assert np.abs(correlations(covariance)).max() > 0.5
    learner = LateralWeights(jnp.eye(6), jnp.zeros((6, 6)))
    for alpha in (0.003, 0.001, 0.0003):
        learner = learn(Setup(only_lateral(alpha), LateralLinear(), HOLLOW), learner, inputs)
    forward, lateral = (np.asarray(part, np.float64) for part in learner.weights)
    np.testing.assert_array_equal(forward, np.eye(6))
    np.testing.assert_array_equal(lateral, lateral.T)
    np.testing.assert_array_equal(np.diagonal(lateral), 0)

    def products(pairs):
        return output_covariance(pairs, covariance)[PAIRS]

    rest = root(products, lateral[PAIRS], tol=1e-12).x
    outputs = output_covariance(rest, covariance)
    assert np.abs(correlations(outputs)).max() < 1e-9
    # To first order in alpha, J S + S J' = alpha N, with J the slopes of the products and N the
    # variances of what they are the means of.
    slopes = approx_fprime(rest, products)
    noise = np.diag(np.outer(np.diagonal(outputs), np.diagonal(outputs))[PAIRS])
    spread = solve_continuous_lyapunov(slopes, alpha * noise)
    assert np.abs(rest).max() > 30 * np.sqrt(np.diagonal(spread).max())
    off = lateral[PAIRS] - rest
    assert chi2.ppf(0.0005, 15) < off @ np.linalg.solve(spread, off) < chi2.ppf(0.9995, 15)


def test_oja_neurons_with_lateral_weights_span_the_principal_subspace(samples):
    inputs, covariance = samples
    neuron, eta = LateralLinear(), 0.0003
    learner = neuron.draw(jax.random.key(0), 6, 3)
    for rate in (10 * eta, 3 * eta, eta):
        rule = Parts((Oja(rate), AntiHebbian(3 * rate)))
        learner = learn(Setup(rule, neuron, HOLLOW), learner, inputs)
    forward, lateral = (np.asarray(part, np.float64) for part in learner.weights)
    response = np.linalg.solve(np.eye(3) - lateral, forward)
    values, vectors = np.linalg.eigh(covariance)
    # Oja's variance of each component within by each without; the samples' own covariance is
    # as many times more uncertain as eta T is small.
    inner, outer = values[3:, None], values[:3]
    variance = (eta + 1 / len(inputs)) * inner * outer / (inner - outer)
    assert (subspace_angles(response.T, vectors[:, 3:]) < 4 * np.sqrt(variance.sum())).all()
    assert np.abs(correlations(response @ covariance @ response.T)).max() < 0.1
    # Without lateral weights they would all find the first component.
    assert np.linalg.cond(response) < 3


def test_a_rate_at_which_the_network_would_not_rest_is_a_divergence(samples):
    weights = LateralWeights(jnp.eye(6), jnp.zeros((6, 6)))
    with pytest.raises(DivergenceError, match="Use smaller learning rates"):
        learn(Setup(only_lateral(1.0), LateralLinear(), HOLLOW), weights, samples[0])


def test_a_rule_for_one_matrix_is_refused():
    weights = LateralWeights(jnp.eye(2), jnp.zeros((2, 2)))
    with pytest.raises(ValidationError, match=r"Parts\(\(AntiHebbian\(\), None\)\)"):
        learn(Setup(AntiHebbian(), LateralLinear()), weights, np.ones((1, 2)))
