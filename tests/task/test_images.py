"""Pictures become grey images and ±1 patterns."""

import math
import os

import numpy as np
import pytest
from PIL import Image

from canns.errors import CannsWarning, ValidationError
from canns.task import binarize, bundled_images, image_patterns, load_image


def save(path, pixels, mode=None):
    Image.fromarray(pixels, mode=mode).save(path) if mode else Image.fromarray(pixels).save(path)
    return path


def test_otsu_separates_two_groups_of_grey_values():
    rng = np.random.default_rng(0)
    truth = rng.random((60, 60)) < 0.3
    image = np.where(truth, 0.8, 0.2) + rng.normal(0, 0.05, truth.shape)
    # The histogram's bin at the cut may split wrongly.
    assert ((binarize(image) > 0) == truth).mean() > 0.999


def test_otsu_maximises_the_variance_between_groups():
    grey = bundled_images(64)["camera"].astype(np.float64)

    def between(bright):
        share = bright.mean()
        return share * (1 - share) * (grey[bright].mean() - grey[~bright].mean()) ** 2

    best = max(between(grey > cut) for cut in np.quantile(grey, np.linspace(0.01, 0.99, 200)))
    assert between(binarize(grey) > 0) > 0.999 * best


def test_threshold_is_exclusive_and_in_the_images_unit():
    image = np.array([[0, 100], [101, 255]], dtype=np.uint8)
    assert binarize(image, threshold=100).tolist() == [[-1, -1], [1, 1]]
    assert binarize([[0.1, 0.3]], threshold=0.1).tolist() == [[-1, 1]]


def test_colour_is_weighted_as_luminance():
    image = np.eye(3).reshape(1, 3, 3)
    assert binarize(image, threshold=0.1).tolist() == [[1, 1, -1]]
    assert binarize(image, threshold=0.5).tolist() == [[-1, 1, -1]]


@pytest.mark.parametrize("shape", [(7, 9), (31, 17, 3)])
def test_constant_image_has_no_pattern(shape):
    with pytest.raises(ValidationError, match="at least two grey values"):
        binarize(np.full(shape, 0.3))


@pytest.mark.parametrize("threshold", [-0.1, 0.8, 2.0, math.nan])
def test_threshold_that_gives_one_sign_is_refused(threshold):
    with pytest.raises(ValidationError, match="threshold"):
        binarize([[0.2, 0.8]], threshold=threshold)


def test_bundled_images_are_grey_squares():
    images = bundled_images(32)
    assert list(images) == ["camera", "astronaut", "coffee", "horse"]
    for image in images.values():
        assert image.shape == (32, 32)
        assert image.dtype == np.float32
        assert 0 <= image.min() < 0.1
        assert 0.8 < image.max() <= 1


def test_horse_is_a_whole_dark_animal_on_white():
    sign = binarize(bundled_images(100)["horse"])
    border = np.concatenate([sign[0], sign[-1], sign[:, 0], sign[:, -1]])
    assert (border == 1).all()
    # Of the source's 328 x 400 pixels 33 % are dark; padding makes them 27 % of 400 x 400.
    assert (sign == -1).mean() == pytest.approx(0.33 * 328 / 400, abs=0.01)


def test_image_patterns_stacks_binarised_rows_in_order():
    images = bundled_images(24)
    patterns = image_patterns(images)
    assert patterns.shape == (4, 576)
    for row, image in zip(patterns, images.values(), strict=True):
        np.testing.assert_array_equal(row.reshape(24, 24), binarize(image))
    np.testing.assert_array_equal(image_patterns(iter(images.values())), patterns)


def test_image_patterns_names_the_image_at_fault():
    with pytest.raises(ValidationError, match=r"images\['flat'\]"):
        image_patterns({"good": np.eye(4), "flat": np.ones((4, 4))}, threshold=0.5)
    with pytest.raises(ValidationError, match="one size"):
        image_patterns([np.eye(4), np.eye(5)], threshold=0.5)
    with pytest.raises(ValidationError, match="at least one image"):
        image_patterns([])


def test_load_image_scales_every_pixel_type_alike(tmp_path):
    eight = np.array([[0, 51], [102, 255]], dtype=np.uint8)
    expected = eight / 255
    variants = {
        "grey.png": eight,
        "colour.png": np.repeat(eight[..., None], 3, axis=2),
        "deep.png": eight.astype(np.uint16) * 257,
        "float.tif": expected.astype(np.float32),
    }
    for name, pixels in variants.items():
        image = load_image(save(tmp_path / name, pixels))
        assert image.dtype == np.float32
        np.testing.assert_allclose(image, expected, atol=1e-6, err_msg=name)


def test_transparent_picture_is_laid_on_white(tmp_path):
    pixels = np.zeros((2, 2, 4), dtype=np.uint8)
    pixels[0, :, 3] = 255
    image = load_image(save(tmp_path / "clear.png", pixels))
    np.testing.assert_allclose(image, [[0, 0], [1, 1]], atol=1e-6)


