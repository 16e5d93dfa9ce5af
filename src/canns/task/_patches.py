"""Image patches, bars and gratings: the inputs from which receptive fields are learned."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from canns._extras import require
from canns._validation import check_flag, check_real, check_size, check_vector, float_dtype
from canns.errors import ValidationError
from canns.task._images import grey_image
from canns.task._random import Seed, generator
from canns.task._types import ArrayLike, FloatArray

__all__ = ["bars", "natural_patches", "oriented_gratings"]

# Olshausen & Field's 200 cycles per picture of 512 pixels.
_CUTOFF = 200.0 / 512.0
# Wider than the filter's kernel, so that no patch sees the edge of the padded picture.
_MARGIN = 32


def natural_patches(
    num_patches: int, size: int = 12, *, whiten: bool = True, seed: Seed = None
) -> FloatArray:
    """Cut square patches at random from the two photographs that scikit-learn ships.

    china.jpg and flower.jpg are made grey and, with ``whiten=True``, filtered as a whole with
    ``R(f) = f * exp(-(f / f0)**4)``, f being the spatial frequency and
    f0 = 200/512 ≈ 0.39 cycles per pixel: f cancels the 1/f fall of natural images' amplitude, and
    the second factor removes the noise beyond f0. (The power of these two falls a little faster
    than natural images do on average, about as ``f**-2.6``, so about ``f**-0.6`` is left below
    0.2 cycles per pixel.) Both pictures are brought to unit variance.
    Patches are drawn uniformly (picture, row, column), each patch's mean is subtracted, and the
    whole set is divided by its standard deviation.

    Args:
        num_patches: Number of patches P.
        size: Side of a patch in pixels, from 2 to the pictures' height of 427.
        whiten: Whether to filter; without, neighbouring pixels are strongly correlated.
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
    side = check_size("size", size, low=2)
    whiten = check_flag("whiten", whiten)
    pictures = _photographs(whiten)
    if side > min(pictures.shape[1:]):
        raise ValidationError("size", f"at most {min(pictures.shape[1:])} pixels", str(side))
    return _normalise(_cut(pictures, count, side, generator(seed))).astype(float_dtype())


def bars(
    num_samples: int, size: int = 8, probability: float | None = None, *, seed: Seed = None
) -> FloatArray:
    """Draw images that are superpositions of independent horizontal and vertical bars.

    Each of the ``2 * size`` bars (one pixel wide, as long as the image) is present with
    probability p, independently. A pixel is 1 where at least one bar covers it, so it is 1 with
    probability ``1 - (1 - p)**2``.

    Args:
        num_samples: Number of images.
        size: Side of the image in pixels.
        probability: p, in [0, 1]; None means 1 / size, with which two bars are present on
            average.
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
    side = check_size("size", size)
    if probability is None:
        chance = 1.0 / side
    else:
        chance = check_real("probability", probability, low=0, high=1)
    present = generator(seed).random((2, count, side)) < chance
    images: FloatArray = (present[0][:, :, None] | present[1][:, None, :]).astype(float_dtype())
    return images.reshape(count, side * side)


def oriented_gratings(
    orientations: ArrayLike,
    size: int,
    *,
    spatial_frequency: float,
    phase: float = 0.0,
    aperture: bool = False,
) -> FloatArray:
    """Draw sinusoidal gratings, one for each orientation.

    With x to the right and y upwards, both in pixels from the image's centre, a pixel is
    ``cos(2π * F / size * (y cos θ − x sin θ) + phase)``. The orientation θ is that of the
    stripes, anticlockwise from horizontal: θ = 0 gives horizontal stripes, θ = π/2 vertical
    ones. θ and θ + π give the same stripes (with ``phase`` negated).

    Args:
        orientations: Orientations θ in radians, of shape (K,).
        size: Side of the image in pixels, at least 2.
        spatial_frequency: F, in cycles per image side, in (0, size / 2): below the pixel grid's
            Nyquist frequency.
        phase: Phase at the centre in radians; 0 puts a bright stripe there.
        aperture: Whether pixels more than size / 2 from the centre are 0 (the mean grey), so
            that all orientations cover the same round field.

    Returns:
        Gratings of shape (K, size²), row-major, in [−1, 1].

    Raises:
        ValidationError: An argument is outside what is said above.

    Example:
        >>> oriented_gratings([0.0], 4, spatial_frequency=1.0).reshape(4, 4)[:, 0].round(2)
        array([-0.71,  0.71,  0.71, -0.71], dtype=float32)
    """
    angles = check_vector("orientations", orientations).astype(np.float64)
    side = check_size("size", size, low=2)
    frequency = check_real(
        "spatial_frequency", spatial_frequency, low=0, high=side / 2, open_low=True, open_high=True
    )
    shift = check_real("phase", phase)
    aperture = check_flag("aperture", aperture)
    centred = np.arange(side) - (side - 1) / 2
    x, y = centred[None, :], -centred[:, None]
    across = y * np.cos(angles)[:, None, None] - x * np.sin(angles)[:, None, None]
    gratings = np.cos(2 * math.pi * frequency / side * across + shift)
    if aperture:
        gratings = np.where(np.hypot(x, y) <= side / 2, gratings, 0.0)
    return gratings.reshape(len(angles), side * side).astype(float_dtype())


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
