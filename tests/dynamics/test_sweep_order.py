"""Orders of asynchronous sweeps: permutations, uniform, and the same by rank and in turn."""

import jax
import numpy as np
import pytest

from canns.dynamics.networks.order import LAST, cyclic_order, random_order


@pytest.mark.parametrize("size", [1, 5, 64, 4096, 40_000])  # the last beyond what fits in a rank
def test_every_neuron_has_its_turn(size):
    order = random_order(jax.random.key(size), size)
    turns = np.asarray(order.in_turn())
    assert sorted(turns.tolist()) == list(range(size))
    ranks = np.asarray(order.ranks)
    assert ranks.max() < LAST
    np.testing.assert_array_equal(np.argsort(ranks), turns)
    by_rank = jax.vmap(order.neuron_at)(order.ranks)
    np.testing.assert_array_equal(by_rank, np.arange(size))


def test_every_order_is_as_likely_as_any_other():
    keys = jax.random.split(jax.random.key(0), 6000)
    turns = jax.vmap(lambda key: random_order(key, 3).in_turn())(keys)
    _, counts = np.unique(np.asarray(turns) @ np.array([9, 3, 1]), return_counts=True)
    assert len(counts) == 6
    # Pearson's statistic of 5 degrees of freedom exceeds 20.5 in one of a thousand samples.
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5


def test_the_cyclic_order_is_from_first_to_last():
    np.testing.assert_array_equal(cyclic_order(7).in_turn(), np.arange(7))
