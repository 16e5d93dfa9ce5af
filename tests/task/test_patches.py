"""Patches, bars and gratings have the statistics and geometry that learning rules rely on."""

import math

import numpy as np
import pytest

from canns import task
from canns.errors import ValidationError
from canns.task import bars, natural_patches, oriented_gratings

SIDE = 64


def radial_power(whiten):
    """Mean power of Hann-windowed patches over rings of spatial frequency."""
    patches = natural_patches(200, SIDE, whiten=whiten, seed=0).reshape(-1, SIDE, SIDE)
    window = np.outer(np.hanning(SIDE), np.hanning(SIDE))
    power = (np.abs(np.fft.fft2(patches * window)) ** 2).mean(axis=0)
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None, :])
    ring = np.rint(frequency * SIDE).astype(int).ravel()
    return np.bincount(ring, power.ravel()) / np.bincount(ring)


def slope(power, low=3, high=12):
    ring = np.arange(low, high + 1)
    return float(np.polyfit(np.log(ring), np.log(power[low : high + 1]), 1)[0])


def test_whitening_flattens_the_spectrum_and_cuts_the_highest_frequencies():
    plain, white = radial_power(whiten=False), radial_power(whiten=True)
    # Natural images: power falls about as 1 / f^2. The filter multiplies it by f^2, less what
    # its cut-off takes: exp(-2 (0.19 / 0.39)^4) is 0.89 at the upper end of the fit.
    assert -3.0 < slope(plain) < -1.8
    assert slope(white) - slope(plain) == pytest.approx(2.0, abs=0.2)
    assert abs(slope(white)) < 0.8
    assert white[31] < 0.05 * white[12]


@pytest.mark.parametrize("whiten", [True, False])
def test_patches_are_centred_and_of_unit_variance(whiten):
    patches = natural_patches(500, 12, whiten=whiten, seed=1)
    assert patches.shape == (500, 144)
    assert patches.dtype == np.float32
    np.testing.assert_allclose(patches.mean(axis=1), 0, atol=1e-5)
    assert patches.var(dtype=np.float64) == pytest.approx(1.0, abs=1e-5)


def test_whitening_decorrelates_distant_pixels_and_leaves_a_sparse_ensemble():
    def correlation(x, step):
        rows = x.reshape(-1, 16, 16)
        return float((rows[:, :, :-step] * rows[:, :, step:]).mean() / (rows**2).mean())

    plain = natural_patches(2000, 16, whiten=False, seed=2).astype(np.float64)
    white = natural_patches(2000, 16, seed=2).astype(np.float64)
    assert correlation(plain, 3) > 0.4
    assert abs(correlation(white, 3)) < 0.1
    # A Gaussian ensemble has 3.
    assert (white**4).mean() > 6


def test_patch_larger_than_the_pictures_is_refused():
    with pytest.raises(ValidationError, match="427"):
        natural_patches(1, 428)
    assert natural_patches(1, 427, seed=0).shape == (1, 427**2)


@pytest.mark.parametrize("probability", [None, 0.05, 0.5])
def test_bars_are_present_independently(probability):
    count, size = 8000, 8
    images = bars(count, size, probability, seed=0).reshape(count, size, size)
    p = 1 / size if probability is None else probability
    assert set(np.unique(images)) == {0.0, 1.0}
    # A row is all ones if its bar is present, or if the bars of all columns are.
    complete = p + (1 - p) * p**size
    error = 5 * math.sqrt(complete * (1 - complete) / count)
    np.testing.assert_allclose(images.all(axis=2).mean(axis=0), complete, atol=error)
    np.testing.assert_allclose(images.all(axis=1).mean(axis=0), complete, atol=error)
    pixel = 1 - (1 - p) ** 2
    error = 5 * math.sqrt(pixel * (1 - pixel) / count)
    np.testing.assert_allclose(images.mean(axis=0), pixel, atol=error)
    # Pixels that share neither row nor column are independent.
    together = (images[:, 0, 0] * images[:, 1, 1]).mean(dtype=np.float64)
    error = 5 * math.sqrt(pixel**2 * (1 - pixel**2) / count)
    assert together == pytest.approx(pixel**2, abs=error)


