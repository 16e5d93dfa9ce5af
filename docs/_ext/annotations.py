"""Sphinx extension: types that Sphinx would write out in full are shown by their names.

``ArrayLike`` is a union of ten types, and an array of NumPy is ``ndarray[tuple[Any, ...],
dtype[Any]]``. Readers know both by their names.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import jax.typing
import numpy.typing
from api_pages import PACKAGES, has_page, public_objects
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.typing import stringify_annotation

import canns.typing

# These are other names for single types, which would be renamed everywhere.
SINGLE = {"Array", "JSON", "PyTree"}
NDARRAY = re.compile(
    r"(?:~?numpy\.)?ndarray\[tuple\[(?:~?typing\.)?Any, \.\.\.\], (?:~?numpy\.)?dtype\[([^\]]*)\]\]"
)


@cache
def long_names() -> dict[str, str]:
    """Return the name of each alias by what Sphinx writes, longest first.

    The order matters because a longer union contains a shorter one.
    """
    names = {long: name for name, long in written_aliases()}
    return dict(sorted(names.items(), key=lambda item: -len(item[0])))


def written_aliases() -> Iterator[tuple[str, str]]:
    """Yield each alias that is not a choice of words, and what Sphinx writes for it."""
    yield "~numpy.typing.DTypeLike", stringify_annotation(numpy.typing.DTypeLike, "smart")
    yield "ArrayLike", stringify_annotation(jax.typing.ArrayLike, "smart")
    json = canns.typing.JSON
    yield "JSON", json
    yield "JSON", json.replace("JSON", json)
    for package in PACKAGES:
        for name, thing in public_objects(package):
            choices = get_args(thing)
            if has_page(thing) or name in SINGLE or not choices or isinstance(choices[0], str):
                continue
            yield name, stringify_annotation(thing, "smart")


@cache
def short_names() -> dict[str, str]:
    """Return the name of each alias by what a page shows, without modules."""
    return {re.sub(r"~?\b(?:\w+\.)+(?=\w)", "", long): n for long, n in long_names().items()}


def name_types(app: Sphinx, *_: Any) -> None:
    """Put the names into the annotations that autodoc is about to show as types of parameters."""
    for annotations in app.env.current_document.autodoc_annotations.values():
        for argument, annotation in annotations.items():
            for long, name in long_names().items():
                annotation = annotation.replace(long, name)
            annotation = NDARRAY.sub(r"~numpy.typing.NDArray[\1]", annotation)
            annotations[argument] = annotation


def name_property_types(app: Sphinx, doctree: nodes.document) -> None:
    """Put the names into the types of properties, which stand in their signatures."""
    for node in list(doctree.findall(addnodes.desc_annotation)):
        shown = node.astext().replace("…", "...")
        if shown.startswith(": ") and len(shown) > 20:
            text = shown
            for long, name in short_names().items():
                text = text.replace(long, name)
            text = NDARRAY.sub(r"NDArray[\1]", text)
            if text != shown:
                node.children = []
                node += nodes.Text(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect :func:`name_types` before autodoc reads the annotations, at priority 500."""
    app.connect("object-description-transform", name_types, priority=400)
    app.connect("doctree-read", name_property_types)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
