"""Sphinx extension: the options of each command, in place of a comment that names it."""

import re
from typing import Any

import typer
from sphinx.application import Sphinx

from canns.cli._app import COMMANDS, app_with


def list_options(app: Sphinx, page: str, source: list[str]) -> None:
    """Put a table in place of each comment."""
    if page != "command-line":
        return
    group: Any = typer.main.get_command(app_with(COMMANDS))

    def table(found: re.Match[str]) -> str:
        rows = ["| option | | default |", "|---|---|---|"]
        for option in group.commands[found[1]].params:
            name, default = option.opts[-1], option.default
            plain = default in (None, False) or option.name == "help" or default == []
            shown = "" if plain else f"`{default}`"
            argument = option.param_type_name == "argument"
            rows.append(f"| `{name.upper() if argument else name}` | {option.help} | {shown} |")
        return "\n".join(rows)

    source[0] = re.sub(r"<!-- options of canns (\S+) -->", table, source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the reader."""
    app.connect("source-read", list_options)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
