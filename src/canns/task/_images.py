"""Pictures as grey images and as ±1 patterns."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from canns._extras import require
from canns._validation import as_numpy, check_array, check_real, check_size, float_dtype
from canns._warnings import warn
from canns.errors import ValidationError
from canns.task._picture import read_picture
from canns.task._types import ArrayLike, FloatArray

__all__ = ["binarize", "bundled_images", "grey_image", "image_patterns", "load_image"]

_BINS = 256  # of the histogram for a threshold
_MOST_PIXELS = 10_000  # of the side of a picture
_LUMINANCE = np.array([0.2125, 0.7154, 0.0721])  # Red, green, blue of ITU-R BT.709.


def binarize(image: ArrayLike, *, threshold: float | None = None) -> FloatArray:
    """Turn an image into ±1 pixels: bright +1, dark −1.

    A pixel is +1 if its grey value is greater than the threshold. A colour image is first made grey
    as ``0.2125 R + 0.7154 G + 0.0721 B``.

    Args:
        image: Grey image of shape (H, W), or colour image of shape (H, W, 3).
        threshold: Grey value, in the image's unit, below the brightest pixel and not below the
            darkest; None takes Otsu's threshold, which maximises the variance between the two
            groups (from a histogram of 256 bins).

    Returns:
        Image of shape (H, W), entries ±1, both present.

    Raises:
        ValidationError: The image has another shape or only one grey value, or ``threshold``
            would give only one sign.

    Example:
        >>> binarize([[0.1, 0.2], [0.8, 0.9]], threshold=0.5).tolist()
        [[-1.0, -1.0], [1.0, 1.0]]

    References:
        Otsu (1979), IEEE Transactions on Systems, Man, and Cybernetics 9:62–66.
    """
    return _binarize("image", image, threshold)


def image_patterns(
    images: Mapping[str, ArrayLike] | Iterable[ArrayLike], *, threshold: float | None = None
) -> FloatArray:
    """Stack images of one size as ±1 patterns, one a row.

    Each image goes through :func:`binarize` on its own and is flattened in row-major order.

    Args:
        images: Images of shape (H, W) or (H, W, 3), as a mapping (such as that of
            :func:`bundled_images`) or in any iterable.
        threshold: One grey value for all; None takes Otsu's threshold for each image.

    Returns:
        Patterns of shape (P, H·W), entries ±1, in the order of ``images``.

    Raises:
        ValidationError: There is no image, one fails in :func:`binarize`, or sizes differ.

    Example:
        >>> import numpy as np
        >>> image_patterns([np.eye(3), 1 - np.eye(3)], threshold=0.5).shape
        (2, 9)
    """
    single = isinstance(images, np.ndarray) and images.ndim == 0
    if not isinstance(images, Iterable) or isinstance(images, str) or single:
        raise ValidationError("images", "images, in a mapping or a sequence", repr(images))
    named = images.items() if isinstance(images, Mapping) else enumerate(images)
    signs = [_binarize(f"images[{key!r}]", image, threshold) for key, image in named]
    shapes = sorted({image.shape for image in signs})
    if len(shapes) != 1:
        got = f"shapes {shapes}" if shapes else "none"
        raise ValidationError(
            "images", "at least one image, all of one size", got, "Load them with one size."
        )
    return np.stack([image.ravel() for image in signs])


def load_image(
    path: str | os.PathLike[str],
    size: int | None = None,
    *,
    formats: Collection[str] | None = None,
) -> FloatArray:
    """Read a picture file as a grey image.

    Integer pixels are scaled to [0, 1]; a transparent picture is laid on white; one with an EXIF
    orientation is turned as viewers show it; colour becomes grey as in :func:`binarize`; of an
    animation the first frame is taken. With ``size`` the
    largest centred square is cut out and resized with anti-aliasing.

    Args:
        path: File in one of the formats PNG, JPEG, GIF, WEBP, BMP, TIFF and PPM, whatever its
            name. A web address is not followed. What the pixels take in memory may be 512 MB and
            4096 times the length of the file.
        size: Side of the square result in pixels, at least 2; None keeps the picture's size.
        formats: The formats to try, such as ("PNG", "JPEG"); None for all of these.

    Returns:
        Image of shape (H, W), or (size, size), in [0, 1].

    Raises:
        ValidationError: The file is missing, no readable picture or too large, ``size`` is below 2,
            or a format is not one of these.
        MissingExtraError: Pillow is not installed.

    Example:
        >>> load_image("no-such-file.png")
        Traceback (most recent call last):
        ...
        canns.errors.ValidationError: path must be a picture file; got 'no-such-file.png', ...
    """
    if not isinstance(path, str | os.PathLike):
        raise ValidationError("path", "a path", repr(path))
    side = None if size is None else check_size("size", size, low=2)
    image = grey_image("path", read_picture(Path(path), formats))
    if side is None:
        return image.astype(float_dtype())
    centre = _crop(image)
    if np.ptp(centre) == 0 < np.ptp(image):
        warn(
            f"The centred square of {str(path)!r} has only one grey value; the rest has more.",
            "Load it without a size, and cut out the part that you want.",
        )
    return _resize(centre, side)


def bundled_images(size: int = 128) -> dict[str, FloatArray]:
    """Load four pictures that ship inside scikit-image; nothing is downloaded.

    The largest centred square of camera, astronaut and coffee is resized with anti-aliasing. The
    horse is a black silhouette (0) on white (1), so :func:`binarize` makes the animal −1; it is
    wider than high and is padded with white to a square, not cropped.

    Args:
        size: Side of each image in pixels, at least 2.

    Returns:
        Images by name, in the order camera, astronaut, coffee, horse: each of shape
        (size, size), grey, in [0, 1].

    Raises:
        ValidationError: ``size`` is below 2.
        MissingExtraError: scikit-image is not installed.

    Example:
        >>> {name: image.shape for name, image in bundled_images(16).items()}
        {'camera': (16, 16), 'astronaut': (16, 16), 'coffee': (16, 16), 'horse': (16, 16)}
    """
    side = check_size("size", size, low=2, high=_MOST_PIXELS)
    data = require("skimage.data", "data")
    photographs = {"camera": data.camera, "astronaut": data.astronaut, "coffee": data.coffee}
    images = {name: _crop(grey_image(name, load()) / 255.0) for name, load in photographs.items()}
    images["horse"] = _pad_white(grey_image("horse", data.horse()))
    return {name: _resize(image, side) for name, image in images.items()}


def grey_image(name: str, image: ArrayLike) -> FloatArray:
    """Return a grey or colour image as a grey float64 image, in the unit it came in."""
    image = as_numpy(name, image)
    check_array(name, image)
    # Do not use the checked copy: float32 would move a pixel that lies exactly on a threshold.
    values = np.asarray(image, dtype=np.float64)
    if values.ndim == 2:
        return values
    if values.ndim != 3 or values.shape[2] != 3:
        raise ValidationError(
            name,
            "an image of shape (H, W) or (H, W, 3)",
            f"shape {values.shape}",
            "Drop a transparency channel with image[..., :3]; reshape a pattern to (H, W).",
        )
    # Do not use a matrix product: its rounding may differ between equal pixels.
    weighted: FloatArray = (values * _LUMINANCE).sum(axis=2)
    return weighted


def _binarize(name: str, image: ArrayLike, threshold: float | None) -> FloatArray:
    grey = grey_image(name, image)
    dark, bright = float(grey.min()), float(grey.max())
    if dark == bright:
        raise ValidationError(
            name,
            "of at least two grey values",
            f"only {dark:g}",
            "Choose an image with contrast; load_image with a size takes its centred square.",
        )
    if threshold is None:
        cut = _otsu(grey)
    else:
        cut = check_real("threshold", threshold, low=dark, high=bright, open_high=True)
    return np.where(grey > cut, 1.0, -1.0).astype(float_dtype())


def _otsu(grey: FloatArray) -> float:
    """Return the grey value between whose two sides the variance is largest."""
    counts, edges = np.histogram(grey, _BINS)
    values = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts)[:-1], counts.sum()
    sums = np.cumsum(counts * values)
    means = sums[:-1] / below, (sums[-1] - sums[:-1]) / (total - below)
    between = below * (total - below) * (means[0] - means[1]) ** 2
    return float(values[np.argmax(between)])


def _crop(image: FloatArray) -> FloatArray:
    """Cut out the largest centred square."""
    side = min(image.shape)
    top, left = ((length - side) // 2 for length in image.shape)
    return image[top : top + side, left : left + side]


def _pad_white(image: FloatArray) -> FloatArray:
    missing = max(image.shape) - np.array(image.shape)
    widths = [(int(short // 2), int(short - short // 2)) for short in missing]
    return np.pad(image, widths, constant_values=1.0)


def _resize(image: FloatArray, side: int) -> FloatArray:
    factors = np.array(image.shape) / side
    # What is finer than the new pixels is smoothed away first.
    smooth = gaussian_filter(image, np.maximum(0, (factors - 1) / 2), mode="mirror")
    resized = zoom(smooth, 1 / factors, order=1, mode="mirror", grid_mode=True)
    clipped: FloatArray = np.clip(resized, 0.0, 1.0).astype(float_dtype())
    return clipped
