"""The page of a run: one HTML file that needs nothing else."""

import json
import mimetypes
import platform
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from canns._extras import require
from canns._replacing import one_error, write_text
from canns._version import __version__
from canns.errors import ValidationError

__all__ = ["FORMAT", "package_version", "record_of", "versions", "write_page"]

FORMAT = "canns-run-1"  # marks the JSON of a run, for `canns report`

_MOST_ROWS = 300  # of a table; the JSON has the rest


class Table(NamedTuple):
    """A table of a page.

    Args:
        title: What it shows.
        columns: Names of the columns, or none.
        rows: Rows of cells as text.
        cut: Number of rows that are left out.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    cut: int = 0


def versions() -> dict[str, str]:
    """Return the versions on which the numbers of a run may depend."""
    packages = ("jax", "jaxlib", "brainstate", "numpy", "scipy", "matplotlib")
    found = {name: package_version(name) for name in packages}
    return {"canns": __version__, "python": platform.python_version(), **found}


def record_of(command: Mapping[str, object], numbers: Mapping[str, object], **more: object) -> str:
    """Return the JSON of a run.

    Args:
        command: Its name, its line, and its parameters.
        numbers: Numbers and arrays by name, as deep as they are.
        **more: "seed", "warnings", "figures" and "files".
    """
    record = {"format": FORMAT, "command": command, "versions": versions(), **more}
    text = json.dumps(
        _plain({**record, "numbers": numbers}), indent=2, allow_nan=False, ensure_ascii=False
    )
    return f"{text}\n"


def _plain(value: object) -> object:
    """Return a value as JSON has it: arrays as lists, and None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value if value is None or isinstance(value, str | int) else str(value)


def package_version(package: str) -> str:
    """Return the version of an installed package, or that there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def write_page(numbers: Path) -> Path:
    """Write report.html beside the JSON of a run, with its pictures inside, and return its path.

    Raises:
        ValidationError: If the JSON is not that of a run, or a picture is not in its folder.
    """
    jinja2 = require("jinja2", "cli")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("canns", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.tests["words"] = lambda cell: cell[:1].isalpha()
    with one_error("RUN_DIR", "the folder of a run", numbers):
        run = json.loads(numbers.read_text(encoding="utf-8"))
    try:
        figures = [
            {"name": figure["file"], "uri": _data_uri(numbers.parent, figure["shown"])}
            for figure in run["figures"]
        ]
        facts = [(name, _text(value)) for name, value in run["command"]["parameters"].items()]
        tables = [*_tables("", run["numbers"])]
        template = environment.get_template("page.html.j2")
        text = template.render(run=run, figures=figures, parameters=facts, tables=tables)
    except (KeyError, TypeError, AttributeError, jinja2.UndefinedError) as error:
        got = f"{str(numbers)!r}, which is damaged ({error})"
        raise ValidationError("RUN_DIR", "the folder of a run", got) from error
    page = numbers.parent / "report.html"
    write_text(page, text)
    return page


def _data_uri(folder: Path, name: str) -> str:
    """Return a picture as an address that holds it; only one in the folder is put into a page."""
    path = folder / name
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not path.resolve().is_relative_to(folder.resolve()) or not kind.startswith("image/"):
        got = f"{name!r} among the figures of the JSON"
        raise ValidationError("RUN_DIR", "a folder with its pictures in it", got)
    return f"data:{kind};base64,{b64encode(path.read_bytes()).decode('ascii')}"


def _tables(title: str, numbers: Mapping[str, Any]) -> Iterator[Table]:
    """Yield the tables of some numbers: those alone, lists of one length side by side, the rest."""
    alone = {name: value for name, value in numbers.items() if not isinstance(value, dict | list)}
    if alone:
        rows = [(name, _text(value)) for name, value in alone.items()]
        yield Table(title, (), rows)
    columns: dict[int, dict[str, list[Any]]] = {}
    for name, value in numbers.items():
        if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
            columns.setdefault(len(value), {})[name] = value
    for group in columns.values():
        yield _cut(title, [*group], [*zip(*group.values(), strict=True)])
    for name, value in numbers.items():
        inner = f"{title}, {name}" if title else name
        if isinstance(value, dict):
            yield from _tables(inner, value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield _cut(inner, [*value[0]], [tuple(row.values()) for row in value])
        elif isinstance(value, list) and value and isinstance(value[0], list):
            yield _cut(inner, (), value)


def _cut(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    kept = [[_text(cell) for cell in row] for row in rows[:_MOST_ROWS]]
    return Table(title, columns, kept, max(0, len(rows) - _MOST_ROWS))


def _text(value: object) -> str:
    """Return a value as a cell shows it."""
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)
