"""Gratings and bars at given orientations, to measure tuning with."""

import math

import numpy as np

from canns._validation import check_flag, check_real, check_size, check_vector, float_dtype
from canns.task._types import ArrayLike, FloatArray

__all__ = ["oriented_bars", "oriented_gratings"]


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
        ValidationError: An argument is outside the range given above.

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
    across, distance = _coordinates(angles, side)
    gratings = np.cos(2 * math.pi * frequency / side * across + shift)
    if aperture:
        gratings = np.where(distance <= side / 2, gratings, 0.0)
    rows: FloatArray = gratings.reshape(len(angles), side * side).astype(float_dtype())
    return rows


def oriented_bars(orientations: ArrayLike, size: int, *, width: float = 1.5) -> FloatArray:
    """Draw a bright bar through the centre of a round field, one for each orientation.

    A pixel is 1 if it is less than width / 2 from the bar's axis and no more than size / 2 from the
    centre, else 0. Orientations are as in :func:`oriented_gratings`.

    Args:
        orientations: Orientations in radians, of shape (K,).
        size: Side of the image in pixels, at least 2.
        width: Width of the bar in pixels.

    Returns:
        Bars of shape (K, size²), row-major, entries 0 or 1.

    Raises:
        ValidationError: An argument is outside the range given above.

    Example:
        >>> oriented_bars([0.0], 3, width=1.0).reshape(3, 3).tolist()
        [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    """
    angles = check_vector("orientations", orientations).astype(np.float64)
    side = check_size("size", size, low=2)
    width = check_real("width", width, low=0, open_low=True)
    across, distance = _coordinates(angles, side)
    bars = (np.abs(across) < width / 2) & (distance <= side / 2)
    return bars.reshape(len(angles), side * side).astype(float_dtype())


def _coordinates(angles: FloatArray, side: int) -> tuple[FloatArray, FloatArray]:
    """Return each pixel's distance from the axis of each orientation, and from the centre."""
    centred = np.arange(side) - (side - 1) / 2
    x, y = centred[None, :], -centred[:, None]
    across = y * np.cos(angles)[:, None, None] - x * np.sin(angles)[:, None, None]
    return across, np.hypot(x, y)
