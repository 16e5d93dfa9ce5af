"""Asynchronous sweeps visit the neurons in a fresh random order, reproducible from the key."""

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import Hopfield, recall

PAIRS, SWEEPS = 40, 4
# In each pair the first neuron copies minus the second, and the second copies the first. After a
# sweep the two agree exactly if the first was visited first: s0 <- -s1, s1 <- s0. Otherwise
# s1 <- s0 and then s0 <- -s1 = -s0: they differ. So every sweep tells its own order.
TELLTALE = jnp.asarray(np.kron(np.eye(PAIRS), [[0.0, -1.0], [1.0, 0.0]]), jnp.float32)
NETWORK = Hopfield(asynchronous=True)


def first_came_first(key, sweeps, batch=1):
    """For each pair, whether the ``sweeps``-th sweep visited its first neuron first."""
    cues = np.random.default_rng(0).choice([-1.0, 1.0], (batch, 2 * PAIRS))
    result = recall(NETWORK, TELLTALE, jnp.asarray(cues, jnp.float32), key=key, num_iter=sweeps)
    assert (result.steps == sweeps).all()
    pairs = np.asarray(result.states).reshape(batch, PAIRS, 2)
    return pairs[..., 0] == pairs[..., 1]


def test_the_order_is_fresh_in_each_sweep_and_the_same_again_from_the_same_key():
    key = jax.random.key(3)
    orders = [first_came_first(key, sweeps)[0] for sweeps in range(SWEEPS, SWEEPS + 4)]
    # Two independent orders agree on all 40 pairs with probability 2^-40.
    assert len({tuple(order) for order in orders}) == 4
    again = [first_came_first(key, sweeps)[0] for sweeps in range(SWEEPS, SWEEPS + 4)]
    np.testing.assert_array_equal(again, orders)


def test_another_key_gives_another_order():
    orders = {tuple(first_came_first(jax.random.key(k), SWEEPS)[0]) for k in range(20)}
    assert len(orders) == 20


def test_all_cues_of_a_batch_share_the_order():
    shared = first_came_first(jax.random.key(0), SWEEPS, batch=5)
    np.testing.assert_array_equal(shared, np.tile(shared[:1], (5, 1)))


def test_either_neuron_comes_first_half_of_the_time():
    flags = np.array([first_came_first(jax.random.key(k), SWEEPS)[0] for k in range(200)])
    # 8000 pairs; a pair's flag is independent of another's, for they have no neuron in common.
    assert abs(flags.mean() - 0.5) < 4 * 0.5 / np.sqrt(flags.size)
    # And no pair is favoured: 40 binomial means, each within 4.5 standard errors.
    assert (np.abs(flags.mean(axis=0) - 0.5) < 4.5 * 0.5 / np.sqrt(len(flags))).all()
