"""Patterns side by side as a PNG, in the colours of the page."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np

from canns._extras import require
from canns.typing import AnyArray

__all__ = ["picture_of"]

_ON, _OFF, _BETWEEN = (0, 114, 178), (255, 255, 255), (160, 166, 176)


def picture_of(rows: Sequence[Sequence[AnyArray]], scale: int) -> bytes:
    """Return a PNG of rows of patterns of -1 and 1, all of one shape, with lines between them.

    Args:
        rows: Rows of patterns, (H, W) each.
        scale: Side of a cell in pixels.
    """
    height, width = rows[0][0].shape
    canvas = np.full((len(rows) * (height + 1) + 1, len(rows[0]) * (width + 1) + 1, 3), _BETWEEN)
    for i, row in enumerate(rows):
        for j, pattern in enumerate(row):
            top, left = i * (height + 1) + 1, j * (width + 1) + 1
            colours = np.where(pattern[..., None] > 0, _ON, _OFF)
            canvas[top : top + height, left : left + width] = colours
    pixels = canvas.repeat(scale, axis=0).repeat(scale, axis=1).astype(np.uint8)
    file = BytesIO()
    require("PIL.Image", "lab").fromarray(pixels).save(file, "PNG")
    return file.getvalue()