def test_every_image_is_a_union_of_whole_bars():
    for image in bars(200, 6, seed=1).reshape(-1, 6, 6):
        union = image.all(axis=1)[:, None] | image.all(axis=0)[None, :]
        np.testing.assert_array_equal(image, union)


@pytest.mark.parametrize(("probability", "pixel"), [(0.0, 0.0), (1.0, 1.0)])
def test_bars_at_the_ends_of_the_interval(probability, pixel):
    assert (bars(5, 4, probability, seed=0) == pixel).all()


def test_gratings_have_the_stated_orientation():
    horizontal, diagonal, vertical = oriented_gratings(
        [0.0, math.pi / 4, math.pi / 2], 32, spatial_frequency=4.0
    ).reshape(3, 32, 32)
    assert np.ptp(horizontal, axis=1).max() < 1e-6
    assert np.ptp(vertical, axis=0).max() < 1e-6
    # Stripes at 45 degrees rise to the right: up one row and right one column is the same stripe.
    np.testing.assert_allclose(diagonal[1:, :-1], diagonal[:-1, 1:], atol=1e-5)
    assert np.abs(diagonal[1:, 1:] - diagonal[:-1, :-1]).max() > 0.5


@pytest.mark.parametrize("frequency", [2, 5, 9])
def test_gratings_have_the_stated_frequency(frequency):
    image = oriented_gratings([math.pi / 2], 32, spatial_frequency=frequency).reshape(32, 32)
    spectrum = np.abs(np.fft.rfft(image[0]))
    assert spectrum.argmax() == frequency
    assert np.delete(spectrum, frequency).max() < 1e-4


def test_phase_and_half_turn():
    plain, shifted = (
        oriented_gratings([0.3], 20, spatial_frequency=3.0, phase=phase) for phase in (0.0, math.pi)
    )
    np.testing.assert_allclose(shifted, -plain, atol=1e-5)
    turned = oriented_gratings([0.3 + math.pi], 20, spatial_frequency=3.0)
    np.testing.assert_allclose(turned, plain, atol=1e-5)


def test_aperture_is_the_round_field():
    size = 40
    orientations = np.arange(6) * math.pi / 6
    full = oriented_gratings(orientations, size, spatial_frequency=4.3)
    cut = oriented_gratings(orientations, size, spatial_frequency=4.3, aperture=True)
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    inside = (x**2 + y**2 <= (size / 2) ** 2).ravel()
    np.testing.assert_array_equal(cut[:, inside], full[:, inside])
    assert (cut[:, ~inside] == 0).all()


def test_retinal_patches_are_discs_of_one_contrast_and_no_favoured_orientation():
    patches = task.retinal_patches(4000, 13, seed=0)
    disc = np.hypot(*np.mgrid[-6:7, -6:7]).ravel() <= 6.5
    assert not patches[:, ~disc].any()
    np.testing.assert_allclose(patches[:, disc].mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(patches[:, disc].std(axis=1), 1, rtol=1e-4)
    # Turned at random, no two directions differ in power, within the standard error.
    square = patches.reshape(-1, 13, 13)
    power = np.abs(np.fft.fft2(square)) ** 2
    vertical = power[:, 1:4, 0].sum(1) - power[:, 0, 1:4].sum(1)
    diagonal = sum(power[:, k, k] - power[:, k, -k] for k in (1, 2, 3))
    for difference in (vertical, diagonal):
        assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(len(difference))


def test_oriented_bars_turn_with_their_angle():
    flat, upright = task.oriented_bars([0.0, np.pi / 2], 9, width=1.0).reshape(2, 9, 9)
    np.testing.assert_array_equal(flat, upright.T)
    assert flat[4].all()
    assert flat.sum() == 9
