"""Stateful models: thin holders of the states that the pure dynamics advance."""

from canns._lazy import lazy_submodules

__all__ = ["basic", "brain_inspired"]

__getattr__ = lazy_submodules(__name__, __all__)
