"""Aliases: parameters and attributes that can also be used under an older name."""

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
    """Let callers pass parameters by older names, as keywords: ``@renamed(key="seed")``.

    The signature shows the new names only; docs/conventions.md lists the older ones.

    Args:
        **older: The parameter's name, keyed by its older name.

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
            if older.keys().isdisjoint(kwargs):
                return function(*args, **kwargs)
            used = {older[old]: old for old in older.keys() & kwargs.keys()}
            for name, old in used.items():
                if name in kwargs or position[name] < len(args):
                    raise ValidationError(old, f"left out if {name} is given", repr(kwargs[old]))
                kwargs[name] = kwargs.pop(old)
            try:
                return function(*args, **kwargs)
            except ValidationError as error:  # name the argument as the caller did
                raise error.about(used.get(error.argument, error.argument)) from None

        return call

    return decorate


class Alias(Generic[T]):
    """An older name of an attribute: ``asyn: Alias[bool] = Alias("asynchronous")``."""

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
