"""The app of all commands, and how it reports errors."""

import os
import sys
from collections.abc import Collection
from importlib import import_module
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from canns._version import __version__
from canns.errors import CannsError

__all__ = ["COMMANDS", "app_with", "run"]

_HELP = "Brain-inspired memory and plasticity, each rule beside its theory."
# What the help of the app says of each command: the first line of its own.
COMMANDS = {
    "recall": "Store pictures in a Hopfield network, corrupt them, and recall them.",
    "pca": "Learn the principal components of handwritten digits by Sanger's rule.",
    "receptive-fields": "Let BCM neurons grow receptive fields on bars or natural images.",
    "stdp": "Measure the STDP window against its closed form, and learn a spike sequence.",
    "capacity": "Measure the retrieval overlap at rising load, and the load at which patterns are "
    "lost.",
    "phase-diagram": "Measure the overlap of Hebbian memories on a grid of loads and temperatures.",
    "reproduce": "Reproduce published figures, with the expected numbers beside ours.",
    "train": "Train a network or a layer by any rule of the catalogue, on data of your own.",
    "compare": "Compare storage rules: overlap against load, and basins of attraction.",
    "infer": "Say which learning rule explains recordings or pairings, or that none does.",
    "lab": "Explore memories, plasticity and data of your own on a page in the browser.",
    "report": "Write the page of a run from its folder: pictures, numbers, parameters, versions.",
    "info": "Show versions, devices, precision and the compilation cache.",
}


def app_with(called: Collection[str]) -> typer.Typer:
    """Return the app. Only the commands ``called`` are imported, because most of them import JAX.

    The others have a name and a line in the help, and cannot run.
    """
    app = typer.Typer(
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
    )
    app.callback(help=_HELP)(_options)
    for name, line in COMMANDS.items():
        if name in called:
            word = name.replace("-", "_")
            app.command(name)(getattr(import_module(f"canns.cli.{word}"), word))
        else:
            app.command(name, help=line)(_not_called)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"canns {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options of the app itself."""


def _not_called() -> None:
    """Stand for a command that is not called."""


def run() -> None:
    """Run the app; a bad value, path or environment variable gives one line and exit code 2."""
    # A shell that completes a line gives it in COMP_WORDS.
    words = {*sys.argv[1:], *os.environ.get("COMP_WORDS", "").split()}
    try:
        app = app_with(words & COMMANDS.keys())
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except TyperException as error:
        _fail(error.format_message())
    except (CannsError, OSError) as error:
        _fail(str(error))
    sys.exit(status)


def _fail(message: str) -> NoReturn:
    print(f"canns: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
