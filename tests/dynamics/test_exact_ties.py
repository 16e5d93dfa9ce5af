"""At an exact tie the rule decides, not the rounding of a sum whose order depends on the batch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, recall
from canns.plasticity import Storage, store_patterns

KEEP_DIAGONAL = Storage(subtract_mean=False, zero_diagonal=False)


def orthogonal_to(state, count, share, rng):
    """``count`` patterns with a share of ones, each made exactly orthogonal to ``state``."""
    patterns = rng.choice([-1.0, 1.0], (count, len(state)), p=[1 - share, share])
    for x in patterns:
        while x @ state != 0:
            agreeing = np.flatnonzero(x * state == np.sign(x @ state))
            x[rng.choice(agreeing)] *= -1
    return patterns.astype(np.float32)


def tied_everywhere(size, count, share, seed):
    """Weights in thirds or the like, inexact in binary, whose every field at a state is zero."""
    state = np.repeat([1.0, -1.0], size // 2)
    patterns = orthogonal_to(state, count, share, np.random.default_rng(seed))
    return store_patterns(jnp.zeros((size, size)), patterns, KEEP_DIAGONAL), state


def recalled(weights, state, batch, network):
    cues = jnp.asarray(np.tile(state, (batch, 1)), jnp.float32)
    return recall(network, weights, cues, key=jax.random.key(0), num_iter=3)


# Patterns with nine in ten entries equal to one make partial sums that first rise and then fall,
# so the rounding error of the field is larger against the sum of |W| than for unbiased ones.
@pytest.mark.parametrize("share", [0.5, 0.9], ids=["unbiased", "mostly-ones"])
@pytest.mark.parametrize(
    ("size", "count", "asynchronous"),
    [
        (1500, 3, False),
        (1500, 9, False),
        (1500, 9, True),
    ],
)
def test_a_state_tied_everywhere_is_kept_alone_and_in_any_batch(size, count, share, asynchronous):
    weights, state = tied_everywhere(size, count, share, seed=size + count)
    for batch in (1, 64):
        result = recalled(weights, state, batch, Hopfield(asynchronous=asynchronous))
        assert (result.outcome == "converged").all()
        np.testing.assert_array_equal(result.states, np.tile(state, (batch, 1)))


@pytest.mark.parametrize("tie", ["plus", "minus"])
def test_ties_follow_the_rule_alone_and_in_any_batch(tie):
    weights, state = tied_everywhere(1000, 7, 0.5, seed=0)
    # One step only: the next state is tied no more.
    cues = jnp.asarray(np.tile(state, (64, 1)), jnp.float32)
    for rows in (cues, cues[:1]):
        result = recall(Hopfield(tie=tie), weights, rows, key=jax.random.key(0), num_iter=1)
        np.testing.assert_array_equal(
            result.states, np.full(rows.shape, {"plus": 1, "minus": -1}[tie])
        )


def test_the_smallest_true_field_of_a_large_network_is_no_tie():
    # With zero diagonal and P odd no field vanishes for N even; the least is 1/P. It must win over
    # the tolerance, which grows with the sum of |W|: here against about N sqrt(2/(pi P)).
    size, count = 1000, 137
    patterns = np.random.default_rng(0).choice([-1.0, 1.0], (count, size)).astype(np.float32)
    weights = store_patterns(jnp.zeros((size, size)), patterns, Storage(subtract_mean=False))
    states = np.random.default_rng(1).choice([-1.0, 1.0], (64, size))
    overlaps = patterns.T.astype(np.int64) @ patterns.astype(np.int64)
    np.fill_diagonal(overlaps, 0)
    exact = states @ overlaps
    assert np.abs(exact).min() == 1
    result = recall(
        Hopfield(), weights, jnp.asarray(states, jnp.float32), key=jax.random.key(0), num_iter=1
    )
    np.testing.assert_array_equal(result.states, np.sign(exact))
