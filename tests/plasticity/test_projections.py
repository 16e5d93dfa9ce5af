"""Projections hold their constraint, change nothing that satisfies it, and apply at every step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import Clamped, Linear
from canns.errors import ValidationError
from canns.plasticity import (
    Bounds,
    Chain,
    Clipped,
    Hebbian,
    Identity,
    NonPositive,
    Setup,
    UnitRows,
    ZeroDiagonal,
    learn,
)

EPS = float(np.finfo(np.float32).eps)
N = 4
PROJECTIONS = [
    Identity(),
    Bounds(-0.5, 0.25),
    UnitRows(),
    NonPositive(),
    ZeroDiagonal(),
    Chain((ZeroDiagonal(), UnitRows())),
    Chain(()),
    Clipped(0.5),
]


def kind(projection):
    parts = getattr(projection, "projections", None)
    return type(projection).__name__ + ("" if parts is None else f"-of-{len(parts)}")


each_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=kind)


@st.composite
def matrices(draw):
    """Square matrices whose rows differ in size by many orders, some of them zero."""
    seed = draw(st.integers(0, 2**32 - 1))
    # Learning stops at 1e10; a row shorter than 1e-10 counts as zero.
    exponents = draw(st.lists(st.integers(-8, 10), min_size=N, max_size=N))
    empty = draw(st.lists(st.booleans(), min_size=N, max_size=N))
    weights = np.random.default_rng(seed).normal(size=(N, N))
    weights *= np.where(empty, 0.0, 10.0 ** np.array(exponents))[:, None]
    return jnp.asarray(weights, jnp.float32)


many = settings(max_examples=60)


@each_projection
@many
@given(weights=matrices())
def test_projecting_twice_is_projecting_once(projection, weights):
    once = projection(weights)
    assert once.shape == weights.shape
    assert once.dtype == weights.dtype
    # A norm of N squares, a root and a division: a few roundings.
    np.testing.assert_allclose(projection(once), once, rtol=(N + 2) * EPS, atol=0)


@many
@given(weights=matrices(), low=st.integers(-20, 20), width=st.integers(0, 20))
def test_bounds_hold_and_touch_nothing_between_them(weights, low, width):
    low, high = np.float32(low / 10), np.float32((low + width) / 10)
    bounds = Bounds(float(low), float(high))
    bounds.validate()
    np.testing.assert_array_equal(bounds(weights), np.clip(weights, low, high))


@many
@given(weights=matrices())
def test_rows_have_unit_length_and_their_direction_unless_they_are_zero(weights):
    rows = np.asarray(UnitRows()(weights), np.float64)
    given = np.asarray(weights, np.float64)
    lengths = np.linalg.norm(given, axis=1, keepdims=True)
    expected = given / np.where(lengths == 0, 1, lengths)
    np.testing.assert_allclose(rows, expected, rtol=(N + 2) * EPS, atol=0)


def test_a_row_too_short_to_have_a_direction_is_left_alone():
    weights = jnp.array([[6e-11, 7e-11], [7e-11, 8e-11], [0.0, 0.0]])  # 0.92e-10 and 1.06e-10
    rows = np.asarray(UnitRows()(weights))
    np.testing.assert_array_equal(rows[[0, 2]], weights[jnp.array([0, 2])])
    assert np.linalg.norm(rows[1]) == pytest.approx(1.0, abs=4 * EPS)


@many
@given(weights=matrices())
def test_zero_diagonal_changes_the_diagonal_only(weights):
    expected = np.asarray(weights) * (1 - np.eye(N))
    np.testing.assert_array_equal(ZeroDiagonal()(weights), expected)


@many
@given(weights=matrices())
def test_a_chain_applies_its_members_from_left_to_right(weights):
    chain = Chain((Bounds(-0.5, 0.5), UnitRows(), ZeroDiagonal()))
    expected = ZeroDiagonal()(UnitRows()(Bounds(-0.5, 0.5)(weights)))
    np.testing.assert_array_equal(chain(weights), expected)


@pytest.mark.parametrize("projection", PROJECTIONS[:-1], ids=kind)
@many
@given(first=matrices(), second=matrices())
def test_what_may_be_applied_once_to_a_sum_of_changes_is(projection, first, second):
    if projection.once:
        stepwise = projection(projection(first) + second)
        np.testing.assert_array_equal(projection(first + second), stepwise)


def test_once_is_said_of_these_only():
    flags = [projection.once for projection in PROJECTIONS]
    assert flags == [True, False, False, False, True, False, True, True]


@many
@given(weights=matrices(), scale=st.sampled_from([0.25, 3.0]))
def test_clipping_keeps_signs_only(weights, scale):
    np.testing.assert_array_equal(Clipped(scale)(weights), scale * np.sign(weights))


def test_clipping_is_of_the_whole_sum():
    # 2 of 3 products are negative; after each sample the signs would be -, 0, +.
    inputs = np.array([[1.0, -1.0], [1.0, -1.0], [1.0, 1.0]], np.float32)
    after = learn(Setup(Hebbian(), Clamped(), Clipped(0.5)), jnp.zeros((2, 2)), inputs)
    np.testing.assert_array_equal(after.weights, [[0.5, -0.5], [-0.5, 0.5]])


@pytest.mark.parametrize(
    ("projection", "argument"),
    [
        (Clipped(0.0), "scale"),
        (Bounds(1.0, 0.0), "w_min"),
        (Bounds(float("nan"), 0.0), "w_min"),
        (Bounds(0.0, float("inf")), "w_max"),
        (Chain((UnitRows(), Bounds(1.0, 0.0))), "w_min"),
    ],
)
def test_bounds_out_of_order_or_not_finite_are_refused(projection, argument):
    with pytest.raises(ValidationError, match=argument):
        learn(Setup(Hebbian(), Linear(), projection), jnp.ones((1, 2)), np.ones((3, 2), np.float32))


def test_the_constraint_holds_at_every_step_not_only_at_the_end():
    # Hebb's rule with unit rows is w <- (w + eta y x)/|w + eta y x|.
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(50, 3)).astype(np.float32)
    w = np.array([0.6, 0.8, 0.0])
    after = learn(
        Setup(Hebbian(0.1), Linear(), UnitRows()), jnp.asarray(w[None], jnp.float32), inputs
    )
    for x in inputs.astype(float):
        w = w + 0.1 * (w @ x) * x
        w /= np.linalg.norm(w)
    np.testing.assert_allclose(after.weights[0], w, rtol=0, atol=50 * 4 * EPS)


def test_bounds_may_differ_without_another_compilation(count_compilations):
    inputs = np.ones((31, 2), np.float32)

    def run(low):
        return learn(Setup(Hebbian(), Linear(), Bounds(low, 3.0)), jnp.ones((1, 2)), inputs)

    assert count_compilations(lambda: run(-1.0)) > 0
    assert count_compilations(lambda: run(-2.0)) == 0
    assert jax.tree.leaves(Bounds(-1.0, 3.0)) == [-1.0, 3.0]
