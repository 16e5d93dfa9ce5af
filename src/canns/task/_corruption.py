"""Corruption of patterns, for a memory to restore."""

import numpy as np
from numpy.typing import NDArray

from canns._names import renamed
from canns._validation import check_array, check_real, float_dtype
from canns.errors import ValidationError
from canns.task._blocks import block_sides, check_image_shape, random_interval
from canns.task._random import Seed, choose_entries, generator
from canns.task._types import ArrayLike, FloatArray

__all__ = ["add_gaussian", "flip", "mask", "occlude"]


@renamed(key="seed")
def flip(patterns: ArrayLike, share: float, *, seed: Seed = None) -> FloatArray:
    """Flip the sign of an exact share of each pattern's entries.

    Exactly ``round(share * N)`` entries of every row (halves to even), chosen uniformly and
    independently for each row, are multiplied by −1. The overlap with the original becomes
    ``1 - 2 * round(share * N) / N``.

    Args:
        patterns: ±1 pattern of shape (N,) or batch of shape (B, N); left as it is.
        share: Share of the entries to flip, in [0, 1].
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Corrupted copy, of the shape of ``patterns``.

    Raises:
        ValidationError: ``patterns`` is not a ±1 pattern or batch, or ``share`` is outside [0, 1].

    Example:
        >>> import numpy as np
        >>> int((flip(np.ones(10), 0.3, seed=0) == -1).sum())
        3
    """
    rows, shape = _as_rows(patterns)
    _check_signs(rows)
    chosen = _choose_share(rows, share, seed)
    return np.where(chosen, -rows, rows).reshape(shape)


@renamed(key="seed")
def mask(patterns: ArrayLike, share: float, *, value: float = 0.0, seed: Seed = None) -> FloatArray:
    """Erase an exact share of each pattern's entries.

    Exactly ``round(share * N)`` entries of every row (halves to even), chosen uniformly and
    independently for each row, are set to ``value``.

    Args:
        patterns: Pattern of shape (N,) or batch of shape (B, N); left as it is.
        share: Share of the entries to erase, in [0, 1].
        value: What an erased entry becomes; 0 stands for "unknown" in a ±1 code.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Corrupted copy, of the shape of ``patterns``.

    Raises:
        ValidationError: ``patterns`` has another rank, ``share`` is outside [0, 1], or ``value``
            is not finite.

    Example:
        >>> import numpy as np
        >>> int((mask(np.ones(10), 0.4, seed=0) == 0).sum())
        4
    """
    rows, shape = _as_rows(patterns)
    fill = _check_fill(value)
    chosen = _choose_share(rows, share, seed)
    return np.where(chosen, fill, rows).reshape(shape)


@renamed(key="seed")
def occlude(
    patterns: ArrayLike,
    shape: tuple[int, int],
    share: float,
    *,
    value: float = -1.0,
    seed: Seed = None,
) -> FloatArray:
    """Cover a rectangular block of each pattern, seen as an image.

    With S the shorter and L the longer side of the image, the block's side along S is
    ``a = ceil(S * sqrt(share))`` and its side along L is ``max(1, round(share * S * L / a))``
    (halves to even). So the block has about the image's proportions, and its area is within
    ``a / 2`` pixels of ``share * S * L``, or is one pixel if that is less than one. A share of 0
    covers nothing. Every position wholly inside the image is equally likely, and each row gets its
    own.

    Args:
        patterns: Pattern of shape (N,) or batch of shape (B, N), each row an image in row-major
            order; left as it is.
        shape: The image's (height, width), with height · width = N.
        share: Share of the area to cover, in [0, 1].
        value: What a covered pixel becomes.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Corrupted copy, of the shape of ``patterns``.

    Raises:
        ValidationError: ``shape`` does not hold N pixels, ``share`` is outside [0, 1], or
            ``value`` is not finite.

    Example:
        >>> import numpy as np
        >>> occlude(np.ones(16), (4, 4), 0.25, seed=1).reshape(4, 4)
        array([[ 1.,  1.,  1.,  1.],
               [ 1., -1., -1.,  1.],
               [ 1., -1., -1.,  1.],
               [ 1.,  1.,  1.,  1.]], dtype=float32)
    """
    rows, original = _as_rows(patterns)
    height, width = check_image_shape(shape, rows.shape[1])
    covered = check_real("share", share, low=0, high=1)
    fill = _check_fill(value)
    block = block_sides(height, width, covered)
    rng = generator(seed)
    inside_rows = random_interval(rng, len(rows), height, block[0])
    inside_columns = random_interval(rng, len(rows), width, block[1])
    hidden = inside_rows[:, :, None] & inside_columns[:, None, :]
    return np.where(hidden.reshape(rows.shape), fill, rows).reshape(original)


@renamed(key="seed")
def add_gaussian(patterns: ArrayLike, sigma: float, *, seed: Seed = None) -> FloatArray:
    """Add independent Gaussian noise to every entry.

    The result is ``x + sigma * z`` with z standard normal.

    Args:
        patterns: Pattern of shape (N,) or batch of shape (B, N); left as it is.
        sigma: Standard deviation of the noise, at least 0, in the patterns' unit.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Noisy copy, of the shape of ``patterns``.

    Raises:
        ValidationError: ``patterns`` has another rank, or ``sigma`` is negative.

    Example:
        >>> import numpy as np
        >>> add_gaussian(np.ones((2, 5)), 0.1, seed=0).shape
        (2, 5)
    """
    rows, shape = _as_rows(patterns)
    scale = check_real("sigma", sigma, low=0)
    noise = scale * generator(seed).standard_normal(rows.shape)
    return (rows + noise).astype(float_dtype()).reshape(shape)


def _as_rows(patterns: ArrayLike) -> tuple[FloatArray, tuple[int, ...]]:
    values = check_array("patterns", patterns)
    if values.ndim not in (1, 2):
        raise ValidationError(
            "patterns",
            "one pattern of shape (N,) or a batch of shape (B, N)",
            f"shape {values.shape}",
            "Flatten images to rows.",
        )
    return np.atleast_2d(values), values.shape


def _check_signs(rows: FloatArray) -> None:
    other = rows[np.abs(rows) != 1]
    if other.size:
        raise ValidationError(
            "patterns",
            "of entries ±1",
            f"an entry {other[0]:g}",
            "Map a 0/1 code with 2 * x - 1, or use mask or add_gaussian.",
        )


def _check_fill(value: float) -> float:
    largest = float(np.finfo(float_dtype()).max)
    return check_real("value", value, low=-largest, high=largest)


def _choose_share(rows: FloatArray, share: float, seed: Seed) -> NDArray[np.bool_]:
    count = round(check_real("share", share, low=0, high=1) * rows.shape[1])
    return choose_entries(generator(seed), (rows.shape[0], rows.shape[1]), count)
