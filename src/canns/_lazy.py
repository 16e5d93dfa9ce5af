"""Sub-modules, and names in modules, that are imported when they are first used."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["lazy_submodules"]


def lazy_submodules(
    package: str, names: Iterable[str], objects: Mapping[str, str] | None = None
) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package that imports its parts on first use.

    Args:
        package: Name of the package.
        names: Names of its sub-modules.
        objects: The module of each further name, such as a function's.
    """
    known, places = frozenset(names), dict(objects or {})

    def load(name: str) -> Any:
        if name in known:
            return import_module(f"{package}.{name}")
        if name in places:
            return getattr(import_module(places[name]), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
