"""Configuration of the documentation."""

import re
from typing import Any

import jax.typing
import typer
from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation

import canns.typing
from canns import __version__
from canns.cli._app import COMMANDS, app_with

project = "canns"
author = "The canns developers"
copyright = author  # noqa: A001 - the name that Sphinx reads
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
html_theme = "furo"
html_title = f"canns {release}"
exclude_patterns = ["README.md"]
myst_enable_extensions = ["dollarmath"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "inherited-members": False}
napoleon_use_rtype = False
napoleon_use_ivar = True

# Unions that Sphinx would write out in full, by their names; the longest one first.
_NAMED_TYPES = {
    "Rows": canns.typing.Rows,
    "Row": canns.typing.Row,
    "ArrayLike": jax.typing.ArrayLike,
}


def name_types(app: Sphinx, *_: Any) -> None:
    """Put the names of type aliases into the annotations that autodoc is about to show."""
    long_names = {stringify_annotation(kind, "smart"): name for name, kind in _NAMED_TYPES.items()}
    for annotations in app.env.temp_data.get("annotations", {}).values():
        for argument, annotation in annotations.items():
            for long_name, name in long_names.items():
                annotation = annotation.replace(long_name, name)
            annotations[argument] = annotation


def list_options(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the options of each command in place of the comment that names it."""
    group: Any = typer.main.get_command(app_with(COMMANDS))

    def table(found: re.Match[str]) -> str:
        rows = ["| option | | default |", "|---|---|---|"]
        for option in group.commands[found[1]].params:
            name, default = option.opts[-1], option.default
            shown = "" if default is None or default is False else f"`{default}`"
            argument = option.param_type_name == "argument"
            rows.append(f"| `{name.upper() if argument else name}` | {option.help} | {shown} |")
        return "\n".join(rows)

    source[0] = re.sub(r"<!-- options of canns (\S+) -->", table, source[0])


def setup(app: Sphinx) -> None:
    """Connect :func:`name_types` before autodoc reads the annotations, at priority 500."""
    app.connect("object-description-transform", name_types, priority=400)
    app.connect("source-read", list_options)
