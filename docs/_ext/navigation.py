"""Sphinx extension: a short navigation, so that four hundred API pages build fast.

The theme computes the whole tree of pages anew for each page. Here a page shows two levels. The
page of an object shows its neighbours as well; that tree is computed once for all neighbours.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

OBJECTS = "api/generated/"
PLAIN = '"><a class="reference internal" href="{}"'
CURRENT = ' current"><a class="current reference internal" href="#"'


def shorten(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Replace the function that the theme calls for its tree."""
    full = context.get("toctree")
    if full is None:
        return

    def toctree(**options: Any) -> str:
        if not page.startswith(OBJECTS):
            return str(full(**options | {"maxdepth": 2}))
        name = page.removeprefix(OBJECTS) + ".html"
        parents = context["parents"]
        shelf = parents[-1]["link"] if parents else ""
        trees: dict[str, str] = app.__dict__.setdefault("object_trees", {})
        if shelf not in trees:
            tree = str(full(**options | {"collapse": True, "maxdepth": 3}))
            trees[shelf] = tree.replace(CURRENT, PLAIN.format(name))
        return trees[shelf].replace(PLAIN.format(name), CURRENT)

    context["toctree"] = toctree


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect :func:`shorten` before the theme, at priority 500."""
    app.connect("html-page-context", shorten, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
