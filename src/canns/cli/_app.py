"""The app of all commands, and how it reports errors."""

import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from canns.cli.capacity import capacity
from canns.cli.info import info
from canns.cli.pca import pca
from canns.cli.phase_diagram import phase_diagram
from canns.cli.recall import recall
from canns.cli.receptive_fields import receptive_fields
from canns.cli.reproduce import reproduce
from canns.cli.stdp import stdp
from canns.errors import CannsError

__all__ = ["app", "run"]

app = typer.Typer(
    help="Brain-inspired memory and plasticity, each rule beside its theory.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(recall)
app.command()(pca)
app.command("receptive-fields")(receptive_fields)
app.command()(stdp)
app.command()(capacity)
app.command("phase-diagram")(phase_diagram)
app.command()(reproduce)
app.command()(info)


def run() -> None:
    """Run the app; a bad value or path gives one line and exit code 2."""
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except TyperException as error:
        _fail(error.format_message())
    except (CannsError, OSError) as error:
        _fail(str(error))
    sys.exit(status)


def _fail(message: str) -> NoReturn:
    print(f"canns: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(2)
