"""What the modern Hopfield network settles on: its energy, its errors, its three fixed points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import RETRIEVALS, ModernHopfield, recall, trajectory

KEY = jax.random.key(0)
EPS = float(np.finfo(np.float32).eps)
N, P, BATCH = 6, 7, 5


def on_sphere(count, size, seed):
    """Patterns of norm 1, drawn evenly."""
    x = np.random.default_rng(seed).normal(size=(count, size))
    return jnp.asarray(x / np.linalg.norm(x, axis=1, keepdims=True), jnp.float32)


@pytest.mark.parametrize("retrieval", RETRIEVALS)
@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**31 - 1),
    exponent=st.floats(-2, 2, width=32),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
    held=st.booleans(),
)
def test_no_update_raises_the_energy_and_it_bounds_the_distance(
    retrieval, seed, exponent, scale, held
):
    rng, beta = np.random.default_rng(seed), 10.0**exponent
    patterns = rng.normal(size=(P, N)) * scale * rng.uniform(0.2, 2, (P, 1))
    cues = rng.normal(size=(BATCH, N)) * scale
    network = ModernHopfield(beta, retrieval)
    arrays = [jnp.asarray(array, jnp.float32) for array in (patterns, cues)]
    options = {"clamped": rng.random((BATCH, N)) < (0.4 if held else 0.0), "num_iter": 30}
    result = recall(network, *arrays, key=KEY, **options)
    path = np.asarray(trajectory(network, *arrays, key=KEY, **options))
    largest = max(np.square(patterns).sum(axis=1).max(), np.square(cues).sum(axis=1).max())
    # Terms as large as N products of the largest entries, and as ln P over beta.
    rounding = 4 * EPS * (N * largest + (1 + np.log(P)) / beta)
    assert (np.diff(result.energies, axis=1) <= rounding).all()
    for s, energy in zip(path[: result.energies.shape[1]], result.energies.T, strict=True):
        gaps = np.square(s[:, None] - patterns).sum(axis=-1).min(axis=1)
        assert (energy >= gaps / 2 - rounding).all()


@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_energies_of_mixtures_are_at_most_twice_the_largest_square(retrieval):
    patterns = on_sphere(20, 8, 0) * jnp.linspace(0.5, 3.0, 20)[:, None]
    shares = np.random.default_rng(1).dirichlet(np.full(20, 0.3), 50)
    cues = jnp.asarray(shares, jnp.float32) @ patterns
    for beta in (0.01, 1.0, 30.0):
        result = recall(ModernHopfield(beta, retrieval), patterns, cues, key=KEY, num_iter=5)
        assert (result.energies <= 2 * 9.0).all()
        assert (result.energies >= -1e-3).all()


@pytest.mark.parametrize("beta", [10.0, 20.0, 40.0])
def test_the_error_of_one_update_is_within_the_bound_of_the_paper(beta):
    count, size = 12, 64
    patterns = on_sphere(count, size, 2)
    rng = np.random.default_rng(3)
    offsets = rng.normal(size=(count, size))
    offsets *= 0.05 / np.linalg.norm(offsets, axis=1, keepdims=True)
    cues = patterns + jnp.asarray(offsets, jnp.float32)
    after = recall(ModernHopfield(beta), patterns, cues, key=KEY, num_iter=1).states
    products = np.asarray(patterns, float) @ np.asarray(patterns, float).T
    others = np.where(np.eye(count, dtype=bool), -np.inf, products).max(axis=1)
    separation = np.diag(products) - others
    # Ramsauer et al. (2021), theorem 5, with norms 1: 2 (P - 1) exp(-beta (Delta - 2 |s - x|)).
    bound = 2 * (count - 1) * np.exp(-beta * (separation - 2 * 0.05))
    error = np.linalg.norm(np.asarray(after - patterns, float), axis=1)
    assert (error <= bound + 4 * EPS).all()
    # Not by being vacuous: at beta = 40 the bound is far below the distance of the cue.
    if beta == 40.0:
        assert (bound < 0.01).all()
        assert (error < 0.01).all()


def test_a_single_pattern_at_large_beta():
    patterns = on_sphere(30, 50, 4)
    cues = patterns + 0.2 * on_sphere(30, 50, 5)
    result = recall(ModernHopfield(50.0), patterns, cues, key=KEY)
    np.testing.assert_allclose(result.states, patterns, atol=1e-4)
    assert set(result.outcome) == {"converged"}


def test_the_mean_of_a_group_of_close_patterns():
    centres, spread = on_sphere(4, 50, 6), 0.02
    group = np.repeat(np.arange(4), 5)
    patterns = centres[group] + spread * on_sphere(20, 50, 7)
    patterns /= jnp.linalg.norm(patterns, axis=1, keepdims=True)
    means = jnp.stack([patterns[group == k].mean(axis=0) for k in range(4)])
    # Beta times the spread of products in a group is small, and times that between groups large.
    result = recall(ModernHopfield(25.0), patterns, patterns, key=KEY)
    # The shares in a group differ by beta times its products, under 25 * 0.02 * 0.02.
    np.testing.assert_allclose(result.states, means[group], atol=2e-3)
    assert float(jnp.linalg.norm(patterns - means[group], axis=1).min()) > 0.5 * spread
    # A hundred times colder, each pattern is a fixed point by itself.
    cold = recall(ModernHopfield(25_000.0), patterns, patterns, key=KEY)
    np.testing.assert_allclose(cold.states, patterns, atol=1e-4)


@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_the_mean_of_all_at_small_beta(retrieval):
    patterns, cues = on_sphere(30, 50, 8), on_sphere(10, 50, 9)
    beta = 1e-3
    result = recall(ModernHopfield(beta, retrieval), patterns, cues, key=KEY)
    mean = patterns.mean(axis=0)
    # Shares differ from 1/P by beta / P (softmax) or beta (sparsemax) times products below 1.
    width = beta * (30 if retrieval == "sparsemax" else 1)
    assert float(jnp.linalg.norm(result.states - mean, axis=1).max()) < width
    assert set(result.outcome) == {"converged"}


def test_sparsemax_retrieves_exactly_in_one_update_above_the_margin_and_not_below():
    patterns = on_sphere(30, 50, 10)
    cues = patterns + 0.2 * on_sphere(30, 50, 11)
    products = np.asarray(cues @ patterns.T)
    others = np.where(np.eye(30, dtype=bool), -np.inf, products).max(axis=1)
    margin = float((np.diag(products) - others).min())
    for factor, exact in ((1.01, True), (0.99, False)):
        network = ModernHopfield(factor / margin, "sparsemax")
        after = recall(network, patterns, cues, key=KEY, num_iter=1).states
        assert bool((after == patterns).all()) is exact
        soft = recall(ModernHopfield(factor / margin), patterns, cues, key=KEY, num_iter=1)
        assert not (soft.states == patterns).all(axis=1).any()


def test_sparsemax_settles_on_the_face_of_a_few_patterns():
    # Three patterns in a group: their mean is a fixed point, with no share for the others.
    centre, apart = jnp.eye(6)[0], 0.1 * jnp.eye(6)[1:4]
    patterns = jnp.concatenate([centre + apart, -centre[None], jnp.eye(6)[5:]])
    result = recall(ModernHopfield(2.0, "sparsemax"), patterns, centre[None], key=KEY)
    np.testing.assert_allclose(result.states[0], (centre + apart).mean(axis=0), atol=4 * EPS)
