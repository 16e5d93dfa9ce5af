"""Attributes of models and trainers: which can be set, which are listed, which are arguments."""

import inspect
from abc import ABCMeta
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from canns._describe import as_html
from canns._explain import explain_methods
from canns._names import Alias
from canns._validation import did_you_mean
from canns.errors import UnknownAttributeError

__all__ = ["Attributes", "Finishing", "arguments_of", "is_default", "settings_of"]

_ALIKE = 0.8  # a new attribute at least so similar to an existing one is taken for a typing error


class Finishing(ABCMeta):
    """Metaclass that marks an object once its outermost ``__init__`` has returned."""

    if not TYPE_CHECKING:  # a type checker takes the arguments from __init__

        def __call__(cls, *args, **kwargs):
            made = super().__call__(*args, **kwargs)
            made._finish()
            return made


class Attributes(metaclass=Finishing):
    """Base of objects whose attributes are settings, so that a mistyped one is refused.

    ``__init__`` may set any attribute. Afterwards a new attribute is refused if its name is close
    to that of an existing one. Users may add attributes with other names or a leading underscore.
    ``_unlisted`` names public attributes that only the library uses; ``dir`` leaves them out.
    """

    __signature__: ClassVar[inspect.Signature]
    _unlisted: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        explain_methods(cls, {"__init__"})
        # The metaclass would hide the constructor's arguments from help() and editors.
        own = inspect.signature(cls.__init__)
        cls.__signature__ = own.replace(parameters=[*own.parameters.values()][1:])

    def _finish(self) -> None:
        """Refuse mistyped attributes from now on; called once the object is built."""
        vars(self)["_finished"] = True

    def __dir__(self) -> list[str]:
        hidden = {name for cls in type(self).__mro__ for name in vars(cls).get("_unlisted", ())}
        return sorted(name for name in _public(self) if name not in hidden)

    def _repr_html_(self) -> str:
        return as_html(self)

    if not TYPE_CHECKING:  # a type checker would otherwise accept every attribute

        def __setattr__(self, name, value):
            held = vars(self)
            if name not in held and "_finished" in held and not name.startswith("_"):
                _check_new(self, name)
            super().__setattr__(name, value)

        def __getattr__(self, name):
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            if _has(type(self), name):  # a property whose own AttributeError brought us here
                return object.__getattribute__(self, name)
            raise _unknown(self, name, lambda: dir(self))


def _check_new(instance: object, name: str) -> None:
    """Raise if ``name`` is new, and looks like a misspelling of an existing attribute."""
    if _has(type(instance), name) or name in (known := _settable(instance)):
        return
    if did_you_mean(name, known, likeness=_ALIKE):
        raise _unknown(instance, name, lambda: known)


def _unknown(
    instance: object, name: str, known: Callable[[], Iterable[str]]
) -> UnknownAttributeError:
    def hint() -> str:
        return did_you_mean(name, sorted(known()))

    return UnknownAttributeError(type(instance).__name__, name, hint)


def _has(cls: type, name: str) -> bool:
    # No generator: brainstate asks for absent attributes whenever it makes a copy.
    for base in cls.__mro__:  # noqa: SIM110
        if name in vars(base):
            return True
    return False


def _settable(instance: object) -> set[str]:
    """Return the public attributes that users may set: those that exist or are declared."""
    names = set(vars(instance)) | set(arguments_of(type(instance)))
    for cls in _own(type(instance)):
        names |= inspect.get_annotations(cls).keys()
        names |= {name for name, value in vars(cls).items() if _is_setting(value)}
    return {name for name in names if not name.startswith("_")}


def _is_setting(value: object) -> bool:
    if isinstance(value, property):
        return value.fset is not None
    return not callable(value) and not isinstance(value, classmethod | staticmethod)


def _public(instance: object) -> set[str]:
    """Return the public names of an object that canns or the user has given it."""
    names = set(vars(instance))
    for cls in _own(type(instance)):
        names |= {name for name, value in vars(cls).items() if not isinstance(value, Alias)}
    return {name for name in names if not name.startswith("_")}


def _own(cls: type) -> list[type]:
    """Return the class and its bases, without brainstate's and Python's own."""
    foreign = "brainstate", "builtins", "abc", "typing"
    return [base for base in cls.__mro__ if base.__module__.split(".")[0] not in foreign]


def arguments_of(cls: type) -> dict[str, inspect.Parameter]:
    """Return the parameters of a constructor by name, without ``self`` and ``*members``.

    ``**options`` stand for the parameters of the next constructor in line.
    """
    found: dict[str, inspect.Parameter] = {}
    for base in cls.__mro__:
        if "__init__" not in vars(base) or base is object:
            continue
        own = [*inspect.signature(base.__init__).parameters.values()][1:]  # type: ignore[misc]
        kinds = {parameter.kind for parameter in own}
        for parameter in own:
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                found.setdefault(parameter.name, parameter)
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
    return found


def settings_of(instance: object) -> dict[str, object]:
    """Return the constructor arguments that distinguish an object from others of its class.

    These are all numbers, and every other argument that differs from its default.
    """
    held = {
        name: (vars(instance).get(name, parameter.default), parameter.default)
        for name, parameter in arguments_of(type(instance)).items()
    }
    return {
        name: value
        for name, (value, default) in held.items()
        if value is not inspect.Parameter.empty
        and (_is_number(value) or not is_default(value, default))
    }


def is_default(value: object, default: object) -> bool:
    """Whether an argument has its default; arrays and objects are not compared by their values."""
    plain = isinstance(value, str | bool | int | float | None)
    return value is default or (plain and value == default)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
