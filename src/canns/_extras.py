"""Import of optional packages; the error for a missing one says how to install it."""

from importlib import import_module
from types import ModuleType

from canns.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, extra: str) -> ModuleType:
    """Import ``module``, which comes with the extra ``canns[extra]``."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"This function needs {module}, which could not be imported ({error}). "
            f"Install it with: pip install 'canns[{extra}]'"
        ) from error
