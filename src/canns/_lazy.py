"""Sub-modules that are imported when they are first used."""

from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType

__all__ = ["lazy_submodules"]


def lazy_submodules(package: str, names: Iterable[str]) -> Callable[[str], ModuleType]:
    """Return the ``__getattr__`` of a package that imports these sub-modules on first use."""
    known = frozenset(names)

    def load(name: str) -> ModuleType:
        if name in known:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
