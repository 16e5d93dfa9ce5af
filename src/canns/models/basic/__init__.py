"""The roots of the model classes."""

from canns.models.basic._base import BasicModel, BasicModelGroup

__all__ = ["BasicModel", "BasicModelGroup"]
