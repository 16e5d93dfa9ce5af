"""Image patches and bars: the inputs from which receptive fields are learned."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import gaussian_filter, map_coordinates

from canns._extras import require
from canns._memory import check_memory
from canns._names import renamed
from canns._validation import check_flag, check_real, check_size, float_dtype
from canns.errors import ValidationError
from canns.task._images import grey_image
from canns.task._random import Seed, generator
from canns.task._types import BoolArray, FloatArray

__all__ = ["bars", "natural_patches", "retinal_patches"]

# Olshausen & Field's 200 cycles per picture of 512 pixels.
_CUTOFF = 200.0 / 512.0
# Retinal patches, in pixels: width of the filter, and distance between the sampled points.
_SMOOTH, _SPACING = 1.2, 2.0
_COPIES = 10  # of all patches at once, at most, while they are cut and filtered
# Wider than the filter's kernel, so that no patch sees the edge of the padded picture.
_MARGIN = 32


@renamed(key="seed")
def natural_patches(
    num_patches: int, size: int = 12, *, whiten: bool = True, seed: Seed = None
) -> FloatArray:
    """Cut square patches at random from the two photographs that scikit-learn ships.

    china.jpg and flower.jpg are made grey and, with ``whiten=True``, filtered as a whole with
    ``R(f) = f * exp(-(f / f0)**4)``, with spatial frequency f and f0 = 200/512 ≈ 0.39 cycles per
    pixel: f cancels the 1/f fall of natural images' amplitude, and the second factor removes the
    noise beyond f0. (The power of these two falls a little faster than natural images do on
    average, about as ``f**-2.6``, so about ``f**-0.6`` is left below 0.2 cycles per pixel.) Both
    pictures are brought to unit variance. Patches are drawn uniformly (picture, row, column), each
    patch's mean is subtracted, and the whole set is divided by its standard deviation.

    Args:
        num_patches: Number of patches P.
        size: Side of a patch in pixels, from 2 to the pictures' height of 427.
        whiten: Whether to filter. Without the filter, neighbouring pixels are strongly correlated.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Patches of shape (P, size²), row-major, each of mean 0, together of variance 1.

    Raises:
        ValidationError: A count is out of range, or all patches drawn are flat.
        MissingExtraError: scikit-learn is not installed.

    Example:
        >>> patches = natural_patches(100, 8, seed=0)
        >>> patches.shape, round(float(patches.var()), 3)
        ((100, 64), 1.0)

    References:
        Olshausen & Field (1996), Nature 381:607–609.
    """
    count = check_size("num_patches", num_patches)
    _check_room("num_patches", count, size)
    side = check_size("size", size, low=2)
    whiten = check_flag("whiten", whiten)
    random = generator(seed)
    pictures = _photographs(whiten)
    if side > min(pictures.shape[1:]):
        raise ValidationError("size", f"at most {min(pictures.shape[1:])} pixels", str(side))
    return _normalise(_cut(pictures, count, side, random)).astype(float_dtype())


@renamed(key="seed")
def bars(
    num_samples: int, size: int = 8, probability: float | None = None, *, seed: Seed = None
) -> FloatArray:
    """Draw images that are superpositions of independent horizontal and vertical bars.

    Each of the ``2 * size`` bars (one pixel wide, as long as the image) is present with probability
    p, independently. A pixel is 1 if at least one bar covers it, so it is 1 with probability
    ``1 - (1 - p)**2``.

    Args:
        num_samples: Number of images.
        size: Side of the image in pixels.
        probability: p, in [0, 1]; None means 1 / size, so two bars are present on average.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Images of shape (num_samples, size²), row-major, entries 0 or 1.

    Raises:
        ValidationError: A count is not a positive integer, or ``probability`` is outside [0, 1].

    Example:
        >>> bars(1, 4, 0.25, seed=3).reshape(4, 4)
        array([[1., 1., 1., 1.],
               [1., 1., 1., 1.],
               [1., 0., 0., 1.],
               [1., 0., 0., 1.]], dtype=float32)

    References:
        Földiák (1990), Biological Cybernetics 64:165–170.
    """
    count = check_size("num_samples", num_samples)
    _check_room("num_samples", count, size)
    side = check_size("size", size)
    if probability is None:
        chance = 1.0 / side
    else:
        chance = check_real("probability", probability, low=0, high=1)
    present = generator(seed).random((2, count, side)) < chance
    images: FloatArray = (present[0][:, :, None] | present[1][:, None, :]).astype(float_dtype())
    return images.reshape(count, side * side)


@renamed(key="seed")
def retinal_patches(num_patches: int, size: int = 13, *, seed: Seed = None) -> FloatArray:
    """Cut round natural patches with contours in them, at one contrast, in every orientation.

    The whitened photographs of :func:`natural_patches` are smoothed, which removes detail near the
    pixel grid, and sampled at every second pixel of a grid that is rotated and mirrored at random,
    so that no orientation of the two photographs prevails. The fifth of the patches with the
    highest contrast is kept (the rest is mostly sky), and scaled to mean 0 and variance 1 within
    the disc. Outside the disc a patch is 0.

    Args:
        num_patches: Number of patches P.
        size: Side of a patch in pixels, from 2 to 200.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Patches of shape (P, size²), row-major, each with mean 0 and variance 1 in its disc.

    Raises:
        ValidationError: A count is out of range.
        MissingExtraError: scikit-learn is not installed.

    Example:
        >>> patches = retinal_patches(100, 9, seed=0)
        >>> patches.shape, round(float(patches[0, patches[0] != 0].var()), 3)
        ((100, 81), 1.0)

    References:
        Law & Cooper (1994), PNAS 91:7797-7801, on BCM neurons with such an input.
    """
    count = check_size("num_patches", num_patches)
    _check_room("num_patches", count, size)
    side = check_size("size", size, low=2, high=200)
    drawn, disc = _cut_turned(5 * count, side, generator(seed))
    contrast = drawn.std(axis=1)
    chosen = np.sort(np.argsort(contrast)[-count:])
    patches = np.zeros((count, side * side), float_dtype())
    mean = drawn[chosen].mean(axis=1, keepdims=True)
    patches[:, disc.ravel()] = (drawn[chosen] - mean) / contrast[chosen, None]
    return patches


def _cut_turned(count: int, side: int, rng: np.random.Generator) -> tuple[FloatArray, BoolArray]:
    """Return discs of the smoothed photographs at random angles, and the mask of their pixels."""
    pictures = [gaussian_filter(picture, _SMOOTH) for picture in _photographs(whiten=True)]
    offset = np.arange(side) - (side - 1) / 2
    disc = np.hypot(offset[:, None], offset) <= side / 2
    y, x = (_SPACING * part[disc] for part in np.meshgrid(offset, offset, indexing="ij"))
    reach = _SPACING * side / 2
    which = rng.integers(len(pictures), size=count)
    top, left = (rng.uniform(reach, length - 1 - reach, (count, 1)) for length in pictures[0].shape)
    angle, mirrored = rng.uniform(0, 2 * np.pi, (count, 1)), rng.choice([-1.0, 1.0], (count, 1))
    x = mirrored * x
    rows = top + np.cos(angle) * y - np.sin(angle) * x
    columns = left + np.sin(angle) * y + np.cos(angle) * x
    discs = np.empty(rows.shape)
    for i, picture in enumerate(pictures):
        own = which == i
        discs[own] = map_coordinates(picture, [rows[own], columns[own]], order=1)
    return discs, disc


def _photographs(whiten: bool) -> FloatArray:
    colour = require("sklearn.datasets", "data").load_sample_images().images
    pictures = [grey_image("sample image", picture) for picture in colour]
    if whiten:
        pictures = [_whiten(picture) for picture in pictures]
    return np.stack([(picture - picture.mean()) / picture.std() for picture in pictures])


def _whiten(image: FloatArray) -> FloatArray:
    """Filter with R(f); a mirrored margin keeps the Fourier wrap-around out of the picture."""
    padded = np.pad(image, _MARGIN, mode="symmetric")
    vertical = np.fft.fftfreq(padded.shape[0])[:, None]
    horizontal = np.fft.rfftfreq(padded.shape[1])[None, :]
    frequency = np.hypot(vertical, horizontal)
    response = frequency * np.exp(-((frequency / _CUTOFF) ** 4))
    filtered = np.fft.irfft2(np.fft.rfft2(padded) * response, s=padded.shape)
    return filtered[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]


def _cut(pictures: FloatArray, count: int, side: int, rng: np.random.Generator) -> FloatArray:
    windows = sliding_window_view(pictures, (side, side), axis=(1, 2))
    which, top, left = (rng.integers(0, length, size=count) for length in windows.shape[:3])
    return windows[which, top, left].reshape(count, side * side)


def _normalise(patches: FloatArray) -> FloatArray:
    centred: FloatArray = patches - patches.mean(axis=1, keepdims=True)
    spread = float(centred.std())
    if spread < 1e-9:
        raise ValidationError(
            "num_patches", "large enough for contrast", "only flat patches", "Draw more patches."
        )
    centred /= spread
    return centred


def _check_room(name: str, count: int, size: int) -> None:
    """Raise if so many patches do not fit in memory."""
    needed = _COPIES * 8 * count * check_size("size", size) ** 2
    check_memory(name, needed, "the patches", "Draw fewer, and draw again.")
