"""Geometry of the block that hides a part of an image."""

import math

import numpy as np
from numpy.typing import NDArray

from canns._validation import check_size
from canns.errors import ValidationError

__all__ = ["block_sides", "check_image_shape", "random_interval"]


def check_image_shape(shape: object, size: int) -> tuple[int, int]:
    """Return ``shape`` as the height and width of an image of ``size`` pixels."""
    wanted = f"(height, width) with height * width = {size}"
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ValidationError("shape", wanted, repr(shape))
    height, width = check_size("shape[0]", shape[0]), check_size("shape[1]", shape[1])
    if height * width != size:
        raise ValidationError("shape", wanted, repr(shape), "Give the shape the rows came from.")
    return height, width


def block_sides(height: int, width: int, share: float) -> tuple[int, int]:
    """Return the block's height and width, rounded as in ``occlude``."""
    if share == 0:
        return 0, 0
    short, long = min(height, width), max(height, width)
    # The margin keeps 0.49 ** 0.5 * 10, which is a hair above 7 in floating point, at 7.
    along_short = max(1, math.ceil(short * math.sqrt(share) - 1e-9))
    along_long = max(1, round(share * short * long / along_short))
    return (along_short, along_long) if height <= width else (along_long, along_short)


def random_interval(
    rng: np.random.Generator, count: int, length: int, inside: int
) -> NDArray[np.bool_]:
    """Mark ``inside`` neighbouring places out of ``length``, at a random start for each row."""
    start = rng.integers(0, length - inside + 1, size=(count, 1))
    place = np.arange(length)
    return (place >= start) & (place < start + inside)
