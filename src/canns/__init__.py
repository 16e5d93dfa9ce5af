"""Brain-inspired neural models on JAX, each learning rule proven against theory.

``import canns`` loads nothing heavy: a sub-package is imported when it is first used.
"""

from importlib import import_module
from types import ModuleType

from canns._version import __version__

__all__ = [
    "__version__",
    "analyzer",
    "dynamics",
    "errors",
    "models",
    "plasticity",
    "task",
    "trainer",
    "utils",
]

_SUBPACKAGES = frozenset(__all__) - {"__version__"}


def __getattr__(name: str) -> ModuleType:
    if name in _SUBPACKAGES:
        return import_module(f"canns.{name}")
    raise AttributeError(f"module 'canns' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
