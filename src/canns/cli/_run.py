"""A run of a command: it is asked for, it gives results, and these are written, in one way."""

import functools
import inspect
import shlex
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from canns._page import record_of, write_page
from canns._replacing import write_text
from canns._validation import check_folder
from canns.cli._options import Dpi, Out, PictureFormat, Quiet, WithReport
from canns.errors import CannsWarning

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

__all__ = ["Results", "Run", "drawing"]


class Results(NamedTuple):
    """What a run gives.

    Args:
        numbers: Numbers and arrays by name, as deep as they are.
        figures: The figures by the stem of their files.
        files: Other files that the run has written, by what they are.
        failed: What did not hold; the command then ends with exit code 1.
    """

    numbers: Mapping[str, object]
    figures: Mapping[str, "FigureBase"]
    files: Mapping[str, Path] = {}
    failed: str = ""


@dataclass
class Run:
    """What was asked for: a command, its parameters, and where and how to write.

    Args:
        command: Name of the command.
        parameters: All parameters, defaults included, by the names of their options.
        line: The command line that repeats the run.
        out: The folder.
        file_format: Ending of the pictures.
        dpi: Dots per inch.
        report: Whether to write a page.
        quiet: Whether to print errors only.
        warnings: What the run warned of.
    """

    command: str
    parameters: dict[str, object]
    line: str
    out: Path
    file_format: str
    dpi: int
    report: bool
    quiet: bool
    warnings: list[str] = field(default_factory=list)

    def folder(self) -> Path:
        """Return the folder, made if it did not exist.

        Commands call it once all that was given is checked, and before they measure, so that no
        result is lost.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        return self.out

    def say(self, text: str) -> None:
        """Print a line, unless the run is quiet."""
        if not self.quiet:
            typer.echo(text)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows under a title, unless the run is quiet; columns after the first at right."""
        if self.quiet:
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text  # plain text: a name may contain what rich takes for markup

        table = Table(title=Text(title), title_justify="left", header_style="bold")
        for i, column in enumerate(columns):
            table.add_column(Text(column), justify="left" if i == 0 else "right")
        for row in rows:
            table.add_row(*map(Text, row))
        Console().print(table)


def drawing(out: str) -> Callable[[Callable[..., Results | None]], Callable[..., None]]:
    """Make a command of a function that takes a :class:`Run` and returns its :class:`Results`.

    The command has the function's options, and those of every command that draws. It writes the
    figures, the numbers as JSON and, if asked for, the page, and prints where they are. None for
    results means that the function has done all there is to do.

    Args:
        out: Default of ``--out``.
    """
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, kind, default in (
            ("out", Out, Path(out)),
            ("file_format", PictureFormat, "png"),
            ("dpi", Dpi, 150),
            ("report", WithReport, False),
            ("quiet", Quiet, False),
        )
    ]

    def decorate(function: Callable[..., Results | None]) -> Callable[..., None]:
        own = [*inspect.signature(function).parameters.values()][1:]

        @functools.wraps(function)
        def command(context: typer.Context, **given: Any) -> None:
            settings = {p.name: given[p.name] for p in shared}
            check_folder("--out", settings["out"])
            _set_seed(given.get("seed"))
            name = str(context.info_name)
            run = Run(name, _parameters(context, given), _line(context, given), **settings)
            with _noted_warnings(run):
                results = function(run, **{p.name: given[p.name] for p in own})
                if results is not None:
                    _write(run, results)
                    if results.failed:
                        typer.echo(f"Does not hold: {results.failed}", err=True)
                        raise typer.Exit(1)

        asked = inspect.Parameter(
            "context", inspect.Parameter.POSITIONAL_ONLY, annotation=typer.Context
        )
        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in [*own, *shared]]
        command.__signature__ = inspect.Signature([asked, *parameters])  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in [asked, *parameters]}
        return command

    return decorate


def _set_seed(seed: int | None) -> None:
    """Make everything that draws from ``brainstate.random`` repeatable."""
    from canns._brainstate import brainstate

    if seed is not None:
        brainstate.random.seed(seed)


@contextmanager
def _noted_warnings(run: Run) -> Iterator[None]:
    """Show each of the library's warnings once, as a line, unless the run is quiet."""

    def show(message: Warning | str, category: type[Warning], *where: Any, **options: Any) -> None:
        text = " ".join(str(message).split())
        if issubclass(category, CannsWarning) and text not in run.warnings:
            run.warnings.append(text)
            if not run.quiet:
                typer.echo(f"canns: note: {text}", err=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _parameters(context: typer.Context, given: Mapping[str, Any]) -> dict[str, object]:
    names = {p.name: p.opts[-1].lstrip("-") for p in context.command.params}
    return {names[name]: value for name, value in given.items()}


def _line(context: typer.Context, given: Mapping[str, Any]) -> str:
    """Return the command line that repeats the run: what differs from the defaults."""
    words, options = ["canns", str(context.info_name)], []
    for parameter in context.command.params:
        if parameter.name not in given:  # --help
            continue
        value, option = given[parameter.name], parameter.opts[-1]
        several = value if isinstance(value, list) else [value]
        if parameter.param_type_name == "argument":
            words += [str(item) for item in several if item is not None]
        elif value is True:
            options.append(option)
        elif value is not None and value is not False and str(value) != str(parameter.default):
            options += [word for item in several for word in (option, str(item))]
    return shlex.join([*words, *options])


def _write(run: Run, results: Results) -> None:
    """Write figures, numbers and page, and say where they are."""
    folder = run.folder()
    figures = [_save(run, folder, name, figure) for name, figure in results.figures.items()]
    text = record_of(
        {"name": run.command, "line": run.line, "parameters": run.parameters},
        results.numbers,
        seed=run.parameters.get("seed"),
        warnings=run.warnings,
        figures=figures,
        files={what: path.name for what, path in results.files.items()},
    )
    numbers = folder / f"{run.command.replace('-', '_')}.json"
    write_text(numbers, text, "--out")
    if figures:
        run.say(f"Picture: {', '.join(str(folder / figure['file']) for figure in figures)}")
    for what, path in results.files.items():
        run.say(f"{what}: {path}")
    run.say(f"Numbers: {numbers}")
    if run.report:
        run.say(f"Report: {write_page(numbers)}")


def _save(run: Run, folder: Path, name: str, figure: "FigureBase") -> dict[str, str]:
    """Write a figure; a browser shows no PDF in a page, so one gets a PNG for it beside it."""
    from matplotlib import pyplot as plt

    from canns.analyzer.visualization import PlotConfig

    path = folder / f"{name}.{run.file_format}"
    whole: Any = figure.figure
    shown = path.with_suffix(".png") if run.file_format == "pdf" else path
    for target in dict.fromkeys((path, shown)):
        PlotConfig(save_path=target, dpi=run.dpi).finish(whole)
    plt.close(whole)
    return {"file": path.name, "shown": shown.name}
