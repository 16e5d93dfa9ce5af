"""The roots of the model classes."""

from canns.models.basic.model import BasicModel, BasicModelGroup

__all__ = ["BasicModel", "BasicModelGroup"]
