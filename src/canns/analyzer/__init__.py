"""Measurements of models, theory to compare them with, and figures."""

from canns._lazy import lazy_submodules

__all__ = ["metrics", "model_specific", "theory", "visualization"]

__getattr__ = lazy_submodules(__name__, __all__)
