"""Sphinx extension: a warning for every work that is cited and not in the bibliography."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

import canns
from canns.reproduce import FIGURES

logger = logging.getLogger(__name__)

SOURCES = re.compile(r"^(?:Sources?|References?):\s*(.*?)(?=\n\s*\n|\Z)", re.M | re.S)
# "Amit, Gutfreund & Sompolinsky (1985)": the first author, and the year
CITATION = re.compile(r"((?:(?:van|de|von der) )?[A-Z][\w'-]+)(?:,? [^();:]*?)? \((\d{4})")
ENTRY = re.compile(r"^- ((?:(?:van|de|von der) )?[A-Z][\w'-]+),.*? \((\d{4})\)", re.M)


def check_citations(app: Sphinx) -> None:
    """Compare what is cited with the page."""
    page = Path(app.srcdir, "bibliography.md").read_text(encoding="utf-8")
    known = {*ENTRY.findall(plain(page))}
    for where, text in citing_texts(Path(app.srcdir)):
        for author, year in CITATION.findall(plain(" ".join(text.split()))):
            if (author, year) not in known:
                logger.warning("%s cites %s (%s); bibliography.md has it not", where, author, year)


def citing_texts(docs: Path) -> Iterator[tuple[str, str]]:
    """Yield the sources of all docstrings and of the published figures, and where they stand."""
    for figure in FIGURES.values():
        yield f"the figure {figure.name}", figure.paper
    package = Path(canns.__file__).parent
    for path in [*package.rglob("*.py"), *(docs.parent / "examples").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                for text in SOURCES.findall(ast.get_docstring(node) or ""):
                    yield f"{path.name}: {getattr(node, 'name', 'the module')}", text


def plain(text: str) -> str:
    """Return a text without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the check."""
    app.connect("builder-inited", check_citations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
