"""Dense associative memory updates as defined: each neuron compares the energies of its two values.

The oracle sums xi_i (F(z + 1) - F(z - 1)) over patterns for each neuron, z being the overlap
without it, in whole numbers for powers and so exact.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import TIES, DenseExponential, DensePolynomial

N = 8
KEY = jax.random.key(0)
ALL_STATES = np.array([*itertools.product([-1, 1], repeat=N)])


def polynomial(order):
    return lambda z: (z + 1) ** order - (z - 1) ** order


RULES = {
    **{f"order-{n}": (DensePolynomial(order=n), polynomial(n)) for n in (2, 3, 4, 5, 6)},
    "exponential": (DenseExponential(), lambda z: np.exp(z + 1.0) - np.exp(z - 1.0)),
}


def votes(patterns, states, gain):
    """The sum for each neuron of each state, (B, N), zero at a tie."""
    overlaps = np.einsum("pn,bn->bp", patterns, states)
    z = overlaps[:, :, None] - states[:, None] * patterns
    terms = patterns * gain(z)
    total, size = terms.sum(axis=1), np.abs(terms).sum(axis=1)
    return np.where(np.abs(total) < 1e-12 * size, 0, total)


def expected(patterns, states, gain, tie):
    """The states after a synchronous update, by definition."""
    kept = np.where(states == 0, 1, states)
    total = votes(patterns, states, gain)
    return np.where(total == 0, {"keep": kept, "plus": 1, "minus": -1}[tie], np.sign(total))


def swept(patterns, states, gain, tie, held):
    """The states after every neuron that is not held has moved, from first to last."""
    states = states.copy()
    for i in np.flatnonzero(~held):
        states[:, i] = expected(patterns, states, gain, tie)[:, i]
    return states


def draw_patterns(count, size, seed):
    return np.random.default_rng(seed).choice([-1, 1], (count, size))


def as_floats(*arrays):
    return [jnp.asarray(array, jnp.float32) for array in arrays]


def with_options(network, **options):
    order = {"order": network.order} if isinstance(network, DensePolynomial) else {}
    return type(network)(**options, **order)


@jax.jit
def step(network, patterns, states, clamped):
    field, prepared = network.local_field(patterns, states), network.prepare(patterns)
    return network.step(patterns, prepared, states, field, KEY, clamped)


def updated(network, patterns, states, clamped=None):
    """All states after one update."""
    patterns, states = as_floats(patterns, states)
    return np.asarray(step(network, patterns, states, clamped))


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("rule", RULES)
def test_every_state_of_eight_neurons(rule, tie):
    network, gain = RULES[rule]
    for patterns in (draw_patterns(4, N, 0), draw_patterns(4, N, 1)):
        found = updated(with_options(network, tie=tie), patterns, ALL_STATES)
        np.testing.assert_array_equal(found, expected(patterns, ALL_STATES, gain, tie))


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_masked_neurons_are_left_out_of_the_overlaps(rule, asynchronous):
    network, gain = RULES[rule]
    patterns = draw_patterns(5, 7, 2)
    states = np.array([*itertools.product([-1, 0, 1], repeat=7)])
    options = {"asynchronous": asynchronous, "update_order": "cyclic"}
    found = updated(with_options(network, **options), patterns, states)
    if asynchronous:
        by_hand = swept(patterns, states, gain, "keep", np.zeros(7, bool))
    else:
        by_hand = expected(patterns, states, gain, "keep")
    np.testing.assert_array_equal(found, by_hand)
    assert set(np.unique(found)) == {-1, 1}


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("rule", ["order-2", "order-5", "exponential"])
def test_a_sweep_from_first_to_last_and_around_clamped_neurons(rule, tie):
    network, gain = RULES[rule]
    network = with_options(network, asynchronous=True, update_order="cyclic", tie=tie)
    patterns, held = draw_patterns(4, N, 4), np.arange(N) % 3 == 1
    for mask in (np.zeros(N, bool), held):
        by_hand = swept(patterns, ALL_STATES, gain, tie, mask)
        clamped = np.broadcast_to(mask, ALL_STATES.shape)
        found = updated(network, patterns, ALL_STATES, clamped)
        np.testing.assert_array_equal(found, by_hand)


@pytest.mark.parametrize("order", range(2, 7))
def test_ten_thousand_neurons_in_float32(order):
    # Here (o + 1)^6 - (o - 1)^6 is lost in float32 as a difference of two powers.
    size, rng = 10_000, np.random.default_rng(order)
    patterns = rng.choice([-1, 1], (4, size))
    # States amid the patterns: the neurons' votes differ, and some are nearly tied.
    states = np.sign(rng.integers(1, 4, (6, 4)) @ patterns + rng.choice([-0.5, 0.5], (6, size)))
    states = states.astype(int)
    overlaps = (states @ patterns.T).astype(object)
    votes = np.zeros((6, size), object)
    for mu, xi in enumerate(patterns):
        z = overlaps[:, mu, None] - states * xi
        votes += xi * ((z + 1) ** order - (z - 1) ** order)
    exact = np.where(votes == 0, states, np.sign(votes).astype(int))
    np.testing.assert_array_equal(updated(DensePolynomial(order=order), patterns, states), exact)
