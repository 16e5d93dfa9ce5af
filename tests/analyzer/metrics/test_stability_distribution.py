"""Stabilities against a loop over neurons, and against Gardner's distribution of Hebb's rule."""

import jax.numpy as jnp
import numpy as np
import pytest
from metrics_helpers import hebb, signs

from canns.analyzer.metrics import stability_distribution
from canns.dynamics import LowRank, Sparse
from canns.dynamics.couplings import store
from canns.errors import ValidationError


def by_hand(weights, patterns):
    values = np.zeros_like(patterns)
    for i in range(len(weights)):
        row = np.delete(weights[i], i)
        norm = np.linalg.norm(row)
        for mu, pattern in enumerate(patterns):
            if norm > 0:
                values[mu, i] = pattern[i] * (row @ np.delete(pattern, i)) / norm
    return values


def sparse(weights, columns=20):
    indices = np.argsort(-np.abs(weights), axis=1)[:, :columns]
    kept = np.take_along_axis(weights, indices, axis=1)
    dense = np.zeros_like(weights)
    np.put_along_axis(dense, indices, kept, axis=1)
    return Sparse(jnp.asarray(indices), jnp.asarray(kept, jnp.float32)), dense


def check(found, expected):
    np.testing.assert_allclose(found.values, expected, atol=2e-5)
    assert found.minimum == pytest.approx(expected.min(), abs=2e-5)
    assert found.share_positive == pytest.approx((expected > 1e-9).mean())
    assert found.share_fixed == pytest.approx((expected > 1e-9).all(axis=1).mean())


def test_of_a_matrix_with_self_couplings_and_a_neuron_without_weights():
    weights = np.random.default_rng(0).normal(size=(30, 30))
    weights[3] = 0
    weights[3, 3] = 2
    patterns = signs(1, 4, 30)
    check(stability_distribution(weights, patterns), by_hand(weights, patterns))


@pytest.mark.parametrize("own", [0.0, 1.0], ids=["with-self-couplings", "without"])
def test_of_patterns_is_that_of_the_matrix(own):
    post, pre = signs(2, 6, 40), signs(3, 6, 40)
    post[:, 5] = 0  # a neuron without weights
    diagonal = own * (post * pre).sum(axis=0) / 40
    couplings = LowRank(*(jnp.asarray(x, jnp.float32) for x in (post, pre, 1 / 40, diagonal)))
    weights = post.T @ pre / 40 - np.diag(diagonal)
    patterns = signs(4, 7, 40)
    check(stability_distribution(couplings, patterns), by_hand(weights, patterns))


@pytest.mark.parametrize("packed", [True, False])
def test_of_what_a_network_stored_is_that_of_the_matrix(packed):
    patterns = signs(2, 6, 40)
    strengths = np.random.default_rng(3).normal(size=6) / 40
    stored = store(np.float32(patterns), strengths, 0.25, hollow=True, packed=packed)
    weights = np.float64(stored.matrix())
    check(stability_distribution(stored, patterns), by_hand(weights, patterns))


def test_of_few_couplings_is_that_of_the_matrix():
    couplings, dense = sparse(np.random.default_rng(5).normal(size=(40, 40)))
    patterns = signs(6, 5, 40)
    check(stability_distribution(couplings, patterns), by_hand(dense, patterns))


def test_hebbs_rule_has_stabilities_of_unit_variance_about_one_over_root_load():
    size, count = 1000, 100
    patterns = signs(7, count, size)
    found = stability_distribution(LowRank.hebbian(jnp.asarray(patterns), 1 / size), patterns)
    # The field is 1 + sqrt(alpha) z, the length sqrt(alpha) up to 1/sqrt(N).
    error = 1 / np.sqrt(size)
    assert found.values.mean() == pytest.approx(np.sqrt(size / count), abs=4 * error)
    assert found.values.std() == pytest.approx(1, abs=4 * error)
    assert found.share_positive == pytest.approx(1 - 0.000783, abs=5e-4)


def test_a_fixed_pattern_is_counted():
    patterns = signs(8, 2, 50)
    assert stability_distribution(hebb(patterns), patterns).share_fixed == 1
    assert stability_distribution(-hebb(patterns), patterns).share_fixed == 0


def test_bad_arguments():
    with pytest.raises(ValidationError, match=r"^weights must be"):
        stability_distribution(np.ones((3, 4)), np.ones((1, 4)))
    with pytest.raises(ValidationError, match=r"^patterns must be"):
        stability_distribution(np.eye(4), np.ones((1, 3)))
    few = Sparse(jnp.zeros((4, 2), int), jnp.ones((4, 3)))
    with pytest.raises(ValidationError, match=r"^weights\.indices must be"):
        stability_distribution(few, np.ones((1, 4)))
