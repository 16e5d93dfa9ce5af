"""Exact ties, batches, orders and cycles of dense associative memory."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import DenseExponential, DensePolynomial, recall, trajectory

KEY = jax.random.key(0)


def signs(count, size, seed):
    return jnp.asarray(np.random.default_rng(seed).choice([-1, 1], (count, size)), jnp.float32)


def tied_in_any_state(count, size, tied, seed):
    """Patterns with every combination of the first neurons: no state decides these."""
    rest = signs(count, size - tied, seed)
    corners = np.array([*itertools.product([-1, 1], repeat=tied)])
    rows = [np.concatenate([corner, row]) for row in rest for corner in corners]
    return jnp.asarray(np.random.default_rng(seed).permutation(rows), jnp.float32)


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("kind", [lambda a: DensePolynomial(a, order=5), DenseExponential])
def test_ties_of_many_patterns_are_ties_alone_and_in_any_batch(kind, asynchronous):
    patterns, states = tied_in_any_state(200, 101, 3, 0), signs(16, 101, 1)
    for cues in (states[:1], states):
        result = recall(kind(asynchronous), patterns, cues, key=KEY, num_iter=1)
        np.testing.assert_array_equal(result.states[:, :3], cues[:, :3])


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("kind", [DensePolynomial, DenseExponential])
def test_a_batch_takes_the_paths_of_its_cues(kind, asynchronous):
    patterns, states = signs(30, 40, 5), signs(8, 40, 6)
    together = trajectory(kind(asynchronous), patterns, states, key=KEY, num_iter=5)
    for b in range(8):
        alone = trajectory(kind(asynchronous), patterns, states[b : b + 1], key=KEY, num_iter=5)
        np.testing.assert_array_equal(together[:, b], alone[:, 0])


def test_a_synchronous_two_cycle_is_reported():
    # Neither neuron of the cue agrees with the other as in the pattern or its negative.
    patterns = jnp.array([[1.0, -1.0]])
    result = recall(DensePolynomial(order=2), patterns, jnp.array([[1.0, 1.0]]), key=KEY)
    assert (result.outcome.tolist(), result.steps.tolist()) == (["cycle"], [2])
    free = DensePolynomial(order=2, asynchronous=True)
    assert recall(free, patterns, jnp.array([[1.0, 1.0]]), key=KEY).outcome[0] == "converged"


def test_orders_of_sweeps_differ_by_key_and_repeat_with_it():
    patterns, states = signs(40, 30, 7), signs(4, 30, 8)
    network = DensePolynomial(asynchronous=True)
    ends = [
        np.asarray(recall(network, patterns, states, key=jax.random.key(k), num_iter=1).states)
        for k in (0, 0, 1)
    ]
    np.testing.assert_array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])


def test_flags():
    assert not DensePolynomial().random
    assert DensePolynomial().may_cycle
    sweeping = DenseExponential(asynchronous=True)
    assert sweeping.random
    assert not sweeping.may_cycle
    assert not DenseExponential(asynchronous=True, update_order="cyclic").random
