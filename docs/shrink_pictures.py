"""Shrink pictures for the documentation: ``python docs/shrink_pictures.py FROM TO``."""

import sys
from pathlib import Path

from PIL import Image

_WIDTH = 1000  # pixels
_COLOURS = 128


def shrink(source: Path, target: Path) -> None:
    """Write the picture with fewer pixels and colours."""
    with Image.open(source) as image:
        smaller = image.convert("RGB")
        smaller.thumbnail((_WIDTH, _WIDTH))
        smaller.quantize(_COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    folder, target = map(Path, sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.glob("*.png")):
        shrink(path, target / path.name)
