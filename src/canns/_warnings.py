"""Warnings of what is legal but probably not meant, at the user's line and in the records."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from canns.errors import CannsWarning

__all__ = ["collected_warnings", "warn"]

_PACKAGE = str(Path(__file__).parent)
_collected: ContextVar[list[str] | None] = ContextVar("collected", default=None)


def warn(what: str, remedy: str = "") -> None:
    """Warn, with a :class:`~canns.errors.CannsWarning`, of what is probably not meant.

    The warning points at the line outside the library that made the call. In a block of
    :func:`collected_warnings`, the same words are warned of once.

    Args:
        what: What was noticed, with its numbers, as a sentence.
        remedy: What the caller can do, as a sentence.
    """
    message = f"{what} {remedy}".rstrip()
    notes = _collected.get()
    if notes is not None:
        if message in notes:
            return
        notes.append(message)
    warnings.warn(message, CannsWarning, stacklevel=_levels())


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Give a list that takes up the warnings of the block, each once; the user sees them too."""
    notes: list[str] = []
    before = _collected.get()
    try:  # no token: Ctrl-C after `set` would lose it
        _collected.set(notes)
        yield notes
    finally:
        _collected.set(before)


def _levels() -> int:
    """Return the ``stacklevel`` of the first line outside the library."""
    frame, level = sys._getframe(2), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    return level
