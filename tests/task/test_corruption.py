"""Corruption touches exactly what it says, and never its input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canns.errors import ValidationError
from canns.task import add_gaussian, flip, mask, occlude, random_patterns

quick = settings(max_examples=60)
shares = st.floats(0, 1)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def signs(draw):
    """One ±1 pattern, or a batch."""
    batch = random_patterns(draw(st.integers(1, 5)), draw(st.integers(1, 40)), seed=draw(seeds))
    return batch if draw(st.booleans()) else batch[0]


@quick
@given(patterns=signs(), share=shares, seed=seeds)
def test_flip_turns_exactly_the_share(patterns, share, seed):
    before = patterns.copy()
    after = flip(patterns, share, seed=seed)
    np.testing.assert_array_equal(patterns, before)
    assert after.shape == patterns.shape
    assert after.dtype == np.float32
    changed = np.atleast_2d(after != patterns).sum(axis=1)
    assert (changed == round(share * patterns.shape[-1])).all()
    np.testing.assert_array_equal(np.abs(after), 1.0)


@quick
@given(patterns=signs(), share=shares, value=st.floats(-5, 5, width=32), seed=seeds)
def test_mask_sets_exactly_the_share(patterns, share, value, seed):
    before = 7.0 * patterns
    given_patterns = before.copy()
    after = mask(given_patterns, share, value=value, seed=seed)
    np.testing.assert_array_equal(given_patterns, before)
    set_entries = np.atleast_2d(after != before)
    assert (set_entries.sum(axis=1) == round(share * patterns.shape[-1])).all()
    assert (np.atleast_2d(after)[set_entries] == np.float32(value)).all()


@quick
@given(
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    rows=st.integers(1, 4),
    share=shares,
    seed=seeds,
)
def test_occlude_covers_one_block_of_about_the_share(height, width, rows, share, seed):
    images = np.ones((rows, height * width))
    after = occlude(images, (height, width), share, value=-3.0, seed=seed)
    assert (images == 1).all()
    short, long = sorted((height, width))
    along_short = math.ceil(short * math.sqrt(share) - 1e-9)
    wanted = share * short * long
    for image in after.reshape(rows, height, width):
        hidden = image == -3.0
        area = int(hidden.sum())
        assert (image[~hidden] == 1).all()
        if share == 0:
            assert area == 0
            continue
        across, along = np.flatnonzero(hidden.any(axis=1)), np.flatnonzero(hidden.any(axis=0))
        assert area == len(across) * len(along)
        assert np.ptp(across) == len(across) - 1
        assert np.ptp(along) == len(along) - 1
        assert abs(area - wanted) <= max(along_short / 2, 1.0 - wanted) + 1e-6


@pytest.mark.parametrize(
    ("shape", "share", "sides"),
    [
        ((8, 8), 0.25, (4, 4)),
        ((10, 10), 0.49, (7, 7)),
        ((4, 16), 0.25, (2, 8)),
        ((16, 4), 0.25, (8, 2)),
        ((5, 7), 1.0, (5, 7)),
        ((6, 6), 0.001, (1, 1)),
    ],
)
def test_occluding_block_has_the_documented_sides(shape, share, sides):
    hidden = occlude(np.ones(shape[0] * shape[1]), shape, share, seed=0).reshape(shape) == -1
    assert (hidden.any(axis=1).sum(), hidden.any(axis=0).sum()) == sides


def test_occluding_block_reaches_every_position():
    images = occlude(np.ones((600, 16)), (4, 4), 0.25, seed=0)
    assert len(np.unique(images, axis=0)) == 9


def test_rows_of_a_batch_are_corrupted_independently():
    batch = np.ones((50, 100))
    for after in (
        flip(batch, 0.5, seed=0),
        mask(batch, 0.5, seed=0),
        occlude(batch, (10, 10), 0.1, seed=0),
        add_gaussian(batch, 1.0, seed=0),
    ):
        assert len(np.unique(after, axis=0)) > 25


def test_flip_chooses_entries_uniformly():
    changed = flip(np.ones((4000, 10)), 0.3, seed=1) == -1
    standard_error = math.sqrt(0.3 * 0.7 / 4000)
    np.testing.assert_allclose(changed.mean(axis=0), 0.3, atol=5 * standard_error)


def test_gaussian_noise_has_the_given_moments():
    patterns = random_patterns(10, 10_000, seed=0)
    before = patterns.copy()
    noise = (add_gaussian(patterns, 0.7, seed=1) - patterns).astype(np.float64)
    np.testing.assert_array_equal(patterns, before)
    n = noise.size
    assert abs(noise.mean()) < 5 * 0.7 / math.sqrt(n)
    assert noise.std() == pytest.approx(0.7, abs=5 * 0.7 / math.sqrt(2 * n))


@pytest.mark.parametrize("damage", [flip, mask, add_gaussian])
def test_no_damage_gives_an_equal_copy(damage):
    patterns = random_patterns(3, 20, seed=0)
    after = damage(patterns, 0.0, seed=0)
    np.testing.assert_array_equal(after, patterns)
    assert not np.shares_memory(after, patterns)


def test_flip_of_a_zero_one_code_names_the_remedy():
    with pytest.raises(ValidationError, match=r"2 \* x - 1"):
        flip([0, 1, 1], 0.5)
