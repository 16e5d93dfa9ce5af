"""Analysis of models in numbers, and the pictures to show them with."""

from canns._lazy import lazy_submodules

__all__ = ["metrics", "model_specific", "theory", "visualization"]

__getattr__ = lazy_submodules(__name__, __all__)
