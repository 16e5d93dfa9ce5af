"""Import of the optional packages that hold data, with the remedy where one is missing."""

from importlib import import_module
from types import ModuleType

from canns.errors import CannsError

__all__ = ["MissingExtraError", "require"]


class MissingExtraError(CannsError, ImportError):
    """A function needs an optional package that is not installed."""


def require(module: str) -> ModuleType:
    """Import ``module``, which comes with the extra ``canns[data]``."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"This function needs {module}, which could not be imported ({error}). "
            "Install it with: pip install 'canns[data]'"
        ) from error
