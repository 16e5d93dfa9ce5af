"""Helpers that the commands share: options, tables, and output files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from canns._brainstate import brainstate
from canns._validation import check_folder

__all__ = [
    "Out",
    "RestingRule",
    "Seed",
    "open_folder",
    "print_table",
    "set_seed",
    "write_report",
]

RestingRule = Literal[
    "hebbian",
    "covariance",
    "storkey",
    "storkey2",
    "pseudo_inverse",
    "diederich_opper",
    "diederich_opper2",
    "minover",
    "adatron",
    "dreaming",
    "unlearning",
    "palimpsest",
    "bounded",
    "clipped",
]
Out = Annotated[Path, typer.Option("--out", help="Folder for the figure and the JSON.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of all random draws.")]


def set_seed(seed: int) -> None:
    """Make everything that draws from ``brainstate.random`` repeatable."""
    brainstate.random.seed(seed)


def open_folder(folder: Path) -> Path:
    """Return the folder, made if it did not exist, or raise if nothing can be written to it.

    The commands call it before they measure, so that no result is lost.
    """
    check_folder("--out", folder).mkdir(parents=True, exist_ok=True)
    return folder


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a title; all columns but the first are aligned right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def write_report(path: Path, report: Mapping[str, object], figures: Sequence[Path]) -> None:
    """Write the numbers of a report as JSON, and print the paths of all files."""
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    typer.echo(f"Picture: {', '.join(map(str, figures))}\nNumbers: {path}")
