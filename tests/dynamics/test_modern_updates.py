"""Updates of the modern Hopfield network against attention, and against descent on its energy."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from canns.dynamics import RETRIEVALS, ModernHopfield, network_energies, recall, sparsemax
from canns.errors import ValidationError

KEY = jax.random.key(0)
EPS = float(np.finfo(np.float32).eps)


def normal(count, size, seed, scale=1.0):
    return jnp.asarray(scale * np.random.default_rng(seed).normal(size=(count, size)), jnp.float32)


def updated(network, patterns, states):
    return recall(network, patterns, states, key=KEY, num_iter=1).states


def test_one_update_is_one_step_of_attention():
    patterns, states = normal(20, 7, 0), normal(9, 7, 1)
    for beta in (0.01, 1 / np.sqrt(7), 3.0):
        found = updated(ModernHopfield(beta), patterns, states)
        by_hand = jax.nn.softmax(beta * states @ patterns.T) @ patterns
        np.testing.assert_allclose(found, by_hand, atol=2e-6)
        heads = (states[:, None], patterns[:, None], patterns[:, None])  # (length, heads, width)
        attention = jax.nn.dot_product_attention(*heads, scale=beta)[:, 0]
        np.testing.assert_allclose(found, attention, atol=2e-6)


@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_an_update_is_a_step_down_the_gradient(retrieval, x64):
    patterns = jnp.asarray(normal(6, 5, 2), jnp.float64)
    states = jnp.asarray(normal(4, 5, 3), jnp.float64)
    network = ModernHopfield(0.7, retrieval)
    slope = jax.grad(lambda s: network.energy(s, network.local_field(patterns, s)).sum())(states)
    np.testing.assert_allclose(updated(network, patterns, states), states - slope, atol=1e-12)


def shannon_energy(patterns, states, beta):
    """Ramsauer et al. (2021), equation 2."""
    largest = np.linalg.norm(patterns, axis=1).max()
    lse = np.log(np.exp(beta * states @ patterns.T).sum(axis=1)) / beta
    constants = np.log(len(patterns)) / beta + largest**2 / 2
    return -lse + (states**2).sum(axis=1) / 2 + constants


def test_the_energy_of_the_paper():
    patterns, states = normal(20, 7, 4), normal(9, 7, 5)
    for beta in (0.1, 2.0):
        found = network_energies(ModernHopfield(beta), patterns, states)
        exact = shannon_energy(np.asarray(patterns, float), np.asarray(states, float), beta)
        np.testing.assert_allclose(found, exact, rtol=1e-5, atol=1e-4)


def entropy(p, retrieval):
    gini = (1 - np.sum(p**2)) / 2
    return gini if retrieval == "sparsemax" else -np.sum(p * np.log(p + 1e-300))


@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_the_energy_is_that_of_the_best_weights(retrieval):
    # For any p on the simplex, its value in place of the maximum gives a larger energy.
    patterns, states, beta = np.asarray(normal(3, 4, 6)), np.asarray(normal(5, 4, 7)), 0.8
    found = network_energies(ModernHopfield(beta, retrieval), patterns, states)
    grid = np.array([p for p in itertools.product(range(101), repeat=3) if sum(p) == 100]) / 100
    most = entropy(np.full(3, 1 / 3), retrieval)
    constants = most / beta + (patterns**2).sum(axis=1).max() / 2
    for energy, s in zip(np.asarray(found), states, strict=True):
        best = max(beta * p @ patterns @ s + entropy(p, retrieval) for p in grid) / beta
        bound = -best + s @ s / 2 + constants
        # The grid misses the best p by 0.01 at most, where the value is flat.
        assert bound - 2e-3 <= energy <= bound + 1e-5


def nearest_by_root(z):
    """The projection onto the simplex: max(z - tau, 0) with sum 1."""
    z = z.astype(float)
    tau = brentq(lambda tau: np.maximum(z - tau, 0).sum() - 1, z.min() - 1, z.max(), xtol=1e-14)
    return np.maximum(z - tau, 0)


def nearest_by_support(z):
    """The best of the projections onto every face."""
    best, distance = None, np.inf
    for mask in itertools.product([False, True], repeat=len(z)):
        support = np.array(mask)
        if support.any():
            p = np.where(support, z - (z[support].sum() - 1) / support.sum(), 0.0)
            if (p >= 0).all() and np.sum((p - z) ** 2) < distance:
                best, distance = p, np.sum((p - z) ** 2)
    return best


# Entries more than 1 below the largest are never in the support.
ROWS = st.lists(st.floats(-0.75, 0.75, width=32), min_size=1, max_size=6)


@pytest.mark.slow
@settings(max_examples=100)
@given(row=ROWS)
@example(row=[0.0, -0.6, -0.9])
def test_sparsemax_is_the_nearest_point_of_the_simplex(row):
    z = np.array(row + [-9.0] * (6 - len(row)))  # one shape; the filling is never in the support
    found = np.asarray(sparsemax(jnp.asarray(z, jnp.float32)))
    np.testing.assert_allclose(found, nearest_by_support(z), atol=4 * EPS * 4)
    np.testing.assert_allclose(found, nearest_by_root(z), atol=4 * EPS * 4)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_sparsemax_of_many_entries(scale):
    z = normal(8, 2000, 8, scale) + 50.0
    found = np.asarray(sparsemax(z))
    exact = np.stack([nearest_by_root(row) for row in np.asarray(z)])
    # The entries are known to rounding of their largest, about 50 or four times the scale.
    np.testing.assert_allclose(found, exact, atol=4 * EPS * max(1.0, found.max()))
    np.testing.assert_allclose(found.sum(axis=1), np.ones(8), atol=1e-5)


def test_temperature_is_one_over_beta_and_annealing_ends_in_one_pattern():
    patterns = normal(6, 40, 9)
    assert float(ModernHopfield(3.0).at_temperature(0.25).beta) == 4.0
    cues = jnp.zeros((1, 40)) + 0.05 * patterns[2]
    options = {"key": KEY, "num_iter": 30}
    schedule = np.geomspace(100.0, 0.01, 20)
    result = recall(ModernHopfield(), patterns, cues, temperatures=schedule, **options)
    assert result.outcome[0] == "converged"
    distances = jnp.linalg.norm(patterns - result.states[0], axis=1)
    assert float(distances.min()) < 1e-4
    cold = recall(ModernHopfield(100.0), patterns, cues, **options)
    hot = recall(ModernHopfield(0.001), patterns, cues, **options)
    assert float(jnp.linalg.norm(patterns[2] - cold.states[0])) < 1e-4
    np.testing.assert_allclose(hot.states[0], patterns.mean(axis=0), atol=1e-2)


def test_clamped_entries_keep_their_cue():
    patterns = normal(5, 12, 10)
    cue = patterns[:1].at[0, 6:].set(0.0)
    held = np.arange(12)[None] < 6
    result = recall(ModernHopfield(2.0), patterns, cue, key=KEY, clamped=held, num_iter=50)
    np.testing.assert_array_equal(result.states[0, :6], patterns[0, :6])
    assert result.outcome[0] == "converged"


def test_other_hyperparameters_compile_nothing(count_compilations):
    patterns, states = normal(5, 12, 11), normal(3, 12, 12)
    updated(ModernHopfield(1.0), patterns, states)
    assert count_compilations(lambda: updated(ModernHopfield(2.5), patterns, states)) == 0


@pytest.mark.parametrize(
    ("argument", "network"),
    [
        ("beta", ModernHopfield(0.0)),
        ("beta", ModernHopfield(-1.0)),
        ("beta", ModernHopfield(float("nan"))),
        ("beta", ModernHopfield("1")),
        ("retrieval", ModernHopfield(1.0, "hardmax")),
    ],
)
def test_refusals(argument, network):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        updated(network, normal(2, 3, 0), normal(1, 3, 1))


@pytest.mark.parametrize("temperature", [0.0, -1.0])
def test_a_schedule_without_a_temperature_is_refused(temperature):
    with pytest.raises(ValidationError, match="beta"):
        recall(
            ModernHopfield(),
            normal(2, 3, 0),
            normal(1, 3, 1),
            key=KEY,
            temperatures=[1.0, temperature],
        )