def test_palette_and_one_bit_pictures(tmp_path):
    pixels = np.array([[0, 255], [255, 0]], dtype=np.uint8)
    for name, mode in (("palette.gif", "P"), ("bits.png", "1")):
        Image.fromarray(pixels).convert(mode).save(tmp_path / name)
        np.testing.assert_allclose(load_image(tmp_path / name), pixels / 255, atol=1e-6)


def test_load_image_cuts_the_centre_square_and_resizes(tmp_path):
    pixels = np.zeros((40, 100), dtype=np.uint8)
    pixels[:, 30:70] = 200
    path = save(tmp_path / "wide.png", pixels)
    assert load_image(str(path)).shape == (40, 100)
    with pytest.warns(CannsWarning, match="only one grey value"):
        small = load_image(path, 10)
    assert small.shape == (10, 10)
    np.testing.assert_allclose(small, 200 / 255, atol=1e-5)


def test_resizing_does_not_alias(tmp_path):
    stripes = np.tile(np.array([0, 255], dtype=np.uint8), (64, 32))
    # Without a filter the finest stripes would turn into coarse ones, or into all black.
    small = load_image(save(tmp_path / "stripes.png", stripes), 15)
    assert small[1:-1, 1:-1].std() < 0.02
    assert small.mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.png", b"not a picture"),
        ("empty.jpg", b""),
        ("cut.png", b"\x89PNG\r\n\x1a\n" + bytes(50)),
    ],
)
def test_unreadable_picture_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValidationError, match=name):
        load_image(tmp_path / name)


@pytest.mark.parametrize("name", ["camera", "coins", "chelsea", "page"])
@pytest.mark.parametrize("side", [9, 64, 600])
def test_pictures_are_resized_and_cut_as_by_scikit_image(tmp_path, name, side):
    from skimage import data
    from skimage.filters import threshold_otsu
    from skimage.transform import resize

    path = save(tmp_path / "whole.png", getattr(data, name)())
    whole = load_image(path)
    width = min(whole.shape)
    top, left = ((length - width) // 2 for length in whole.shape)
    square = whole.astype(np.float64)[top : top + width, left : left + width]
    small = load_image(path, side)
    np.testing.assert_allclose(small, resize(square, (side, side), anti_aliasing=True), atol=1e-6)
    exact = small.astype(np.float64)
    np.testing.assert_array_equal(binarize(small) > 0, exact > threshold_otsu(exact))


def test_only_the_formats_that_are_named_are_tried(tmp_path):
    pixels = np.array([[0, 255]], np.uint8)
    path = save(tmp_path / "two.png", pixels)
    np.testing.assert_array_equal(load_image(path, formats=("GIF", "PNG")), [[0, 1]])
    with pytest.raises(ValidationError, match=r"two\.png"):
        load_image(path, formats=("GIF",))


@pytest.mark.parametrize("formats", [("EPS",), "PNG", (), ("NOSUCH",), 3])
def test_formats_that_are_unknown_or_start_a_program_are_refused(tmp_path, formats):
    path = save(tmp_path / "two.png", np.array([[0, 255]], np.uint8))
    with pytest.raises(ValidationError, match="formats must be"):
        load_image(path, formats=formats)


def test_truncated_picture_is_named(tmp_path):
    path = save(tmp_path / "whole.png", np.arange(6400, dtype=np.uint8).reshape(80, 80))
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(ValidationError, match=r"whole\.png"):
        load_image(path)


@pytest.mark.parametrize("path", ["absent.png", "https://example.org/picture.png", "."])
def test_path_that_is_no_file_is_named(path):
    with pytest.raises(ValidationError, match="which is no file"):
        load_image(path)


def test_picture_outside_the_unit_interval_is_refused(tmp_path):
    path = save(tmp_path / "hot.tif", np.array([[0.0, 3.0]], dtype=np.float32))
    with pytest.raises(ValidationError, match=r"hot\.tif"):
        load_image(path)


def test_a_picture_that_is_no_picture_by_its_bytes_starts_no_program(tmp_path, monkeypatch):
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/called\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    page = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\npop\n%%EOF\n"
    (tmp_path / "photo.png").write_bytes(page)
    with pytest.raises(ValidationError, match="a readable picture"):
        load_image(tmp_path / "photo.png")
    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize("kind", ["PPM", "PNG", "TIFF"])
def test_a_small_file_of_many_pixels_is_refused_before_it_is_decoded(tmp_path, kind):
    path = tmp_path / "flat"
    Image.new("1", (9000, 9000)).save(
        path, kind, **({"compression": "group4"} if kind == "TIFF" else {})
    )
    if kind == "PPM":  # which is not packed, and so only says that it is so large
        path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ValidationError, match=r"at most 5\d\d\.\d MB.* 9000 x 9000 pixels"):
        load_image(path)
