"""Errors of the pure layer: what JAX says of a wrong argument becomes an error that names it.

The pure functions ask nothing of their arguments while all goes well, because they run inside
compiled programs. If one fails, its arguments are compared with its signature.
"""

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from canns._arrays import as_numpy
from canns._validation import check_choice, check_flag, check_real, check_size, is_traced
from canns.errors import CannsError, ValidationError

__all__ = ["explain_methods", "explained"]

P = ParamSpec("P")
R = TypeVar("R")
_INSTALLED = "site-packages", "dist-packages", "/lib/python", "<frozen", "<string>"
_OURS = __file__.rpartition("/")[0]


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function with errors that name the argument at fault.

    Errors of a user's own code, such as a callback, pass as they are.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (CannsError, StopIteration):
            raise
        except Exception as error:
            found = _explanation(function, args, kwargs, error)
            if found is None:
                raise
            raise found from error

    return call


def explain_methods(cls: type, names: Set[str] | None = None) -> None:
    """Make methods of a class of the library raise errors that name arguments.

    Args:
        cls: The class.
        names: Names of the methods; None for all that are public.
    """
    if cls.__module__.startswith("canns."):
        public = {name for name in vars(cls) if not name.startswith("_")}
        for name in public if names is None else names & vars(cls).keys():
            method = vars(cls)[name]
            if inspect.isfunction(method) and not getattr(method, "__isabstractmethod__", False):
                setattr(cls, name, explained(method))


def _explanation(
    function: Callable[..., Any],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    error: Exception,
) -> ValidationError | None:
    """Return the error that names what was wrong; None if it was not the arguments."""
    try:
        given = inspect.signature(function).bind(*args, **kwargs).arguments
    except TypeError:  # Python's own message says which argument is missing or unknown
        return None
    if any(map(is_foreign, _files(error))):
        return None
    given.pop("self", None)
    hints = get_type_hints(function)
    for name, value in given.items():
        found = fault_of(name, value, hints.get(name, Any))
        if found is not None:
            return found
    if is_of_tracing(error):
        return None
    shapes = ", ".join(f"{name} {shape}" for name, shape in _shapes(given))
    said = str(error).strip().partition("\n")[0][:200]
    names = " and ".join(name for name, _ in _shapes(given)) or function.__name__
    return ValidationError(names, "of shapes that fit each other", shapes or "others", said)


def _files(error: Exception) -> Iterator[str]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename
        trace = trace.tb_next


def is_foreign(file: str) -> bool:
    """Whether a file is neither of the library nor of an installed package: a user's own code."""
    return not file.startswith(_OURS) and not any(part in file for part in _INSTALLED)


def is_of_tracing(error: Exception) -> bool:
    """Whether JAX says that something cannot be traced, which its own message explains best."""
    return type(error).__module__.startswith("jax") and "Tracer" in type(error).__name__


def fault_of(name: str, value: object, hint: Any) -> ValidationError | None:
    """Return the error that says that a value is not of the kind of its hint, or None."""
    try:
        _check(name, value, hint)
    except ValidationError as error:
        return error
    return None


def _check(name: str, value: object, hint: Any) -> None:
    """Raise if ``value`` is not of the kind that ``hint`` says."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        faults = [fault_of(name, value, part) for part in parts if part is not type(None)]
        if not (value is None and type(None) in parts) and all(faults):
            raise next(fault for fault in faults if fault is not None)
    elif origin is Literal:
        check_choice(name, value, parts)
    elif is_array_hint(hint, origin):
        check_numbers(name, value)
    elif hint is Any:
        for leaf in _leaves(value):
            check_numbers(name, leaf)
    elif hint is bool:
        check_flag(name, value)
    elif hint is int:
        check_size(name, value, low=-(2**62), high=2**62)
    elif hint is float:
        check_real(name, value)
    else:
        kind = origin or hint
        if kind is Callable or kind is types.FunctionType:
            fits = callable(value)
        else:
            fits = not isinstance(kind, type) or _isinstance(value, kind)
        if not fits:
            got = f"the class {value.__name__}" if isinstance(value, type) else _named(value)
            raise ValidationError(name, f"a {getattr(kind, '__name__', kind)}", got)


def _isinstance(value: object, kind: type) -> bool:
    try:
        return isinstance(value, kind)
    except TypeError:  # a protocol that does not say
        return True


def is_array_hint(hint: Any, origin: Any) -> bool:
    """Whether a hint says that there must be an array."""
    import jax

    kinds = jax.Array, np.ndarray
    return hint in kinds or origin in kinds or getattr(hint, "__name__", "") == "ArrayLike"


def check_numbers(name: str, value: object) -> None:
    """Raise if ``value`` is no array of numbers: real, complex or random keys."""
    if value is None:
        raise ValidationError(name, "an array", "None")
    if is_traced(value) or type(value).__module__.startswith("jax"):
        return
    kind = as_numpy(name, value).dtype.kind
    if kind not in "biuf":
        raise ValidationError(name, "an array of real numbers", _named(value))


def _leaves(value: object) -> list[Any]:
    import jax

    leaves: list[Any] = jax.tree.leaves(value)
    return leaves


def _named(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"a {type(value).__name__}"


def _shapes(given: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the names of the arguments that hold arrays, and their shapes."""
    found = []
    for name, value in given.items():
        shapes = [getattr(leaf, "shape", None) for leaf in _leaves(value)]
        known = [str(shape) for shape in shapes if shape is not None]
        if known:
            found.append((name, known[0] if len(known) == 1 else f"({', '.join(known)})"))
    return found
