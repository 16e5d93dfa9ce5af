"""Unlearning against dreams in NumPy, and what it does to the number of recalled patterns."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import overlaps, random_patterns, stable_share, store

from canns.dynamics import Hopfield, relax
from canns.plasticity import Hebbian, Identity, Unlearning

N = 40


def hollow(weights):
    return weights - np.diag(np.diag(weights))


def dreams(rule, weights):
    """Unlearn in NumPy the states that the library's relaxation dreams of, one by one."""
    size, key = len(weights), jax.random.key(rule.seed)
    for i in range(rule.num_dreams):
        start_key, order_key = jax.random.split(jax.random.fold_in(key, i))
        start = jax.random.rademacher(start_key, (1, size), weights.dtype)
        network = Hopfield(asynchronous=True)
        state = np.asarray(relax(network, jnp.asarray(weights), start, order_key, 100))[0]
        # It is a fixed point of the weights of that moment.
        assert (state * (weights @ state) >= 0).all()
        weights = weights - rule.learning_rate / size * hollow(np.outer(state, state))
        yield weights


@pytest.mark.parametrize("num_dreams", [0, 1, 5])
def test_each_dream_takes_away_a_little_of_what_it_is_of(num_dreams, x64):
    patterns, rule = random_patterns(8, N), Unlearning(0.3, num_dreams, seed=2)
    hebb = hollow(patterns.T @ patterns / N)
    expected = [hebb, *dreams(rule, hebb)][-1]
    np.testing.assert_allclose(store(rule, patterns), expected, rtol=0, atol=1e-13)


def test_the_first_two_dreams_differ(x64):
    patterns = random_patterns(8, N)
    first, second = (
        w - v
        for v, w in zip(
            *[[store(Unlearning(0.3, n), patterns) for n in some] for some in ((0, 1), (1, 2))],
            strict=True,
        )
    )
    assert not np.allclose(first, second)


def test_it_goes_on_from_what_is_stored_and_leaves_self_couplings_to_the_projection(x64):
    old, new = random_patterns(4, N, seed=1), random_patterns(4, N, seed=2)
    before = old.T @ old / N
    rule = Unlearning(0.3, 3, seed=5)
    expected = [*dreams(rule, hollow(before + new.T @ new / N))][-1]
    np.testing.assert_allclose(store(rule, new, weights=before), expected, rtol=0, atol=1e-13)
    free = store(rule, new, weights=before, project=Identity())
    np.testing.assert_allclose(hollow(free), expected, rtol=0, atol=1e-13)


def test_seeds_make_the_dreams():
    patterns = random_patterns(12, N)

    def dream(seed):
        return store(Unlearning(0.3, 3, seed), patterns)

    np.testing.assert_array_equal(dream(4), dream(4))
    np.testing.assert_array_equal(dream(4), dream(jax.random.key(4)))
    assert not np.array_equal(dream(4), dream(5))
    assert not np.array_equal(dream(2**24 - 1), dream(2**24 - 2))


def test_another_seed_or_number_compiles_nothing(count_compilations):
    patterns = random_patterns(7, N)
    assert count_compilations(lambda: store(Unlearning(0.1, 3, 1), patterns)) > 0
    assert count_compilations(lambda: store(Unlearning(0.2, 4, 2), patterns)) == 0


@pytest.mark.slow
def test_dreams_raise_the_share_of_recalled_patterns_and_too_many_destroy_it():
    # Hopfield, Feinstein & Palmer (1983): more patterns are accessible, and more evenly.
    size = 150
    patterns = random_patterns(round(0.2 * size), size)
    shares = {}
    for num in (0, 300, 1200):
        weights = store(Unlearning(0.05, num), patterns)
        recalled = np.mean(overlaps(weights, patterns, 0.1) > 0.95)
        shares[num] = stable_share(weights, patterns), recalled
    assert max(shares[0]) < 0.6
    assert min(shares[300]) > 0.9
    assert max(shares[1200]) < 0.1
    hebb = store(Hebbian(1 / size), patterns)
    np.testing.assert_allclose(store(Unlearning(0.05, 0), patterns), hebb, rtol=0, atol=1e-6)
