"""Brain-inspired neural models on JAX, each learning rule proven against theory.

``import canns`` loads nothing heavy: a sub-package is imported when it is first used.
"""

from typing import TYPE_CHECKING

from canns._cache import compilation_cache
from canns._lazy import lazy_submodules
from canns._version import __version__, version_info

if TYPE_CHECKING:
    from canns._load import load

__all__ = [
    "__version__",
    "analyzer",
    "compilation_cache",
    "course",
    "dynamics",
    "energy",
    "errors",
    "inference",
    "interop",
    "load",
    "models",
    "nn",
    "parallel",
    "plasticity",
    "sklearn",
    "task",
    "trainer",
    "utils",
    "version_info",
]

__getattr__ = lazy_submodules(
    __name__,
    set(__all__) - {"__version__", "compilation_cache", "load", "version_info"},
    {"load": "canns._load"},
)


def __dir__() -> list[str]:
    return sorted(__all__)
