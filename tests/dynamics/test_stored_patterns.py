"""Couplings kept as patterns, int8 or bits, equal the matrix that they stand for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.dynamics import Hopfield, recall
from canns.dynamics.couplings.bits import (
    overlaps_of_bits,
    pack_columns,
    pack_rows,
    pack_signs,
    sum_of_signs,
    unpack_rows,
    unpack_signs,
)
from canns.dynamics.couplings.host_patterns import (
    is_two_valued,
    join_stored,
    no_patterns,
    store,
    to_device,
)
from canns.dynamics.couplings.matrix import rounding_of
from canns.dynamics.couplings.pattern_norms import norm_of, norms_after
from canns.errors import ValidationError

P, N, B = 6, 70, 5  # N is not a multiple of a word
rng = np.random.default_rng(0)
SIGNS = rng.choice([-1.0, 1.0], (P, N)).astype(np.float32)
GRADED = rng.normal(size=(P, N)).astype(np.float32)
COUNTS = rng.integers(-3, 4, (P, N)).astype(np.float32)
EACH = rng.normal(size=P) / 8
ALL = (EACH[:, None] * EACH + np.diag(EACH)).astype(np.float64)
STATES = rng.choice([-1.0, 1.0], (B, N)).astype(np.float32)
MASKED = STATES * (rng.random((B, N)) < 0.8)


def on_jax(*args, **options):
    return to_device(store(*args, **options))


def on_jax_joined(*args, **options):
    return to_device(join_stored(*args, **options))


def matrix(rows, strengths, centre, hollow):
    """The definition, in double precision."""
    centred = np.float64(rows) - centre
    kernel = np.diag(strengths) if strengths.ndim == 1 else strengths
    weights = centred.T @ kernel @ centred
    return weights - np.diag(np.diag(weights)) if hollow else weights


KINDS = {
    "bits": (SIGNS, EACH, 0.0, True, True),
    "centred bits": (SIGNS - np.float32(0.125), EACH, 0.0, True, True),
    "zeros and ones": ((SIGNS + 1) / 2, EACH, 0.25, False, True),
    "bits, kernel": (SIGNS, ALL, 0.0, True, True),
    "int8": (SIGNS, EACH, 0.125, True, False),
    "counts": (COUNTS, EACH, 0.5, True, False),
    "floats": (GRADED, ALL, 0.25, False, False),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_field_matrix_norm_and_sweep_are_those_of_the_definition(kind):
    rows, strengths, centre, hollow, packed = KINDS[kind]
    stored = on_jax(rows, strengths, centre, hollow=hollow, packed=packed)
    weights = matrix(rows, strengths, centre, hollow)
    close = {"rtol": 0, "atol": 3e-5 * np.abs(weights).sum(axis=1).max()}
    assert stored.packed == packed
    assert stored.shape == (N, N)
    np.testing.assert_allclose(stored.matrix(), weights, **close)
    assert norm_of(stored) == pytest.approx(np.linalg.norm(weights), rel=1e-5)
    for states in (STATES, MASKED, MASKED[:1]):  # a masked state has no bits
        np.testing.assert_allclose(stored.field(states), states @ weights.T, **close)
    sweep = stored.start_sweep(jnp.asarray(MASKED))
    change = jnp.where(MASKED[:, 33] == 0, 1.0, -2 * MASKED[:, 33])
    moved = MASKED.copy()
    moved[:, 33] += change
    after = sweep.after(jnp.int32(33), change).field(jnp.asarray(moved), jnp.int32(40))
    np.testing.assert_allclose(after, moved @ weights[40], **close)


def test_self_couplings_that_are_taken_away_leave_exact_zeros():
    for rows in (SIGNS, SIGNS - np.float32(0.1)):
        built = on_jax(rows, EACH, 0.0, hollow=True, packed=True).matrix()
        np.testing.assert_array_equal(np.diag(built), 0)
        np.testing.assert_array_equal(built, built.T)


@pytest.mark.parametrize("hollow", [True, False])
def test_sums_of_couplings_are_those_of_the_matrices(hollow):
    kinds = [(SIGNS, EACH, 0.0, False, True), (COUNTS, ALL, 0.5, False, False)]
    parts = [on_jax(*kind[:3], hollow=kind[3], packed=kind[4]) for kind in kinds]
    total = on_jax_joined(no_patterns(N, np.float32), parts[0], hollow=hollow)
    total = on_jax_joined(total, parts[1], hollow=hollow)
    weights = sum(matrix(*kind[:4]) for kind in kinds)
    if hollow:
        np.fill_diagonal(weights, 0)
    np.testing.assert_allclose(total.matrix(), weights, atol=1e-4)
    added = norms_after(parts[0], total)[0]
    before = matrix(*kinds[0][:4])
    assert added == pytest.approx(np.linalg.norm(weights - before), rel=1e-4)


def test_rounding_bounds_that_of_the_matrix():
    orthogonal = np.linalg.qr(rng.normal(size=(N, P)))[0].T.astype(np.float32)
    stored = on_jax(orthogonal, EACH, 0.0, hollow=False, packed=False)
    weights = matrix(orthogonal, EACH, 0.0, hollow=False)
    own = 8 * np.finfo(np.float32).eps * np.abs(weights).sum(axis=1)
    assert (np.asarray(rounding_of(stored)) >= own * (1 - 1e-5)).all()


DYNAMICS = [
    Hopfield(),
    Hopfield(0.1, tie="plus"),
    Hopfield(asynchronous=True),
    Hopfield(stochastic=True, temperature=0.5),
    Hopfield(stochastic=True, asynchronous=True, temperature=0.5),
]


@pytest.mark.slow
@pytest.mark.parametrize("network", DYNAMICS, ids=str)
def test_recall_is_bit_for_bit_that_of_the_matrix(network):
    size, count = 256, 20
    patterns = np.random.default_rng(1).choice([-1.0, 1.0], (count, size)).astype(np.float32)
    strengths = np.full(count, 1 / size)  # a power of two, so that every field is exact
    cues = np.random.default_rng(2).choice([-1.0, 0.0, 1.0], (8, size)).astype(np.float32)
    weights = matrix(patterns, strengths, 0.0, hollow=True).astype(np.float32)
    full = recall(network, weights, cues, key=jax.random.key(3), num_iter=12)
    for packed in (True, False):
        stored = on_jax(patterns, strengths, 0.0, hollow=True, packed=packed)
        kept = recall(network, stored, cues, key=jax.random.key(3), num_iter=12)
        for name, a, b in zip(full._fields, full, kept, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=name)


@settings(max_examples=30)
@given(st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_bits_come_back_as_they_went(size, seed):
    rows = np.random.default_rng(seed).choice([-1.0, 1.0], (3, size))
    bits = pack_rows(rows)
    assert bits.shape == (3, -(-size // 32))
    np.testing.assert_array_equal(unpack_rows(bits, size), rows)


@pytest.mark.slow
def test_bits_of_states_and_of_patterns_are_the_same():
    bits = pack_rows(SIGNS)
    np.testing.assert_array_equal(pack_signs(jnp.asarray(SIGNS)), bits)
    np.testing.assert_array_equal(unpack_signs(jnp.asarray(bits), jnp.float32)[:, :N], SIGNS)
    counted = overlaps_of_bits(jnp.asarray(bits), pack_signs(jnp.asarray(STATES)), N)
    np.testing.assert_array_equal(counted, STATES @ SIGNS.T)
    columns = pack_columns(jnp.asarray(SIGNS.T))
    np.testing.assert_array_equal(columns.T, bits)
    each, centre = jnp.asarray(EACH, jnp.float32), jnp.linspace(-1, 1, P)
    total = sum_of_signs(jnp.asarray(bits), each, centre)
    np.testing.assert_allclose(total[:N], EACH @ (SIGNS - np.asarray(centre)[:, None]), atol=1e-6)


@pytest.mark.slow
def test_many_neurons_are_taken_in_blocks(monkeypatch):
    monkeypatch.setattr(
        "canns.dynamics.couplings.stored_patterns._BLOCK", 32 * P
    )  # two blocks and a rest
    for packed in (True, False):
        stored = on_jax(SIGNS, EACH, 0.0, hollow=True, packed=packed)
        expected = MASKED @ matrix(SIGNS, EACH, 0.0, hollow=True)
        np.testing.assert_allclose(stored.field(jnp.asarray(MASKED)), expected, atol=1e-4)


def test_only_two_values_are_bits():
    assert is_two_valued(SIGNS - 3)
    assert not is_two_valued(COUNTS)
    assert not is_two_valued(np.ones((2, 3)))
    with pytest.raises(ValidationError, match="two values"):
        store(COUNTS, EACH, 0.0, hollow=True, packed=True)


def test_norms_that_would_take_long_are_not_a_number():
    stored = no_patterns(4, np.float32)
    assert norm_of(stored) == 0
    many = stored._replace(patterns=jnp.zeros((10**6, 1), jnp.uint32))
    assert np.isnan(norm_of(many))


@pytest.mark.slow
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("hollow", [True, False])
def test_neurons_that_are_zero_in_all_patterns_have_no_field(hollow, packed):
    count, size = 30, 301
    rows = (np.random.default_rng(8).random((count, size)) < 0.05).astype(np.float32)
    idle = ~rows.any(axis=0)
    assert 20 < idle.sum() < size
    kernel = np.random.default_rng(9).normal(size=(count, count)) + 3
    states = np.random.default_rng(10).choice([-1.0, 1.0], (4, size)).astype(np.float32)
    for strengths in (np.full(count, 0.3), kernel + kernel.T):
        # Zeros and ones, and the same swapped: centred at one, the idle neurons are again zero.
        for kept, centre in ((rows, 0.0), (1 - rows, 1.0)):
            stored = on_jax(kept, strengths, centre, hollow=hollow, packed=packed)
            for some in (states, states[:1]):
                assert not np.asarray(stored.field(jnp.asarray(some)))[:, idle].any()
            weights = np.asarray(stored.matrix())
            assert not weights[idle].any()
            assert not weights[:, idle].any()
            assert not np.asarray(stored.rounding())[idle].any()


@pytest.mark.slow
@pytest.mark.parametrize("count", [40, 64 * 32 + 1])  # in one loop, or in blocks of rows
def test_patterns_that_are_alike_make_the_matrix_by_counting(count):
    size = 259  # more than a block of rows, and a rest
    signs = np.random.default_rng(7).choice([-1.0, 1.0], (count, size)).astype(np.float32)
    for rows, hollow in ((signs, True), (signs - np.float32(0.1), False)):
        strengths = np.full(count, 1 / count)
        built = np.asarray(store(rows, strengths, 0.0, hollow=hollow, packed=True).matrix())
        np.testing.assert_allclose(built, matrix(rows, strengths, 0.0, hollow), atol=1e-6)
        np.testing.assert_array_equal(built, built.T)
