"""Check the built site: ``python docs/_ext/check_site.py site``, which ``make docs`` does.

Sphinx warns of bad references. This looks at what readers get: nothing from another host,
parameters that are not bullets, types by their names, every member on its page, pictures with words
for those who cannot see them, and a search that finds the page that was meant.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from api_pages import PACKAGES, has_page, own_members, public_objects
from bs4 import BeautifulSoup, Tag
from site_search import search

# What is loaded when a page opens; links are not.
LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
BAD_TEXTS = (
    "Alias for field number",
    "_SupportsArray",
    "_NestedSequence",
    "tuple[Any, …], dtype",
    "~numpy.",
)
SEARCHES = {
    "own images": "how-to/own-images",
    "own data": "how-to/own-data",
    "energy landscape": "how-to/energy-landscape",
    "save": "how-to/save-and-load",
    "raster": "how-to/spike-raster",
}


def main(site: Path) -> int:
    """Print what is wrong, and return how many things are."""
    problems = [*page_problems(site), *style_problems(site), *search_problems(site)]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems in {len([*site.rglob('*.html')])} pages of {site}")
    return min(len(problems), 1)


def page_problems(site: Path) -> Iterator[str]:
    """Yield what is wrong with the pages."""
    objects = {f"{p}.{name}": (p, thing) for p in PACKAGES for name, thing in public_objects(p)}
    for path in sorted(site.rglob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        where = path.relative_to(site)
        yield from (f"{where}: loads {url}" for url in foreign(page))
        article = page.find("article") or page
        for picture in article.find_all("img"):
            if picture.find_parent(class_="sphx-glr-thumbcontainer"):
                continue  # a thumbnail beside its title
            alt = str(picture.get("alt") or "").strip()
            if not alt or alt.endswith((".png", ".svg")):
                yield f"{where}: no words for the picture {picture.get('src')}"
        if not str(where).startswith("api"):
            continue
        for field in article.select("dl.field-list li > p:first-child > strong:first-child"):
            yield f"{where}: the parameter {field.text} is an item of a list"
        text = article.get_text()
        yield from (f"{where}: {bad!r}" for bad in BAD_TEXTS if bad in text)
    for name, (package, thing) in objects.items():
        if has_page(thing):
            yield from object_problems(site, name, package, thing)


def foreign(page: Tag) -> Iterator[str]:
    """Yield what a page loads from another host."""
    for tag, attribute in LOADS.items():
        yield from (
            str(each[attribute]) for each in page.find_all(tag) if is_foreign(each, attribute)
        )
    for link in page.find_all("link"):
        if is_foreign(link, "href") and "canonical" not in link.get("rel", []):
            yield str(link["href"])


def is_foreign(element: Tag, attribute: str) -> bool:
    """Return whether an attribute names another host."""
    return str(element.get(attribute) or "").startswith(("http:", "https:", "//"))


def object_problems(site: Path, name: str, package: str, thing: object) -> Iterator[str]:
    """Yield what an object's page lacks."""
    paths = [site / f"api/generated/{name}{end}.html" for end in ("", "_")]
    path = next((each for each in paths if each.is_file()), None)
    if path is None:
        yield f"{name} has no page"
        return
    html = path.read_text(encoding="utf-8")
    if f'id="{name}"' not in html:
        yield f"{path.name} does not describe {name}"
    if inspect.isclass(thing):
        for member, _ in own_members(thing):
            if f'id="{name}.{member}"' not in html:
                yield f"{path.name} lacks {member}"


def style_problems(site: Path) -> Iterator[str]:
    """Yield what style sheets load from another host."""
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        if "url(http" in text or "url('http" in text or "@import url(http" in text:
            yield f"{path.relative_to(site)}: loads from another host"


def search_problems(site: Path) -> Iterator[str]:
    """Yield the searches that do not give the page that was meant first."""
    for words, pages in search(site, SEARCHES).items():
        if pages[0] != SEARCHES[words]:
            yield f"a search for {words!r} gives {pages[0]}, not {SEARCHES[words]}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
