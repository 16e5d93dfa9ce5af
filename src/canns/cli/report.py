"""``canns report``: the page of a run that was made before."""

import json
from pathlib import Path
from typing import Annotated

import typer

from canns._page import FORMAT, write_page
from canns.errors import ValidationError

__all__ = ["report"]


def report(
    run_dir: Annotated[Path, typer.Argument(help="The folder that a command wrote.")],
) -> None:
    """Write the page of a run from its folder: pictures, numbers, parameters, versions.

    The page, report.html, needs no other file, so it can be sent. It is the one that --report of
    the command writes.
    """
    if not run_dir.is_dir():
        raise ValidationError("RUN_DIR", "a folder", repr(str(run_dir)))
    runs = [path for path in sorted(run_dir.glob("*.json")) if _is_run(path)]
    if len(runs) != 1:
        listed = ", ".join(path.name for path in runs) or "none"
        got = f"{listed} in {str(run_dir)!r}"
        remedy = "Give each command an --out of its own." if runs else ""
        raise ValidationError("RUN_DIR", "a folder with the JSON of one run", got, remedy)
    typer.echo(f"Report: {write_page(runs[0])}")


def _is_run(path: Path) -> bool:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError):  # no JSON, or no text
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT
