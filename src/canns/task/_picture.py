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
from canns._formats import PICTURES
from canns._memory import check_memory, readable
from canns._validation import check_choice
from canns.errors import CannsError, ValidationError
from canns.typing import AnyArray

__all__ = ["endings_of_pictures", "read_picture"]

# Bytes that a pixel takes while it is read, by the number of its channels.
_OF_A_PIXEL = {1: 34, 3: 76, 4: 100}
_ANY_PICTURE, _OF_A_BYTE = (
    512_000_000,
    4096,
)  # what any file may cost, and each of its bytes besides
# The modes whose arrays have one or three channels; Pillow converts the others.
_PLAIN_MODES = ("1", "L", "I", "I;16", "I;16B", "I;16L", "F", "RGB")


def read_picture(path: Path, formats: Collection[str] | None = None) -> AnyArray:
    """Return the picture as floats in [0, 1], of shape (H, W) or (H, W, 3).

    Args:
        path: The file.
        formats: The formats to try; None for all of them.
    """
    if not path.is_file():
        raise ValidationError("path", "a picture file", f"{str(path)!r}, which is no file")
    values = _to_unit(_decode(path, formats))
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
            # The transparency of a grey or an RGB picture may be one of its colours.
            plain = opened.mode in _PLAIN_MODES and "transparency" not in opened.info
            width, height = opened.size
            channels = (3 if opened.mode == "RGB" else 1) if plain else 4
            _check_size(path, width, height, channels)
            picture = _upright(opened)
            return np.asarray(picture if plain else picture.convert("RGBA"))
    except CannsError:
        raise
    except Exception as error:  # decoders of a damaged picture raise anything
        reason = str(error) or type(error).__name__
        raise ValidationError(
            "path", "a readable picture", f"{str(path)!r} ({reason})", "Convert it to PNG or JPEG."
        ) from error


def _check_size(path: Path, width: int, height: int, channels: int) -> None:
    """Refuse a picture that costs more than its file may, before any of it is decoded."""
    needed = width * height * _OF_A_PIXEL[channels]
    most = _ANY_PICTURE + _OF_A_BYTE * path.stat().st_size
    if needed > most:
        expected = f"a picture that takes at most {readable(most)}, as a file of this size may"
        got = f"{str(path)!r} of {width} x {height} pixels, which take {readable(needed)}"
        raise ValidationError("path", expected, got, "Make it smaller.")
    check_memory("path", needed, f"the picture, {width} x {height},", "Make it smaller.")


def _upright(picture: Any) -> Any:
    """Return the picture turned as its EXIF orientation says."""
    turn = require("PIL.ImageOps", "data").exif_transpose
    try:
        return turn(picture)
    except (struct.error, KeyError, TypeError):  # damaged EXIF data, which viewers ignore too
        return picture


def _formats(Image: Any, chosen: Collection[str] | None) -> list[str]:
    """Return the formats to try."""
    Image.init()
    known = [name for name in PICTURES if name in Image.ID]  # WebP is not in every Pillow
    if chosen is None:
        return known
    if isinstance(chosen, str) or not isinstance(chosen, Collection) or not chosen:
        raise ValidationError("formats", "names of formats, in a tuple or a list", repr(chosen))
    return [check_choice("formats", name, known, expected="of ") for name in chosen]


def endings_of_pictures() -> set[str]:
    """Return the endings of the names of picture files, such as ".png"."""
    Image = require("PIL.Image", "data")
    known = Image.registered_extensions().items()
    return {ending for ending, name in known if name in PICTURES}


def _to_unit(pixels: AnyArray) -> AnyArray:
    """Scale integers by their largest value; 32-bit ones hold 16-bit pictures in Pillow."""
    if pixels.dtype.kind in "bf":
        return pixels.astype(np.float64)
    largest = 255.0 if pixels.dtype.itemsize == 1 else 65535.0
    values = pixels.astype(np.float64)
    values /= largest
    return values


def _on_white(values: AnyArray) -> AnyArray:
    colour, alpha = values[..., :3], values[..., 3:]
    blended: AnyArray = colour * alpha
    blended += 1.0 - alpha
    return blended
