"""The command line: one file a command."""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, or say how to install what it needs."""
    try:
        import typer  # noqa: F401
    except ImportError:
        sys.exit("The command line needs more packages: pip install 'canns[cli]'")
    from canns.cli._app import run

    run()
