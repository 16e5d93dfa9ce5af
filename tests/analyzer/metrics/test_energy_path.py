"""Energies along paths against the quadratic form, state by state."""

import jax.numpy as jnp
import numpy as np
import pytest
from metrics_helpers import hebb, signs

from canns.analyzer.metrics import _energy_path, energy_path
from canns.dynamics import Hopfield, LowRank
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork


def walk(weights, threshold, start, end, order):
    state = start.copy()
    energies = [-0.5 * state @ weights @ state + threshold * state.sum()]
    for i in order:
        state[i] = end[i]
        energies.append(-0.5 * state @ weights @ state + threshold * state.sum())
    np.testing.assert_array_equal(state, end)
    return energies


@pytest.mark.parametrize("batch", [256, 4])
def test_energies_are_those_of_the_states_on_the_way(batch, monkeypatch):
    monkeypatch.setattr(_energy_path, "_BATCH", batch)
    patterns = signs(batch, 4, 30 + batch % 5)  # another shape, so that it is compiled anew
    weights, (start, end) = hebb(patterns), patterns[:2]
    dynamics = Hopfield(threshold=0.2)
    path = energy_path(weights, start, end, num_paths=3, dynamics=dynamics, seed=1)
    differing = np.flatnonzero(start != end)
    assert path.energies.shape == (3, len(differing) + 1)
    for energies, order in zip(path.energies, path.orders, strict=True):
        np.testing.assert_array_equal(np.sort(order), differing)
        np.testing.assert_allclose(energies, walk(weights, 0.2, start, end, order), atol=1e-5)
    assert not np.array_equal(path.orders[0], path.orders[1])
    rises = [energies.max() - energies[0] for energies in path.energies]
    np.testing.assert_allclose(path.barriers, rises)


def test_models_and_patterns_give_the_same_as_the_matrix():
    patterns = signs(0, 3, 24)
    network = AmariHopfieldNetwork(24)
    network.W.value = hebb(patterns)
    couplings = LowRank.hebbian(jnp.asarray(patterns, jnp.float32), 1 / 24)
    expected = energy_path(hebb(patterns), *patterns[:2], seed=2)
    for other in (network, couplings):
        found = energy_path(other, *patterns[:2], seed=2)
        np.testing.assert_array_equal(found.orders, expected.orders)
        np.testing.assert_allclose(found.energies, expected.energies, atol=1e-5)


def test_between_a_pattern_and_its_reverse_the_barrier_is_that_of_a_ferromagnet():
    # E = -(N m^2 - 1)/2, highest halfway, at m = 0.
    pattern = signs(1, 1, 40)[0]
    path = energy_path(hebb(pattern[None]), pattern, -pattern)
    overlaps = 1 - 2 * np.arange(41) / 40
    np.testing.assert_allclose(path.energies[0], -(40 * overlaps**2 - 1) / 2, atol=1e-5)
    np.testing.assert_allclose(path.barriers, [20], atol=1e-5)


def test_a_state_to_itself_is_no_path():
    pattern = signs(1, 1, 40)[0]
    path = energy_path(hebb(pattern[None]), pattern, pattern)
    assert path.orders.shape == (1, 0)
    np.testing.assert_allclose(path.energies, [[-19.5]], atol=1e-5)
    assert path.barriers.tolist() == [0]


@pytest.mark.parametrize(
    ("arguments", "options", "name"),
    [
        ((np.eye(4), np.ones(3), np.ones(4)), {}, "start"),
        ((np.eye(4), np.ones(4), np.ones((1, 4))), {}, "end"),
        ((np.eye(4), np.ones(4), np.ones(4)), {"num_paths": 0}, "num_paths"),
        ((np.eye(4), np.ones(4), np.ones(4)), {"seed": 1.5}, "seed"),
    ],
)
def test_bad_arguments(arguments, options, name):
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        energy_path(*arguments, **options)
