"""The site's own search, run outside a browser."""

from collections.abc import Iterable
from pathlib import Path

from py_mini_racer import MiniRacer

# What the search script asks of a browser before it has results
BROWSER = """
var window = {}, localStorage = { setItem() {} }, SPHINX_HIGHLIGHT_ENABLED = false;
var document = { getElementById: () => null, addEventListener() {} };
var Documentation = {}, DOCUMENTATION_OPTIONS = {}, _ready = () => {}, _ = (text) => text;
"""


def search(site: Path, queries: Iterable[str]) -> dict[str, list[str]]:
    """Return the pages that the search box shows for each query, best first."""
    static = site / "_static"
    names = ("base-stemmer.js", "english-stemmer.js", "language_data.js")
    scripts = [static / name for name in names if (static / name).is_file()]
    browser = MiniRacer()
    try:
        browser.eval(BROWSER)
        for script in [*scripts, static / "searchtools.js"]:
            browser.eval(script.read_text(encoding="utf-8"))
        browser.eval("var Stemmer = window.Stemmer")
        browser.eval((site / "searchindex.js").read_text(encoding="utf-8"))
        return {words: _results(browser, words) for words in queries}
    finally:
        browser.close()


def _results(browser: MiniRacer, words: str) -> list[str]:
    found = browser.eval(
        f"Search._performSearch(...Search._parseQuery({words!r})).map((r) => r[0]).join()"
    )
    return list(reversed(str(found).split(",")))
