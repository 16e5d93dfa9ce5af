"""Helpers for scripts."""

from canns._lazy import lazy_submodules

__all__ = ["example_outputs"]

__getattr__ = lazy_submodules(__name__, __all__)
