"""Sphinx extension: unions that autodoc would write out in full are shown by their names."""

from typing import Any

import jax.typing
from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation

import canns.typing

# The longest first, because a longer union contains a shorter one.
NAMED_TYPES = {
    "Rows": canns.typing.Rows,
    "Row": canns.typing.Row,
    "ArrayLike": jax.typing.ArrayLike,
}


def name_types(app: Sphinx, *_: Any) -> None:
    """Put the names of type aliases into the annotations that autodoc is about to show."""
    long_names = {stringify_annotation(kind, "smart"): name for name, kind in NAMED_TYPES.items()}
    for annotations in app.env.temp_data.get("annotations", {}).values():
        for argument, annotation in annotations.items():
            for long_name, name in long_names.items():
                annotation = annotation.replace(long_name, name)
            annotations[argument] = annotation


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect :func:`name_types` before autodoc reads the annotations, at priority 500."""
    app.connect("object-description-transform", name_types, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
