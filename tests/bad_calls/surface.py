"""The public surface: every callable, with an example of how it is called."""

import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_PAGES = Path(__file__).parents[2] / "docs" / "api"
_EXAMPLES = _PAGES / "examples.md"


class Entry(NamedTuple):
    """A public object, and the source of examples that use it."""

    name: str
    thing: Any
    examples: tuple[str, ...]


def listed() -> list[tuple[str, str]]:
    """Return the package and the name of every object that has a page in the documentation."""
    found = []
    for page in sorted(_PAGES.glob("*.rst")):
        package = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            if match := re.match(r"\.\. (?:current)?module:: (\S+)", line):
                package = match[1]
            elif match := re.match(r"   (\w+)$", line):
                found.append((package, match[1]))
    return found


def entries() -> list[Entry]:
    """Return every public class and function once, in a fixed order."""
    found: dict[int, Entry] = {}
    for package, name in listed():
        thing = getattr(importlib.import_module(package), name)
        if callable(thing) and id(thing) not in found:
            qualified = f"{package}.{name}"
            found[id(thing)] = Entry(qualified, thing, tuple(_examples(thing, qualified)))
    return list(found.values())


def _further() -> dict[str, str]:
    """Return the examples that stand in the documentation, by the name of their object."""
    sections = _EXAMPLES.read_text(encoding="utf-8").split("\n## ")[1:]
    return {section.split("\n", 1)[0].strip(): section for section in sections}


def _examples(thing: Any, name: str) -> Iterator[str]:
    """Yield the sources of the examples of an object and of its methods."""
    further = doctest.DocTestParser().get_examples(_further().get(name, ""))
    if further:
        yield "".join(example.source for example in further)
    for test in doctest.DocTestFinder(exclude_empty=True).find(thing, name):
        if test.examples:
            yield "".join(example.source for example in test.examples)


def methods(kind: type) -> dict[str, Any]:
    """Return the public methods of a class, inherited ones of the library included."""
    found = {}
    for name in dir(kind):
        own = inspect.getattr_static(kind, name)
        if name.startswith("_") and name != "__call__":
            continue
        bound = isinstance(own, classmethod | staticmethod)
        function = getattr(kind, name) if bound else own
        plain = inspect.isfunction(own) or bound
        if plain and (getattr(function, "__module__", None) or "").startswith("canns"):
            found[name] = function
    return found
