"""The site's own search, run outside a browser."""

from functools import cache
from pathlib import Path

from py_mini_racer import MiniRacer

# What the search script asks of a browser before it has results
BROWSER = """
var window = {}, localStorage = { setItem() {} }, SPHINX_HIGHLIGHT_ENABLED = false;
var document = { getElementById: () => null, addEventListener() {} };
var Documentation = {}, DOCUMENTATION_OPTIONS = {}, _ready = () => {}, _ = (text) => text;
"""


@cache
def engine(site: Path) -> MiniRacer:
    """Return an engine that has read the site's search script and index."""
    browser = MiniRacer()
    static = site / "_static"
    names = ("base-stemmer.js", "english-stemmer.js", "language_data.js", "searchtools.js")
    scripts = [*(static / name for name in names), site / "searchindex.js"]
    browser.eval(BROWSER)
    for script in scripts:
        browser.eval(script.read_text(encoding="utf-8"))
    browser.eval("var Stemmer = window.Stemmer")
    return browser


def search(site: Path, words: str) -> list[str]:
    """Return the pages that the search box shows, best first."""
    found = engine(site).eval(
        f"Search._performSearch(...Search._parseQuery({words!r})).map((r) => r[0]).join()"
    )
    return list(reversed(str(found).split(",")))


def first_page(site: Path, words: str) -> str:
    """Return the first page of :func:`search`."""
    return search(site, words)[0]
