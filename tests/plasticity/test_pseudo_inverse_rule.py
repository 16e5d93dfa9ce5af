"""The projection rule against the projector, in any order, with dependent patterns, and hollow."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plasticity_helpers import overlaps, random_patterns, store

from canns.dynamics import Clamped
from canns.errors import DivergenceError
from canns.plasticity import Identity, PseudoInverse, Setup, ZeroDiagonal, learn

EPS = float(np.finfo(np.float32).eps)


def project(patterns, weights=None):
    return store(PseudoInverse(), patterns, weights=weights, project=Identity())


def projector(patterns):
    """The projector onto the rows, in float64; rows that differ by float32 rounding are one."""
    patterns = patterns.astype(np.float64)
    return np.linalg.pinv(patterns, rcond=1e-5) @ patterns


def distance(a, b):
    """Spectral norm of the difference."""
    return np.linalg.norm(a - b, 2)


@pytest.mark.parametrize("load", [0.2, 0.5, 0.8, 0.95])
def test_from_zero_it_is_the_projector_to_the_precision_of_float32(load):
    patterns = random_patterns(round(100 * load), 100)
    lengths = np.linalg.svd(patterns.astype(float), compute_uv=False)
    # Rounding turns a subspace by its size over the shortest singular value.
    bound = 10 * EPS * lengths[0] / lengths[-1]
    assert distance(project(patterns), projector(patterns)) < bound


@pytest.mark.parametrize("load", [0.2, 0.95])
def test_from_zero_it_is_the_projector_in_float64(load, x64):
    patterns = random_patterns(round(100 * load), 100)
    assert distance(project(patterns), projector(patterns)) < 1e-12


@pytest.mark.parametrize("parts", [1, 4, 40])
def test_in_parts_it_is_the_same(parts):
    patterns = random_patterns(40, 80)
    weights = None
    for some in np.array_split(patterns, parts):
        weights = project(some, weights)
    assert distance(weights, projector(patterns)) < 100 * EPS


def test_one_pattern_at_a_time_is_the_published_increment(x64):
    patterns = random_patterns(8, 20)
    before = projector(patterns[:7])
    xi = patterns[7]
    rest = xi - before @ xi
    expected = before + np.outer(rest, rest) / (rest @ rest)
    np.testing.assert_allclose(project(patterns[7:], before), expected, rtol=0, atol=1e-13)


@st.composite
def dependent_patterns(draw):
    """Whole-numbered rows of any rank, zero rows and copies of any scale among them, (12, 7)."""
    drawn = st.lists(st.integers(-2, 2), min_size=7, max_size=7)
    rows = np.array(draw(st.lists(drawn, min_size=1, max_size=9)), np.float32)
    scales = st.sampled_from([1.0, -3.0, 1e-6, 1e6])
    copies = [rows[draw(st.integers(0, len(rows) - 1))] * draw(scales) for _ in range(3)]
    padding = np.zeros((9 - len(rows), 7))
    every = np.concatenate([rows, copies, padding]).astype(np.float32)
    return every[draw(st.permutations(range(12)))]


def shortest_residual(patterns, known=()):
    """Least singular value, above rounding, of what unit patterns add to the span of others."""
    rest = patterns - patterns @ projector(known) if len(known) else patterns
    lengths = np.linalg.svd(rest, compute_uv=False)
    return lengths[lengths > 1e-5].min(initial=1.0)


@settings(max_examples=150)
@given(patterns=dependent_patterns())
def test_whatever_the_rank_it_is_the_projector(patterns):
    # In float32, where a copy and its original differ by rounding.
    unit = patterns.astype(np.float64)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-30)
    expected = projector(unit)
    assert distance(project(patterns), expected) < 30 * EPS / shortest_residual(unit)
    weights = None
    for some in (patterns[:6], patterns[6:], patterns[:6]):
        weights = project(some, weights)
    shortest = min(shortest_residual(unit[:6]), shortest_residual(unit[6:], unit[:6]))
    # 12 rows of 7 entries, each rounded once in each of the products of each of three passes.
    assert distance(weights, expected) < 3 * 12 * 7 * EPS / shortest**2


def test_neurons_that_are_zero_in_all_patterns_are_not_coupled():
    patterns = (np.random.default_rng(0).random((10, 200)) < 0.05).astype(np.float32)
    idle = ~patterns.any(axis=0)
    assert idle.any()
    weights = project(patterns)
    assert not weights[idle].any()
    assert not weights[:, idle].any()


def test_patterns_in_the_span_change_nothing():
    patterns = random_patterns(30, 60)
    weights = project(patterns)
    mixed = np.random.default_rng(1).normal(size=(90, 30)).astype(np.float32) @ patterns
    for known in (patterns, mixed, np.zeros((2, 60), np.float32)):
        np.testing.assert_array_equal(project(known, weights), weights)


def test_more_patterns_than_neurons_give_the_identity():
    assert (
        distance(project(random_patterns(50, 20)), np.eye(20)) < 20 * EPS
    )  # a projection of N numbers is N eps off


@pytest.mark.parametrize("seed", range(3))
def test_any_weights_are_made_to_store_the_patterns_exactly(seed, x64):
    # Not only from projectors: R' (X R')^-1 R X' = R' whatever W is.
    before = np.random.default_rng(seed).normal(size=(20, 20))
    patterns = random_patterns(6, 20, seed)
    after = project(patterns, before)
    np.testing.assert_allclose(after @ patterns.T, patterns.T, rtol=0, atol=1e-9)
    assert np.linalg.matrix_rank(after - before, tol=1e-9) == 6


def test_weights_that_no_symmetric_change_can_correct_are_a_divergence():
    # x'Wx = x'x with Wx = (1, 1), not x: a symmetric change of rank one would be infinite.
    weights = jnp.array([[1.0, 1.0], [1.0, 0.0]])
    with pytest.raises(DivergenceError, match=r"at step 0\. No symmetric change"):
        learn(Setup(PseudoInverse(), Clamped()), weights, np.array([[1.0, 0.0]], np.float32))


@pytest.mark.parametrize(
    ("hollow", "load", "share"), [(False, 0.4, 0.8), (True, 0.5, 1.0), (True, 0.8, 0.0)]
)
def test_recall_with_and_without_self_couplings(hollow, load, share):
    # Kanter & Sompolinsky (1987): self-couplings shrink the basins. N = 500, 5 % flips.
    patterns = random_patterns(round(500 * load), 500)
    constraint = ZeroDiagonal() if hollow else Identity()
    weights = store(PseudoInverse(), patterns, project=constraint)
    found = np.mean(overlaps(weights, patterns, 0.05) == 1)
    error = np.sqrt(share * (1 - share) / len(patterns)) if 0 < share < 1 else 0.01
    assert abs(found - share) <= 4 * error
