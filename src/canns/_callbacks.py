"""Callbacks: functions of the user's own, called with the progress of a run, that may end it."""

from collections.abc import Callable
from typing import TypeVar

from canns.errors import ValidationError

__all__ = ["check_callback", "wants_stop"]

P = TypeVar("P")


def check_callback(name: str, callback: object) -> None:
    """Raise if ``callback`` is neither None nor a function."""
    if callback is not None and not callable(callback):
        expected, remedy = "a function of the progress, or None", "Give the function itself."
        raise ValidationError(name, expected, repr(callback), remedy)


def wants_stop(callback: Callable[[P], object], progress: P) -> bool:
    """Call ``callback``, and return whether it ended the run by raising :class:`StopIteration`.

    A return value does not end a run, because many functions return something by the way.

    Example:
        >>> seen = []
        >>> wants_stop(seen.append, 1), seen
        (False, [1])
        >>> wants_stop(lambda step: next(iter(())), 2)
        True
    """
    try:
        callback(progress)
    except StopIteration:
        return True
    return False
