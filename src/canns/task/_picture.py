"""Reading of picture files.

Pillow is called directly, not through imageio as scikit-image does: imageio tries one plugin after
another on a damaged file, and what comes out depends on the last one tried.
"""

import struct
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from canns._extras import require
from canns._validation import check_choice
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["read_picture"]

_RUN_PROGRAMS = ("EPS",)  # Ghostscript would run what the file says
# The modes whose arrays have one or three channels; Pillow converts the others.
_PLAIN_MODES = ("1", "L", "I", "I;16", "I;16B", "I;16L", "F", "RGB")


def read_picture(path: Path, formats: Collection[str] | None = None) -> AnyArray:
    """Return the picture as floats in [0, 1], of shape (H, W) or (H, W, 3).

    Args:
        path: The file.
        formats: The formats to try; None for all that are read without another program.
    """
    if not path.is_file():
        raise ValidationError("path", "a picture file", f"{str(path)!r}, which is no file")
    pixels = _decode(path, formats)
    values = _to_unit(pixels)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
        raise ValidationError(
            "path",
            "a picture with grey values in [0, 1]",
            f"{str(path)!r} with values from {values.min():g} to {values.max():g}",
            "Scale the picture.",
        )
    return values if values.ndim == 2 or values.shape[2] == 3 else _on_white(values)


def _decode(path: Path, formats: Collection[str] | None) -> AnyArray:
    Image = require("PIL.Image", "data")
    tried = _formats(Image, formats)
    try:
        with Image.open(path, formats=tried) as opened:
            picture = _upright(opened)
            # The transparency of a grey or an RGB picture may be one of its colours.
            plain = picture.mode in _PLAIN_MODES and "transparency" not in opened.info
            return np.asarray(picture if plain else picture.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(
            "path", "a readable picture", f"{str(path)!r} ({error})", "Convert it to PNG or JPEG."
        ) from error


def _upright(picture: Any) -> Any:
    """Return the picture turned as its EXIF orientation says."""
    turn = require("PIL.ImageOps", "data").exif_transpose
    try:
        return turn(picture)
    except (struct.error, KeyError, TypeError):  # damaged EXIF data, which viewers ignore too
        return picture


def _formats(Image: Any, chosen: Collection[str] | None) -> list[str]:
    """Return the formats to try: none that another program is started to read."""
    Image.init()
    known = [name for name in Image.ID if name not in _RUN_PROGRAMS]
    if chosen is None:
        return known
    if isinstance(chosen, str) or not isinstance(chosen, Collection) or not chosen:
        raise ValidationError("formats", "names of formats, in a tuple or a list", repr(chosen))
    return [check_choice("formats", name, known, expected="of ") for name in chosen]


def _to_unit(pixels: AnyArray) -> AnyArray:
    """Scale integers by their largest value; 32-bit ones hold 16-bit pictures in Pillow."""
    if pixels.dtype.kind in "bf":
        return pixels.astype(np.float64)
    largest = 255.0 if pixels.dtype.itemsize == 1 else 65535.0
    return pixels.astype(np.float64) / largest


def _on_white(values: AnyArray) -> AnyArray:
    colour, alpha = values[..., :3], values[..., 3:]
    blended: AnyArray = colour * alpha + (1.0 - alpha)
    return blended
