"""How the examples call the public surface: arguments that work, for each callable."""

import copy
import dataclasses
import inspect
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
from mutants import parameters
from sklearn.base import BaseEstimator
from surface import Entry, methods

from canns.typing import Parameters

_EXAMPLE = "<example>"


class Target(NamedTuple):
    """A callable to attack.

    Args:
        name: Its public name, with that of the class for a method.
        call: The function, the class, or the plain function of a method.
        owner: An instance to call a method on, or None.
        arguments: Arguments that work, by name; empty if no example calls it.
    """

    name: str
    call: Callable[..., Any]
    owner: Any
    arguments: dict[str, Any]


def copied(value: Any) -> Any:
    """Return a deep copy, or the value if it has none."""
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def run_example(source: str, wanted: set[Any]) -> tuple[dict[str, Any], dict[Any, dict[str, Any]]]:
    """Run an example; return its names, and the arguments of the first call of each function.

    Args:
        source: The example.
        wanted: The code of the functions.
    """
    calls: dict[Any, dict[str, Any]] = {}

    def note(frame: Any, event: str, _: Any) -> None:
        code, caller = frame.f_code, frame.f_back
        if event != "call" or code in calls or code not in wanted or caller is None:
            return
        given = dict(frame.f_locals)
        if not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(given)):
            calls[code] = copied(given)

    names: dict[str, Any] = {"__name__": "example"}
    code = compile(source, _EXAMPLE, "exec")
    before = sys.getprofile()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.setprofile(note)
        try:
            exec(code, names)
        except Exception:  # an example may show an error
            pass
        finally:
            sys.setprofile(before)
    return names, calls


def targets(entry: Entry) -> list[Target]:
    """Return what there is to call of an entry, with arguments that its examples give."""
    names: dict[str, Any] = {}
    calls: dict[Any, dict[str, Any]] = {}
    functions = [entry.thing, getattr(entry.thing, "__init__", None)]
    if inspect.isclass(entry.thing):
        functions += methods(entry.thing).values()
    wanted = {code_of(function) for function in functions}
    for source in entry.examples:
        found, seen = run_example(source, wanted)
        names |= found
        calls = seen | calls
    thing = entry.thing
    if not inspect.isclass(thing):
        return [Target(entry.name, thing, None, _given(thing, calls))]
    made = [Target(entry.name, thing, None, _given(thing.__init__, calls))]
    if issubclass(thing, tuple | BaseException) or inspect.isabstract(thing):
        made = []  # a named tuple holds what it is given
    elif issubclass(thing, BaseEstimator) or inspect.getmodule(thing) is None:
        made = []  # scikit-learn's convention: an estimator checks its arguments in fit
    elif dataclasses.is_dataclass(thing) and not issubclass(thing, Parameters):
        made = []  # a result holds what it is given
    owner = next((value for value in names.values() if type(value) is thing), None)
    for name, function in methods(thing).items() if owner is not None else ():
        if not re.match("(show|plot)$", name):
            label = f"{entry.name}.{name}"
            made.append(Target(label, function, owner, _given(function, calls)))
    return made


def code_of(function: Any) -> Any:
    """Return the code of a function, or None if it has none."""
    return getattr(inspect.unwrap(function), "__code__", None)


def _given(function: Callable[..., Any], calls: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """Return the recorded arguments of a function."""
    seen = calls.get(code_of(function), {})
    wanted = {p.name for p in parameters(function)}
    return {name: value for name, value in seen.items() if name in wanted}
