"""Couplings kept as patterns are the matrix that they stand for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, LowRank, network_energies, recall
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
    Hopfield(asynchronous=True, order="cyclic", tie="minus"),
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
