"""A sequence shown at once, in parts and sample by sample: each pattern with the one before it."""

import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Successive
from canns.plasticity import Hebbian, HebbianDecay, Setup, learn

T, N = 12, 5
RNG = np.random.default_rng(0)
PATTERNS = RNG.normal(size=(T, N))
BEFORE = np.concatenate([np.zeros((1, N)), PATTERNS[:-1]])


def test_pre_is_the_pattern_before_and_post_the_present_one(x64):
    neuron, weights = Successive(), jnp.zeros((N, N))
    state, at_once = neuron.step(neuron.init(weights), weights, jnp.asarray(PATTERNS))
    np.testing.assert_array_equal(at_once.pre, BEFORE)
    np.testing.assert_array_equal(at_once.post, PATTERNS)
    single = neuron.init(weights)
    for before, pattern in zip(BEFORE, PATTERNS, strict=True):
        single, activity = neuron.step(single, weights, jnp.asarray(pattern))
        np.testing.assert_array_equal(activity.pre, before)
        np.testing.assert_array_equal(activity.post, pattern)
    np.testing.assert_array_equal(single.previous, state.previous)


@pytest.mark.parametrize("part", [1, 5, T])
def test_a_sequence_may_come_in_parts(part, x64):
    learner = jnp.zeros((N, N))
    for i in range(0, T, part):
        learner = learn(Setup(Hebbian(0.5), Successive()), learner, PATTERNS[i : i + part])
    np.testing.assert_allclose(learner.weights, 0.5 * PATTERNS.T @ BEFORE, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(learner.activity, (PATTERNS[-2], PATTERNS[-1]))


def test_at_once_is_sample_by_sample(x64):
    # Without decay both are Hebb's rule; the one takes all samples at once, the other does not.
    after = [
        learn(Setup(rule, Successive()), jnp.zeros((N, N)), PATTERNS)
        for rule in (Hebbian(0.5), HebbianDecay(0.5, 0.0))
    ]
    np.testing.assert_allclose(after[0].weights, after[1].weights, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(after[0].state.previous, after[1].state.previous)


def test_the_first_pattern_again_at_the_end_makes_a_cycle():
    patterns = RNG.choice([-1.0, 1.0], (4, 200)).astype(np.float32)
    cycle = np.concatenate([patterns, patterns[:1]])
    weights = np.asarray(
        learn(Setup(Hebbian(1 / 200), Successive()), jnp.zeros((200, 200)), cycle).weights
    )
    for mu in range(4):
        np.testing.assert_array_equal(np.sign(weights @ patterns[mu]), patterns[(mu + 1) % 4])
