"""Second names: a parameter or an attribute that may be written under an older name too."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Generic, ParamSpec, TypeVar, overload

from canns.errors import ValidationError

__all__ = ["Alias", "renamed"]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def renamed(**older: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let callers give parameters under a second name, by keyword: ``@renamed(key="seed")``.

    The signature keeps the one name; a table in docs/conventions.md lists the others.

    Args:
        **older: The name of the parameter, by its second name.

    Raises:
        ValidationError: If a call gives both names.

    Example:
        >>> @renamed(key="seed")
        ... def draw(seed=None):
        ...     return seed
        >>> draw(key=3), draw(3), draw(seed=3)
        (3, 3, 3)
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        position = {name: i for i, name in enumerate(inspect.signature(function).parameters)}

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            used = {older[old]: old for old in older.keys() & kwargs.keys()}
            for name, old in used.items():
                if name in kwargs or position[name] < len(args):
                    raise ValidationError(old, f"left out if {name} is given", repr(kwargs[old]))
                kwargs[name] = kwargs.pop(old)
            if not used:
                return function(*args, **kwargs)
            try:
                return function(*args, **kwargs)
            except ValidationError as error:  # under the name that the caller knows
                raise error.about(used.get(error.argument, error.argument)) from None

        return call

    return decorate


class Alias(Generic[T]):
    """A second name of an attribute: ``asyn: Alias[bool] = Alias("asynchronous")``."""

    def __init__(self, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "Alias[T]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "T | Alias[T]":
        if instance is None:
            return self
        value: T = getattr(instance, self.name)
        return value

    def __set__(self, instance: object, value: T) -> None:
        setattr(instance, self.name, value)
