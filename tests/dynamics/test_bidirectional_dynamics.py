"""Two layers that update in turn: the energy, final states, and unknown layers.

Kosko (1988), IEEE Trans. Syst. Man Cybern. 18:49.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import Bidirectional, network_energies, recall, trajectory

KEY = jax.random.key(0)
EPS = float(np.finfo(np.float32).eps)
ALL = np.array([*itertools.product((-1.0, 1.0), repeat=8)])  # every state of layers of 4


def f32(array):
    return jnp.asarray(array, jnp.float32)


def weights_of(rng, m, n, whole):
    return rng.integers(-3, 4, (m, n)).astype(float) if whole else rng.normal(size=(m, n))


@st.composite
def cases(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, m = draw(st.sampled_from([(3, 5), (6, 2)]))
    # Whole numbers are full of exact ties; others of rounding.
    weights = weights_of(rng, m, n, draw(st.booleans())) * 10.0 ** draw(st.integers(-2, 2))
    levels = draw(st.sampled_from([[-1.0, 1.0], [-1.0, 0.0, 1.0]]))
    return weights, rng.choice(levels, (5, n + m))


@settings(max_examples=50)
@given(case=cases())
def test_the_energy_never_rises_and_every_recall_converges(case):
    weights, cues = case
    result = recall(Bidirectional(), f32(weights), f32(cues), key=KEY, num_iter=200)
    rounding = 2 * weights.size * EPS * np.abs(weights).sum()
    assert (np.diff(result.energies, axis=1) <= rounding).all()
    assert set(result.outcome) == {"converged"}
    n = weights.shape[1]
    for s, last in zip(np.asarray(result.states, float), result.energies[:, -1], strict=True):
        assert last == pytest.approx(-s[n:] @ weights @ s[:n], abs=rounding)


def rests_by_theory(weights):
    """For every state, whether no flip of one neuron lowers E."""

    def energy(states):
        return -np.einsum("bi,ij,bj->b", states[:, 4:], weights, states[:, :4])

    here = energy(ALL)
    flipped = [energy(ALL * np.where(np.arange(8) == i, -1.0, 1.0)) for i in range(8)]
    return np.all(np.array(flipped) >= here - 1e-9, axis=0)


@pytest.mark.parametrize("whole", [False, True], ids=["generic", "with ties"])
@pytest.mark.parametrize("seed", range(4))
def test_the_fixed_points_are_the_local_minima(seed, whole):
    weights = weights_of(np.random.default_rng(seed), 4, 4, whole)
    once = recall(Bidirectional(), f32(weights), f32(ALL), key=KEY, num_iter=1)
    minima = rests_by_theory(weights)
    assert 0 < minima.sum() < len(ALL)
    np.testing.assert_array_equal(once.outcome == "converged", minima)
    ends = recall(Bidirectional(), f32(weights), f32(ALL), key=KEY, num_iter=100).states
    codes = (np.asarray(ends) > 0) @ 2 ** np.arange(7, -1, -1)
    assert minima[codes].all()
    # Whole numbers are summed without rounding, so the energies must agree exactly.
    energies = np.asarray(network_energies(Bidirectional(), f32(weights), f32(ALL)))
    exact = -np.einsum("bi,ij,bj->b", ALL[:, 4:], weights, ALL[:, :4])
    np.testing.assert_allclose(energies, exact, rtol=0, atol=0 if whole else 1e-5)


def test_one_update_is_the_outputs_and_then_the_inputs():
    weights = weights_of(np.random.default_rng(3), 3, 4, whole=False)
    cues = np.random.default_rng(4).choice([-1.0, 1.0], (6, 7))
    path = trajectory(Bidirectional(), f32(weights), f32(cues), key=KEY, num_iter=1)
    outputs = np.sign(cues[:, :4] @ weights.T)
    expected = np.concatenate([np.sign(outputs @ weights), outputs], axis=1)
    np.testing.assert_array_equal(path[1], expected)
    assert (expected != cues).any()


@pytest.mark.parametrize("size", [(5, 3), (3, 5)])
def test_a_layer_that_is_not_known_is_recalled_from_the_other(size):
    n, m = size
    rng = np.random.default_rng(1)
    weights = weights_of(rng, m, n, whole=False)
    x, y = rng.choice([-1.0, 1.0], (4, n)), rng.choice([-1.0, 1.0], (4, m))
    from_x = np.concatenate([x, np.zeros((4, m))], axis=1)
    from_y = np.concatenate([np.zeros((4, n)), y], axis=1)
    first, second = (
        trajectory(Bidirectional(), f32(weights), f32(cue), key=KEY, num_iter=1)[1]
        for cue in (from_x, from_y)
    )
    np.testing.assert_array_equal(first[:, n:], np.sign(x @ weights.T))
    np.testing.assert_array_equal(second, np.concatenate([np.sign(y @ weights), y], axis=1))


def test_what_is_not_known_of_a_known_layer_drives_nothing():
    # Two neurons that pull one input apart: the first alone, then both.
    weights = f32([[1.0], [-2.0]])
    cues = f32([[0.0, -1.0, 0.0], [0.0, -1.0, -1.0]])
    path = trajectory(Bidirectional(), weights, cues, key=KEY, num_iter=2)
    # Fields of the input: -1 alone, -1 + 2 together.
    assert path[1].tolist() == [[-1.0, -1.0, 0.0], [1.0, -1.0, -1.0]]
    # The two outputs follow the input with the signs of their weights, 1 and -2.
    assert path[2].tolist() == [[-1.0, -1.0, 1.0], [1.0, 1.0, -1.0]]


def test_without_a_field_a_state_is_kept_and_one_that_is_missing_becomes_plus():
    cues = f32([[1.0, -1.0, 0.0, -1.0, 0.0]])
    found = recall(Bidirectional(), jnp.zeros((3, 2)), cues, key=KEY)
    assert found.states.tolist() == [[1.0, -1.0, 1.0, -1.0, 1.0]]
    nothing = recall(Bidirectional(), jnp.ones((3, 2)), f32(np.zeros((1, 5))), key=KEY)
    assert nothing.states.tolist() == [[0.0] * 5]
    assert nothing.outcome.tolist() == ["converged"]


def test_the_inputs_see_outputs_that_are_held():
    # Free, the outputs would follow the input and confirm it; held, they turn it round.
    weights, cue = jnp.ones((3, 1)), f32([[1.0, -1.0, -1.0, -1.0]])
    free = recall(Bidirectional(), weights, cue, key=KEY)
    assert free.states.tolist() == [[1.0, 1.0, 1.0, 1.0]]
    clamped = np.array([[False, True, True, True]])
    held = recall(Bidirectional(), weights, cue, key=KEY, clamped=clamped)
    assert held.states.tolist() == [[-1.0, -1.0, -1.0, -1.0]]
    fixed = recall(Bidirectional(), weights, cue, key=KEY, clamped=~clamped)
    assert fixed.states.tolist() == [[1.0, 1.0, 1.0, 1.0]]
