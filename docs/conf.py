"""Configuration of the documentation."""

from typing import Any

import jax.typing
from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation

import canns.typing
from canns import __version__

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


def setup(app: Sphinx) -> None:
    """Connect :func:`name_types` before autodoc reads the annotations, at priority 500."""
    app.connect("object-description-transform", name_types, priority=400)
