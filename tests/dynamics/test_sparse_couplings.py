"""Couplings kept as a table of the nonzero ones equal the matrix that they stand for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, Sparse, network_energies, random_connections, recall
from canns.dynamics.couplings.matrix import field_of, rounding_of

N, C, P, B = 60, 9, 7, 5
KEY = jax.random.key(3)
SCALE = 1 / 64  # a power of two: every product below is exact


def signs(seed, *shape):
    return jnp.asarray(np.random.default_rng(seed).choice([-1.0, 1.0], shape), jnp.float32)


def dense(couplings):
    matrix = np.zeros(couplings.shape)
    rows = np.arange(N)[:, None]
    np.add.at(matrix, (rows, np.asarray(couplings.indices)), np.asarray(couplings.weights))
    return jnp.asarray(matrix, jnp.float32)


TABLE = jnp.asarray(random_connections(N, C, np.random.default_rng(0)))
PATTERNS = signs(0, P, N)
HEBB = Sparse.hebbian(TABLE, PATTERNS, SCALE)


def test_hebbian_couplings_are_the_entries_of_hebbs_matrix_at_the_table():
    matrix = SCALE * np.asarray(PATTERNS).T @ np.asarray(PATTERNS)
    heard = np.zeros((N, N), bool)
    np.put_along_axis(heard, np.asarray(TABLE), True, axis=1)
    np.testing.assert_array_equal(dense(HEBB), np.where(heard, matrix, 0))
    assert (HEBB.shape, HEBB.size) == ((N, N), N * C)


def test_a_neurons_own_index_stands_for_no_connection():
    filled = TABLE.at[:, 5:].set(jnp.arange(N)[:, None])
    couplings = Sparse.hebbian(filled, PATTERNS, SCALE)
    assert not np.asarray(couplings.weights)[:, 5:].any()
    np.testing.assert_array_equal(couplings.weights[:, :5], HEBB.weights[:, :5])


def test_field_energy_and_rounding_are_those_of_the_matrix():
    states, network = signs(1, B, N), Hopfield(threshold=0.25)
    np.testing.assert_array_equal(
        network.local_field(HEBB, states), network.local_field(dense(HEBB), states)
    )
    np.testing.assert_array_equal(
        network_energies(network, HEBB, states), network_energies(network, dense(HEBB), states)
    )
    np.testing.assert_array_equal(rounding_of(HEBB), rounding_of(dense(HEBB)))


DYNAMICS = [
    Hopfield(),
    Hopfield(asynchronous=True),
    Hopfield(asynchronous=True, update_order="cyclic", tie="minus"),
    Hopfield(stochastic=True, temperature=0.4),
    Hopfield(stochastic=True, asynchronous=True, temperature=0.4),
]


@pytest.mark.parametrize("network", DYNAMICS, ids=str)
def test_recall_is_bit_for_bit_that_of_the_matrix(network):
    few = recall(network, HEBB, signs(2, B, N), key=KEY, num_iter=12)
    full = recall(network, dense(HEBB), signs(2, B, N), key=KEY, num_iter=12)
    for name, a, b in zip(few._fields, few, full, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_graded_neurons_agree_to_rounding():
    cues = jax.random.normal(KEY, (B, N))
    for network in (Hopfield(activation="tanh"), Hopfield(activation="tanh", asynchronous=True)):
        few = recall(network, HEBB, cues, key=KEY, num_iter=30).states
        full = recall(network, dense(HEBB), cues, key=KEY, num_iter=30).states
        np.testing.assert_allclose(few, full, atol=1e-6)


def test_no_array_has_a_table_for_each_pattern_or_cue():
    def temporary(function, *arguments):
        compiled = jax.jit(function).lower(*arguments).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    rows = signs(1, 100, N)
    table = HEBB.weights.nbytes
    assert temporary(Sparse.hebbian, TABLE, rows) < 4 * table
    assert temporary(field_of, HEBB, rows) < 4 * table + rows.nbytes
