"""Couplings kept as patterns equal the matrix that they stand for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, LowRank, StoredPatterns, network_energies, recall
from canns.dynamics.couplings.matrix import rounding_of

N, P, B = 60, 7, 9
KEY = jax.random.key(3)


def signs(seed, *shape):
    return np.random.default_rng(seed).choice([-1.0, 1.0], shape).astype(np.float32)


def dense(couplings):
    pre = np.asarray(couplings.patterns, float)
    post = pre if couplings.post is None else np.asarray(couplings.post, float)
    product = np.float64(couplings.scale) * post.T @ pre
    return product - np.diag(np.asarray(couplings.diagonal, float))


PATTERNS = jnp.asarray(signs(0, P, N))
HEBB = LowRank.hebbian(PATTERNS, 1 / 64)  # a power of two: every product below is exact
SEQUENCE = LowRank(jnp.roll(PATTERNS, -1, 0), PATTERNS, jnp.float32(1 / 64), jnp.zeros(N))
each = pytest.mark.parametrize("couplings", [HEBB, SEQUENCE], ids=["hebbian", "sequence"])


def test_hebbian_couplings_have_no_self_coupling():
    np.testing.assert_array_equal(np.diag(dense(HEBB)), 0)
    np.testing.assert_array_equal(dense(HEBB), dense(HEBB).T)


@each
def test_field_and_energy_are_those_of_the_matrix(couplings):
    states = jnp.asarray(signs(1, B, N))
    weights = jnp.asarray(dense(couplings), jnp.float32)
    network = Hopfield(threshold=0.25)
    np.testing.assert_array_equal(
        network.local_field(couplings, states), network.local_field(weights, states)
    )
    np.testing.assert_array_equal(
        network_energies(network, couplings, states), network_energies(network, weights, states)
    )


DYNAMICS = [
    Hopfield(),
    Hopfield(asynchronous=True),
    Hopfield(asynchronous=True, update_order="cyclic", tie="minus"),
    Hopfield(stochastic=True, temperature=0.4),
    Hopfield(stochastic=True, asynchronous=True, temperature=0.4),
]


@each
@pytest.mark.parametrize("network", DYNAMICS, ids=str)
def test_recall_is_bit_for_bit_that_of_the_matrix(couplings, network):
    cues = jnp.asarray(signs(2, B, N))
    weights = jnp.asarray(dense(couplings), jnp.float32)
    low = recall(network, couplings, cues, key=KEY, num_iter=12)
    full = recall(network, weights, cues, key=KEY, num_iter=12)
    for field, a, b in zip(low._fields, low, full, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=field)


def test_graded_neurons_agree_to_rounding():
    cues = jnp.asarray(np.random.default_rng(4).normal(size=(B, N)).astype(np.float32))
    for network in (Hopfield(activation="tanh"), Hopfield(activation="tanh", asynchronous=True)):
        low = recall(network, HEBB, cues, key=KEY, num_iter=30).states
        full = recall(network, jnp.asarray(dense(HEBB), jnp.float32), cues, key=KEY, num_iter=30)
        np.testing.assert_allclose(low, full.states, atol=1e-5)


def test_rounding_bounds_that_of_the_matrix():
    # Cauchy-Schwarz for orthogonal patterns: never below the matrix' own, nor far above.
    orthogonal = np.linalg.qr(np.random.default_rng(5).normal(size=(N, P)))[0].T
    couplings = LowRank.hebbian(jnp.asarray(orthogonal, jnp.float32))._replace(
        diagonal=jnp.zeros(N)
    )
    bound = np.asarray(rounding_of(couplings))
    exact = np.asarray(rounding_of(jnp.asarray(dense(couplings), jnp.float32)))
    assert np.all(bound >= exact * (1 - 1e-5))
    assert np.all(bound <= 3 * exact)


def test_rounding_is_positive_for_negative_couplings():
    np.testing.assert_array_equal(
        rounding_of(StoredPatterns.hebbian(PATTERNS, -0.25)),
        rounding_of(LowRank.hebbian(PATTERNS, 0.25)),
    )


@each
def test_the_matrix_is_the_one_that_they_stand_for(couplings):
    weights = dense(couplings)
    np.testing.assert_allclose(couplings.matrix(), weights, atol=1e-6)
    own = np.diag(weights) + np.asarray(couplings.diagonal)
    np.testing.assert_allclose(couplings.self_couplings(), own, atol=1e-6)


def test_patterns_of_whole_numbers_are_taken_in_blocks():
    whole = jax.tree.map(lambda x: x.astype(jnp.int8) if x.ndim == 2 else x, SEQUENCE)
    states = jnp.asarray(signs(1, B, N))
    for couplings in (whole, whole._replace(post=None)):
        expected = states @ dense(couplings).T
        np.testing.assert_allclose(couplings.field(states), expected, atol=1e-5)


@each
def test_stacked_members_are_the_couplings_of_each(couplings):
    members = [couplings, couplings._replace(strengths=couplings.strengths / 2)]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *members)
    assert stacked.shape == (N, N)
    assert stacked.num_patterns == P
    cues = jnp.asarray(signs(6, B, N))

    def run(one):
        ends = recall(Hopfield(asynchronous=True), one, cues, key=KEY, num_iter=3)
        return ends.states, one.field(cues), one.rounding(), one.matrix()

    together = jax.jit(jax.vmap(run))(stacked)
    for k, one in enumerate(members):
        states, *numbers = run(one)
        np.testing.assert_array_equal(together[0][k], states)
        for got, expected in zip(together[1:], numbers, strict=True):
            np.testing.assert_allclose(got[k], expected, rtol=1e-6, atol=1e-6)


def test_derivatives_by_the_patterns_are_those_by_way_of_the_matrix():
    # d/dx of sum_b r_b W s_b, with W = c (y' x - diag): both ways are bilinear in the patterns.
    states, reads = (jnp.asarray(signs(seed, B, N)) for seed in (7, 8))

    def of_pairs(post, pre, scale):
        return jnp.sum(reads * LowRank(post, pre, scale, jnp.zeros(N)).field(states))

    def of_matrix(post, pre, scale):
        return jnp.sum(reads * (states @ (scale * post.T @ pre).T))

    where = SEQUENCE.post, SEQUENCE.patterns, jnp.float32(1 / 64)
    found = jax.jit(jax.grad(of_pairs, argnums=(0, 1, 2)))(*where)
    for got, expected in zip(found, jax.grad(of_matrix, argnums=(0, 1, 2))(*where), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)
