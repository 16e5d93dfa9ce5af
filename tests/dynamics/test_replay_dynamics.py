"""Replay of sequences: parallel updates that go on when others would stop."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import hadamard

from canns.dynamics import Hopfield, Replay, network_energies, recall, trajectory

KEY = jax.random.key(0)
PATTERNS = hadamard(16)[1:6].astype(float)


def couplings(sequence):
    return jnp.asarray(sequence[1:].T @ sequence[:-1] / 16, jnp.float32)


@pytest.mark.parametrize("length", [2, 3, 5])
def test_a_cycle_of_orthogonal_patterns_is_replayed_for_ever(length):
    cycle = PATTERNS[:length]
    weights = couplings(np.concatenate([cycle, cycle[:1]]))
    cues = jnp.asarray(cycle, jnp.float32)
    path = trajectory(Replay(), weights, cues, key=KEY, num_iter=12)
    for step, states in enumerate(path):
        np.testing.assert_array_equal(states, np.roll(cycle, -step, axis=0))
    result = recall(Replay(), weights, cues, key=KEY, num_iter=12)
    assert set(result.outcome) == {"budget"}
    np.testing.assert_array_equal(result.states, path[-1])


def test_a_cycle_of_two_is_what_other_dynamics_stop_at():
    cycle = PATTERNS[:2]
    weights = couplings(np.concatenate([cycle, cycle[:1]]))
    cues = jnp.asarray(cycle, jnp.float32)
    stopped = recall(Hopfield(), weights, cues, key=KEY, num_iter=12)
    assert set(stopped.outcome) == {"cycle"}


def test_a_sequence_rests_at_a_last_pattern_that_follows_itself():
    weights = couplings(np.concatenate([PATTERNS, PATTERNS[-1:]]))
    result = recall(Replay(), weights, jnp.asarray(PATTERNS[:1], jnp.float32), key=KEY)
    assert (result.outcome.tolist(), result.steps.tolist()) == (["converged"], [5])
    np.testing.assert_array_equal(result.states[0], PATTERNS[-1])


def test_the_energy_is_minus_half_the_product_with_the_successor():
    weights = couplings(np.concatenate([PATTERNS, PATTERNS[-1:]]))
    states = jnp.asarray(PATTERNS, jnp.float32)
    energies = np.asarray(network_energies(Replay(), weights, states))
    # The patterns are orthogonal: only the last one is its own successor.
    np.testing.assert_allclose(energies, [0.0, 0.0, 0.0, 0.0, -8.0], rtol=0, atol=1e-5)
    # Not a Lyapunov function: it rises if a pattern leads to one with less of itself.
    mixed = jnp.asarray(np.sign(PATTERNS[:3].sum(axis=0))[None], jnp.float32)
    path = recall(Replay(), couplings(PATTERNS), mixed, key=KEY, num_iter=3)
    assert (np.diff(path.energies, axis=1) > 0).any()
