"""Activity held at k: the winners, their ties, and the energy.

That the energy falls is Goles and Olivos' argument for synchronous updates: u_(t+1) maximises
u' W s_t, and the state before s_t is one of the candidates.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import KWinners, LowRank, network_energies, recall, trajectory
from canns.errors import ValidationError

KEY = jax.random.key(0)
N = 6
EPS = float(np.finfo(np.float32).eps)


def sets_of(k):
    rows = [np.isin(np.arange(N), members) for members in itertools.combinations(range(N), k)]
    return np.array(rows, float)


def f32(array):
    return jnp.asarray(array, jnp.float32)


@st.composite
def cases(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    half = rng.normal(size=(N, N))
    if draw(st.booleans()):
        half = np.rint(half)  # full of ties
    return half + half.T, draw(st.integers(1, N))


def winners_by_sorting(field, state, k):
    order = sorted(range(len(field)), key=lambda i: (-field[i], -state[i], i))
    return np.isin(np.arange(len(field)), order[:k]).astype(float)


@settings(max_examples=40)
@given(case=cases(), seed=st.integers(0, 1000))
def test_the_largest_fields_win_then_the_active_then_the_first(case, seed):
    weights = np.rint(4 * case[0])  # exact sums
    cues = np.random.default_rng(seed).choice([0.0, 1.0], (8, N))
    path = trajectory(KWinners(case[1]), f32(weights), f32(cues), key=KEY, num_iter=1)
    expected = [winners_by_sorting(weights @ s, s, case[1]) for s in cues]
    np.testing.assert_array_equal(path[1], expected)


@settings(max_examples=40)
@given(case=cases())
def test_the_energy_never_rises_and_recalls_rest_or_alternate(case):
    weights, k = case
    cues = np.resize(sets_of(k), (20, N))  # of one shape for every k
    result = recall(KWinners(k), f32(weights), f32(cues), key=KEY, num_iter=100)
    rounding = 4 * N * EPS * np.abs(weights).sum()
    assert (np.diff(result.energies, axis=1) <= rounding).all()
    assert set(result.outcome) <= {"converged", "cycle"}
    assert (np.asarray(result.states).sum(axis=1) == k).all()
    resting = result.outcome == "converged"
    ends = np.asarray(result.states, float)
    own = -0.5 * np.einsum("bi,ij,bj->b", ends, weights, ends)
    np.testing.assert_allclose(
        result.energies[resting, -1], own[resting], rtol=0, atol=rounding + 1e-12
    )


@settings(max_examples=40)
@given(case=cases())
def test_the_energy_is_the_least_over_all_sets_of_k(case):
    weights, k = case
    states = np.random.default_rng(0).choice([0.0, 1.0], (20, N))
    expected = -0.5 * (sets_of(k) @ weights @ states.T).max(axis=0)
    energies = network_energies(KWinners(k), f32(weights), f32(states))
    np.testing.assert_allclose(energies, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("outputs", [4, N])
def test_with_a_second_layer_the_inputs_are_held(outputs):
    rng = np.random.default_rng(2)
    weights, inputs = rng.normal(size=(outputs, N)), rng.choice([0.0, 1.0], (9, N))
    cues = np.concatenate([inputs, np.zeros((9, outputs))], axis=1)
    result = recall(KWinners(2), f32(weights), f32(cues), key=KEY)
    field = inputs @ weights.T
    answer = [winners_by_sorting(h, np.zeros(outputs), 2) for h in field]
    np.testing.assert_array_equal(result.states, np.concatenate([inputs, answer], axis=1))
    expected = -np.sort(field, axis=1)[:, -2:].sum(axis=1)
    np.testing.assert_allclose(result.energies[:, -1], expected, rtol=1e-5, atol=1e-6)


def test_fields_that_only_rounding_parts_are_tied():
    # Sums of a tenth in different orders differ in the last bit.
    rng = np.random.default_rng(0)
    row = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.7] * 20)
    weights = np.array([rng.permutation(row) for _ in range(50)])
    cue = np.concatenate([np.ones(120), np.zeros(50)])[None]
    fields = np.asarray(f32(weights) @ jnp.ones(120))
    assert len(np.unique(fields)) > 1, "the case must have rounding"
    found = recall(KWinners(3), f32(weights), f32(cue), key=KEY).states[0, 120:]
    assert np.flatnonzero(found).tolist() == [0, 1, 2]


def test_more_winners_than_neurons_are_all_of_them():
    cue = f32([[1.0, 0.0, 0.0]])
    found = recall(KWinners(5), f32(np.diag([1.0, 2.0, -3.0])), cue, key=KEY)
    assert found.states.tolist() == [[1.0, 1.0, 1.0]]


def test_patterns_stand_for_the_matrix_that_they_make():
    rng = np.random.default_rng(0)
    patterns = (rng.random((5, 40)) < 0.2) - 0.2
    matrix = patterns.T @ patterns / 40
    np.fill_diagonal(matrix, 0.0)
    cues = (rng.random((6, 40)) < 0.2).astype(float)
    dense = recall(KWinners(8), f32(matrix), f32(cues), key=KEY)
    low_rank = recall(KWinners(8), LowRank.hebbian(f32(patterns), 1 / 40), f32(cues), key=KEY)
    np.testing.assert_array_equal(dense.states, low_rank.states)
    np.testing.assert_allclose(dense.energies, low_rank.energies, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("winners", [0, -1, 2.5, float("nan"), None])
def test_a_number_of_winners_that_is_none_is_refused(winners):
    with pytest.raises(ValidationError, match=r"^winners must be"):
        recall(KWinners(winners), jnp.eye(3), jnp.ones((1, 3)), key=KEY)


def test_another_number_of_winners_compiles_nothing(count_compilations):
    def run(k):
        return recall(KWinners(k), jnp.eye(11), jnp.ones((2, 11)), key=KEY).states

    assert count_compilations(lambda: run(2)) > 0
    assert count_compilations(lambda: run(3)) == 0
