"""Files that somebody sends: read with limits, and never by a path of theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import numpy as np

from canns import task
from canns._extras import require
from canns._formats import PICTURES
from canns.errors import CannsError, ValidationError
from canns.task import LoadedData
from canns.typing import AnyArray

__all__ = ["MOST_BYTES", "MOST_PIXELS", "plain_name", "read_upload", "signs_of"]

#: The most bytes of a file.
MOST_BYTES = 4_000_000
#: The most pixels of a picture, which may be far more than its bytes.
MOST_PIXELS = 16_000_000
#: The most samples of a table, and numbers of a sample.
MOST_ROWS, MOST_COLUMNS = 100, 4096
_TABLES = (".csv", ".tsv", ".txt")
_LONGEST = 40  # letters of a name


def plain_name(name: str) -> str:
    r"""Return the last part of a file's name, without what cannot be printed.

    Example:
        >>> plain_name("../../etc/pass\nwd"), plain_name("C:\\me.png"), plain_name("..")
        ('passwd', 'me.png', 'file')
    """
    last = PurePath(name.replace("\\", "/")).name
    printed = "".join(letter for letter in last if letter.isprintable())
    stem, suffix = PurePath(printed).stem[:_LONGEST], PurePath(printed).suffix[:8]
    return f"{stem}{suffix}".strip(". ") or "file"


def read_upload(name: str, content: bytes, side: int) -> LoadedData:
    """Read a picture, or a table of numbers with a sample a row.

    Args:
        name: The name that the file was sent by; only its ending matters.
        content: The file.
        side: Side to which pictures are cut and resized.

    Raises:
        CannsError: In one line, if the file is too large, or is no picture or table.
    """
    shown = plain_name(name)
    if not 0 < len(content) <= MOST_BYTES:
        raise ValidationError(shown, f"of 1 to {MOST_BYTES} bytes", f"{len(content)}")
    table = PurePath(shown).suffix.lower() in _TABLES
    (_check_table if table else _check_picture)(shown, content)
    with TemporaryDirectory() as folder, _named(folder, shown):
        path = Path(folder, "sent.csv" if table else "sent")
        path.write_bytes(content)
        if table:
            read = task.load_data(path)
            _check_columns(shown, read.values.shape[1])
            return read._replace(names=_numbered(shown, len(read.values)))
        image = task.load_image(path, side)
    return LoadedData(image.reshape(1, -1), (PurePath(shown).stem,), (side, side))


def signs_of(data: LoadedData) -> AnyArray:
    """Return patterns of -1 and 1, each cut at its own Otsu's threshold.

    Raises:
        ValidationError: If a sample has one value everywhere.
    """
    for name, row in zip(data.names, data.values, strict=True):
        if np.ptp(row) == 0:
            expected = "a sample of at least two values"
            raise ValidationError(name, expected, f"{row[0]:g} everywhere")
    return task.image_patterns(data.values[:, None, :])


@contextmanager
def _named(folder: str, shown: str) -> Iterator[None]:
    """Let errors name the file as its owner does, in one line."""
    try:
        yield
    except CannsError as error:
        words = str(error)
        for ours in (str(Path(folder, "sent.csv")), str(Path(folder, "sent"))):
            words = words.replace(ours, shown)
        raise CannsError(" ".join(words.replace("path must", "The file must").split())) from error


def _check_picture(name: str, content: bytes) -> None:
    """Refuse what is no picture, or too many pixels, before any of them is decoded."""
    Image = require("PIL.Image", "data")
    Image.init()
    try:
        with Image.open(BytesIO(content), formats=PICTURES) as opened:
            width, height = opened.size
    except Exception as error:  # readers of a damaged picture raise anything
        expected = "a picture as PNG, JPEG, GIF, WebP, BMP, TIFF or PPM, or a table as .csv"
        raise ValidationError(name, expected, "another file, or too large a picture") from error
    if width * height > MOST_PIXELS:
        got = f"{width} x {height}"
        raise ValidationError(name, f"a picture of at most {MOST_PIXELS:,} pixels", got)


def _check_table(name: str, content: bytes) -> None:
    """Refuse a table with too many rows or columns, before it is read."""
    rows = sum(1 for line in content.splitlines() if line.strip())
    if rows > MOST_ROWS + 1:  # one line may be titles
        raise ValidationError(name, f"a table of at most {MOST_ROWS} rows", f"{rows}")
    first = content.lstrip().split(b"\n", 1)[0]
    marks = max(first.count(mark) for mark in (b",", b";", b"\t"))
    _check_columns(name, (marks or len(first.split()) - 1) + 1)


def _check_columns(name: str, columns: int) -> None:
    if not 2 <= columns <= MOST_COLUMNS:
        expected = f"a table of 2 to {MOST_COLUMNS} columns"
        raise ValidationError(name, expected, f"{columns}")


def _numbered(name: str, count: int) -> tuple[str, ...]:
    stem = PurePath(name).stem
    return (stem,) if count == 1 else tuple(f"{stem} {k + 1}" for k in range(count))
