"""Reading of picture files.

Pillow is called directly, as scikit-image does through imageio: imageio tries one plugin after
another on a damaged file, and what comes out depends on the last one tried.
"""

from pathlib import Path

import numpy as np

from canns._extras import require
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["read_picture"]

# The modes whose arrays have one or three channels; Pillow converts the others.
_PLAIN_MODES = ("1", "L", "I", "I;16", "I;16B", "I;16L", "F", "RGB")


def read_picture(path: Path) -> AnyArray:
    """Return the picture as floats in [0, 1], of shape (H, W) or (H, W, 3)."""
    if not path.is_file():
        raise ValidationError("path", "a picture file", f"{str(path)!r}, which is no file")
    pixels = _decode(path)
    values = _to_unit(pixels)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
        raise ValidationError(
            "path",
            "a picture with grey values in [0, 1]",
            f"{str(path)!r} with values from {values.min():g} to {values.max():g}",
            "Scale the picture.",
        )
    return values if values.ndim == 2 or values.shape[2] == 3 else _on_white(values)


def _decode(path: Path) -> AnyArray:
    Image = require("PIL.Image", "data")
    try:
        with Image.open(path) as picture:
            plain = picture if picture.mode in _PLAIN_MODES else picture.convert("RGBA")
            return np.asarray(plain)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(
            "path", "a readable picture", f"{str(path)!r} ({error})", "Convert it to PNG or JPEG."
        ) from error


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
