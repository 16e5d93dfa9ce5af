"""The data of ``canns infer`` from slices: a table of pairings."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from canns._replacing import one_error
from canns._validation import AnyArray, did_you_mean
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.inference import Protocol

__all__ = ["Pairings", "read_pairings"]

_KNOWN = ("lag", "pre", "post", "change", "error", "frequency", "repeats")


class Pairings(NamedTuple):
    """A table of pairings: protocols, changes, and their standard errors or None."""

    protocols: "list[Protocol]"
    changes: AnyArray
    errors: AnyArray | None


def read_pairings(path: Path, frequency: float = 1.0, repeats: int = 60) -> Pairings:
    """Return the pairings in a CSV file with a line of titles.

    Args:
        path: The file: a column "lag" in ms, or "pre" and "post" with the spike times of a block in
            ms, separated by spaces; "change" as a share; and, if there are any, "error",
            "frequency" in Hz and "repeats".
        frequency: Blocks a second, if there is no such column.
        repeats: Number of blocks, if there is no such column.

    Raises:
        ValidationError: If a column is missing or not known, or an entry is no number.
    """
    with (
        one_error("--data", "a CSV file with a line of titles", path),
        path.open(encoding="utf-8-sig", newline="") as file,
    ):
        titles, *rows = csv.reader(file)
    columns = [title.strip().lower() for title in titles]
    _check_titles(columns)
    table = [dict(zip(columns, row, strict=False)) for row in rows if any(map(str.strip, row))]
    protocols, changes, errors = [], [], []
    for line, row in enumerate(table, 2):
        usual = {"frequency": f"{frequency}", "repeats": f"{repeats}"}
        protocols.append(_protocol({**usual, **row}, line))
        changes.append(_number(row, "change", line))
        if "error" in columns:
            errors.append(_number(row, "error", line))
    return Pairings(protocols, np.array(changes), np.array(errors) if errors else None)


def _check_titles(columns: list[str]) -> None:
    for title in columns:
        if title not in _KNOWN:
            expected = f"a table of the columns {', '.join(_KNOWN)}"
            raise ValidationError("--data", expected, repr(title), did_you_mean(title, _KNOWN))
    timed = ("lag" in columns) != ("pre" in columns and "post" in columns)
    if not timed or "change" not in columns:
        expected = "a table with change, and with either lag or pre and post"
        raise ValidationError("--data", expected, ", ".join(columns))


def _protocol(row: dict[str, str], line: int) -> "Protocol":
    from canns.inference import Protocol

    frequency, repeats = _number(row, "frequency", line), _number(row, "repeats", line)
    if repeats != int(repeats):
        raise ValidationError(f"repeats in line {line} of --data", "whole", f"{repeats:g}")
    lag = _number(row, "lag", line) if "lag" in row else None
    blocks = [] if lag is not None else [_numbers(row, name, line) for name in ("pre", "post")]
    try:
        if lag is not None:
            return Protocol.pair(lag, frequency=frequency, repeats=int(repeats))
        period = 1000 / frequency if frequency > 0 else frequency
        return Protocol(blocks[0], blocks[1], int(repeats), period)
    except ValidationError as error:
        raise error.about(f"{error.argument} in line {line} of --data") from None


def _number(row: dict[str, str], name: str, line: int) -> float:
    (found,) = _numbers(row, name, line, 1)
    return found


def _numbers(
    row: dict[str, str], name: str, line: int, count: int | None = None
) -> tuple[float, ...]:
    text = row.get(name) or ""
    try:
        found = tuple(float(part) for part in text.split())
    except ValueError:
        found = ()
    if not np.isfinite(found).all() or (count is not None and len(found) != count):
        expected = "a number" if count == 1 else "numbers separated by spaces"
        raise ValidationError(f"{name} in line {line} of --data", expected, repr(text))
    return found
