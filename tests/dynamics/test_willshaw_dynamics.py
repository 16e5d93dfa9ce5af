"""Willshaw's net against sets: which neurons do all active ones reach?

For symmetric synapses the map from a set of neurons to those that all of it reaches is a Galois
connection: applied three times it is what it is applied once.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import Willshaw, network_energies, recall, trajectory

KEY = jax.random.key(0)
N = 7
ALL = np.array([*itertools.product((0.0, 1.0), repeat=N)])


def reached(weights, states):
    """Set by set, in plain Python."""
    rows = [[all(w[np.flatnonzero(s)]) for w in weights] for s in states]
    return np.array(rows, float)


def f32(array):
    return jnp.asarray(array, jnp.float32)


@st.composite
def graphs(draw, symmetric=True):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = rng.random((N, N)) < draw(st.sampled_from([0.3, 0.6, 0.9]))
    weights = weights | weights.T if symmetric else weights
    return weights.astype(float)


@settings(max_examples=25)
@given(weights=graphs(symmetric=False))
def test_a_neuron_fires_if_all_active_neurons_reach_it(weights):
    path = trajectory(Willshaw(), f32(weights), f32(ALL), key=KEY, num_iter=1)
    np.testing.assert_array_equal(path[1], reached(weights, ALL))


@settings(max_examples=25)
@given(weights=graphs())
def test_the_energy_never_rises_and_two_updates_decide(weights):
    result = recall(Willshaw(), f32(weights), f32(ALL), key=KEY, num_iter=9)
    # Whole and half numbers: no rounding.
    assert (np.diff(result.energies, axis=1) <= 0).all()
    first = reached(weights, ALL)
    second = reached(weights, first)
    np.testing.assert_array_equal(reached(weights, second), first)
    resting = (first == second).all(axis=1) | (first == ALL).all(axis=1)
    np.testing.assert_array_equal(result.outcome == "converged", resting)
    np.testing.assert_array_equal(result.outcome == "cycle", ~resting)
    assert (result.steps <= 3).all()


@settings(max_examples=25)
@given(weights=graphs())
def test_the_energy_is_the_least_over_all_that_could_follow(weights):
    missing = ALL @ (1 - weights) @ ALL.T
    size = ALL.sum(axis=1)
    expected = (missing - (size[:, None] + size) / 2).min(axis=0)
    energies = network_energies(Willshaw(), f32(weights), f32(ALL))
    np.testing.assert_array_equal(energies, expected)
    both = size + reached(weights, ALL).sum(axis=1)
    np.testing.assert_array_equal(energies, -both / 2)


@settings(max_examples=20)
@given(weights=graphs())
def test_fixed_points_are_the_maximal_cliques(weights):
    # Storage connects a neuron that has any synapse to itself too.
    weights = np.maximum(weights, np.diag(weights.max(axis=1)))

    def is_clique(s):
        return all(weights[i, j] for i in s for j in s)

    sets = [set(np.flatnonzero(s)) for s in ALL]
    maximal = [
        is_clique(s) and not any(is_clique(s | {i}) for i in set(range(N)) - s) for s in sets
    ]
    once = recall(Willshaw(), f32(weights), f32(ALL), key=KEY, num_iter=1)
    np.testing.assert_array_equal(once.outcome == "converged", maximal)


@pytest.mark.parametrize("outputs", [3, N])
def test_with_a_second_layer_the_inputs_are_held_and_one_update_is_all(outputs):
    rng = np.random.default_rng(0)
    weights = (rng.random((outputs, N)) < 0.7).astype(float)
    cues = np.concatenate([ALL, (rng.random((len(ALL), outputs)) < 0.5)], axis=1)
    result = recall(Willshaw(), f32(weights), f32(cues), key=KEY)
    answer = reached(weights, ALL)
    np.testing.assert_array_equal(result.states, np.concatenate([ALL, answer], axis=1))
    assert set(result.outcome) == {"converged"}
    assert result.steps.max() == 2
    # E(x, y) = y'(1 - W)x - |y|/2, least over y if y is the answer.
    missing = ALL @ (1 - weights).T
    start = (cues[:, N:] * (missing - 0.5)).sum(axis=1)
    np.testing.assert_array_equal(result.energies[:, 0], start)
    np.testing.assert_array_equal(result.energies[:, -1], -answer.sum(axis=1) / 2)
    assert (np.diff(result.energies, axis=1) <= 0).all()


def test_neurons_that_are_held_stay_and_count():
    weights, cue = np.eye(3), np.array([[1.0, 0.0, 0.0]])
    clamped = np.array([[False, False, True]])
    with_third = np.array([[1.0, 0.0, 1.0]])
    held = recall(Willshaw(), f32(weights), f32(with_third), key=KEY, clamped=clamped, num_iter=2)
    # Nothing is reached by both the first and the third; then all that the third reaches.
    assert held.states.tolist() == [[0.0, 0.0, 1.0]]
    free = recall(Willshaw(), f32(weights), f32(cue), key=KEY, num_iter=2)
    assert free.states.tolist() == cue.tolist()
