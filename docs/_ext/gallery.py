"""Sphinx extension: the examples as pages of sphinx-gallery, while they stay plain scripts.

A script of ``examples/`` begins with a docstring for people who read it in an editor, and saves its
figures to ``outputs/``. This extension makes reStructuredText of the docstring, and takes the saved
figures into the page.
"""

import builtins
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx_gallery.scrapers import figure_rst

LABEL = r"\.\. _sphx_glr_auto_examples_\w+\.py:\n\n"
START = re.compile(rf"({LABEL})(.*?)(?=\n\.\. GENERATED FROM)", re.S)
OUTPUTS = "outputs"


def read_docstring(app: Sphinx, page: str, source: list[str]) -> None:
    """Make a title and literal formulas of the docstring that begins a page of the gallery."""
    if page.startswith("auto_examples/"):
        source[0] = START.sub(lambda match: match[1] + restructure(match[2]), source[0], count=1)


def restructure(docstring: str) -> str:
    """Return reStructuredText: a title, and indented paragraphs as they stand."""
    title, *paragraphs = docstring.strip().split("\n\n")
    title = title.rstrip(".")
    text = [f"{title}\n{'=' * len(title)}"]
    for paragraph in paragraphs:
        if not paragraph.startswith("    "):
            text.append(paragraph.replace("|", "\\|").replace("`", "``"))
        elif text[-1].startswith("    "):
            text.append(paragraph)
        else:
            text += [".. code-block:: text", paragraph]
    return "\n\n".join(text) + "\n"


def take_figures(block: Any, variables: dict[str, Any], conf: dict[str, Any]) -> str:
    """Move the figures that a script has saved into its page."""
    script = Path(variables["src_file"])
    title = script.read_text(encoding="utf-8").split('"""')[1].splitlines()[0].rstrip(".")
    taken = []
    for picture in sorted((script.parent / OUTPUTS / script.stem).glob("*.png")):
        taken.append(variables["image_path_iterator"].next())
        shutil.move(picture, taken[-1])
    return str(figure_rst(taken, conf["src_dir"], f"Figure of the example: {title}"))


def _get_sg_image_scraper() -> Callable[..., str]:
    """Return the scraper; sphinx-gallery asks a module by this name."""
    return take_figures


def name_script(conf: dict[str, Any], script: str) -> None:
    """Let a script see its ``__file__``, which sphinx-gallery does not define."""
    builtins.__file__ = script  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the reader."""
    app.connect("source-read", read_docstring)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
