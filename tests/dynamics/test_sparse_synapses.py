"""Synapses are laid out as their definition says, in little memory."""

import tracemalloc

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

from canns.dynamics import (
    SparseSynapses,
    active,
    connect_by_in_degree,
    connect_by_probability,
    each_active,
)
from canns.errors import ValidationError


def drawn(out=7, in_=5, share=0.5, seed=0):
    rng = np.random.default_rng(seed)
    matrix = rng.random((out, in_)) * (rng.random((out, in_)) < share)
    return matrix.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_pairs_gives_one_layout(seed):
    matrix = drawn(seed=seed)
    post, pre = np.nonzero(matrix)
    order = np.random.default_rng(seed).permutation(len(pre))
    made = SparseSynapses.from_pairs((7, 5), pre[order], post[order], matrix[post, pre][order])
    np.testing.assert_array_equal(made.to_matrix(made.values), matrix)
    sent, received, weights = made.pairs()
    columns = scipy.sparse.csc_array(matrix)  # input by input, and neuron by neuron
    np.testing.assert_array_equal(received, columns.indices)
    np.testing.assert_array_equal(weights, columns.data)
    assert (np.diff(sent) >= 0).all()
    np.testing.assert_array_equal(made.from_list(made.listed(made.values)), made.values)


def test_fans_onto_a_neuron_are_where_the_weights_are():
    matrix = drawn()
    made = SparseSynapses.from_matrix(matrix)
    for i in range(7):
        fan = made.fan_in((made.values,), jnp.int32(i))
        np.testing.assert_array_equal(fan.others[fan.valid], np.flatnonzero(matrix[i]))
        np.testing.assert_array_equal(fan.blocks[0][fan.valid], matrix[i][matrix[i] > 0])


def test_there_may_be_no_synapse():
    made = SparseSynapses.from_pairs((3, 2), np.empty(0, int), np.empty(0, int))
    assert made.count == 0
    assert (made @ jnp.ones(2)).tolist() == [0.0, 0.0, 0.0]
    assert made.from_list(jnp.zeros(0)).shape == made.values.shape


@pytest.mark.parametrize("weights", [0.5, np.full(4, 0.25, np.float32)])
def test_two_synapses_of_one_pair_are_refused(weights):
    with pytest.raises(ValidationError, match="one synapse for a pair"):
        SparseSynapses.from_pairs((2, 3), [0, 2, 0, 1], [1, 1, 1, 0], weights)


@pytest.mark.parametrize("size", [5, 40, 1000, 40_000, 32 * 1024 + 1])
def test_each_active_neuron_is_visited_once(size):
    rng = np.random.default_rng(size)
    chosen = rng.choice(size, min(size, 300) // 2, replace=False)
    x = jnp.zeros(size).at[chosen].set(-1.0)

    def note(j, carry):
        seen, count = carry
        return seen.at[count].set(j), count + 1

    start = jnp.full(len(chosen) + 1, -1), 0
    seen, count = each_active(active(x), note, start)
    assert int(count) == len(chosen)
    assert sorted(seen[:count].tolist()) == sorted(chosen.tolist())
    _, count = each_active(active(x).unless(jnp.asarray(True)), note, start)
    assert int(count) == 0


def peak_of(build):
    tracemalloc.start()
    try:
        made = build()
        return tracemalloc.get_traced_memory()[1], made
    finally:
        tracemalloc.stop()


def test_building_takes_little_more_than_the_synapses():
    made = connect_by_in_degree(1000, 1000, 300, seed=0)
    SparseSynapses.from_pairs(made.shape, made.pre, made.post)  # which imports and compiles
    peak, _ = peak_of(lambda: SparseSynapses.from_pairs(made.shape, made.pre, made.post))
    # Rows sorted and places, then columns beside them: four whole numbers and a mask or two.
    assert peak < 24 * made.num_synapses


def test_drawing_takes_little_more_than_the_pairs():
    peak, made = peak_of(lambda: connect_by_probability(2000, 2000, 0.5, seed=0))
    # Two whole numbers a pair, one of them twice while its parts are joined.
    assert peak < 13 * made.num_synapses + 40 * 2**20
