"""Short descriptions: what ``repr`` and notebooks show of models, trainers and results."""

import dataclasses
import html
from collections.abc import Iterable, Mapping
from typing import TypeVar

import jax
import numpy as np

__all__ = ["as_html", "describe", "in_a_line", "lines_of", "shown", "span"]

C = TypeVar("C")

_LINES = 12
_WIDTH = 88
_LARGEST = 1 << 24  # no range is computed for arrays of more numbers


def describe(title: object, **facts: object) -> str:
    """Return a title and one short line per fact, 12 lines at most.

    Args:
        title: The first line, or an object whose class name is the first line.
        **facts: Values by name; None and "" are left out. Underscores in a name are shown as
            spaces.

    Example:
        >>> print(describe("OjaTrainer", learning_rate=0.1, model="LinearLayer"))
        OjaTrainer
          learning rate: 0.1
          model: LinearLayer
    """
    head = title if isinstance(title, str) else type(title).__name__
    said = {name.replace("_", " "): _short(f) for name, f in facts.items() if f is not None}
    return lines_of(head, said)


def lines_of(head: str, facts: Mapping[str, str]) -> str:
    """Return ``head`` and a line for each fact; lines that are too long or too many are cut."""
    lines = [head, *(f"  {name}: {fact}" for name, fact in facts.items() if fact)]
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"  ... and {len(lines) - _LINES + 1} more"]
    return "\n".join(line if len(line) <= _WIDTH else line[: _WIDTH - 3] + "..." for line in lines)


def as_html(obj: object) -> str:
    """Return what a notebook shows of an object: its ``repr``, escaped."""
    return f"<pre>{html.escape(repr(obj))}</pre>"


def shown(cls: type[C]) -> type[C]:
    """Give a named tuple or dataclass a ``repr`` of one short line per field; arrays show ranges.

    Example:
        >>> from typing import NamedTuple
        >>> @shown
        ... class Curve(NamedTuple):
        ...     loads: np.ndarray
        ...     level: float
        >>> Curve(np.linspace(0.0, 1.0, 3), 0.5)
        Curve
          loads: 3 numbers, 0 to 1
          level: 0.5
    """

    def represent(self: object) -> str:
        values = ((name, getattr(self, name, None)) for name in names)
        return lines_of(cls.__name__, {name: _short(value) for name, value in values})

    names = _fields(cls)
    cls.__repr__ = represent  # type: ignore[method-assign]
    cls._repr_html_ = as_html  # type: ignore[attr-defined]
    return cls


def _fields(cls: type) -> tuple[str, ...]:
    if dataclasses.is_dataclass(cls):
        return tuple(field.name for field in dataclasses.fields(cls) if field.repr)
    names: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]
    return names


def _short(value: object) -> str:
    """Return one value in a few words; never the entries of an array."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray | jax.Array | np.generic) and np.ndim(value) > 0:
        return span(value)
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bool | int | None):
        return str(value)
    if isinstance(value, Mapping):
        return _listed(list(value))
    if isinstance(value, tuple | list):
        return _listed(value)
    return in_a_line(value)


def in_a_line(value: object) -> str:
    """Return the title and the first fact of an object's ``repr``.

    If the object has no ``repr`` of its own, or ``repr`` fails, return the name of its class.
    """
    name = type(value).__name__
    if type(value).__repr__ is object.__repr__:
        return name
    try:
        title, *facts = repr(value).split("\n")
    except Exception:  # a description must never fail
        return name
    return title + "".join(f" ({fact.strip()})" for fact in facts[:1])


def _listed(values: Iterable[object]) -> str:
    parts = [_short(value) for value in values]
    return ", ".join(parts[:4] + (["..."] if len(parts) > 4 else [])) or "none"


def span(values: object) -> str:
    """Return the shape and the range of an array, without compiling anything.

    If the values cannot be read, because they are traced or on other machines, only the shape.

    Example:
        >>> span(np.eye(3)), span(np.zeros((2, 3)))
        ('3 x 3, 0 to 1', '2 x 3, all 0')
    """
    shape: tuple[int, ...] = np.shape(values)  # type: ignore[call-overload]
    size = (
        f"{shape[0]} number{'s' * (shape[0] != 1)}"
        if len(shape) == 1
        else " x ".join(map(str, shape))
    )
    if isinstance(values, jax.core.Tracer):
        return f"{size}, traced"
    readable = not isinstance(values, jax.Array) or values.is_fully_addressable
    if not readable or not 0 < np.prod(shape) <= _LARGEST:
        return size
    array = np.asarray(values)
    if array.dtype == bool:
        return f"{size}, {array.sum()} true"
    if array.dtype.kind == "U":
        words, counts = np.unique(array, return_counts=True)
        return f"{shape[0]}: " + ", ".join(f"{n} {w}" for w, n in zip(words, counts, strict=True))
    if array.dtype.kind not in "iuf":
        return size
    numbers = array[~np.isnan(array)] if array.dtype.kind == "f" else array
    if not numbers.size:
        return f"{size}, all nan"
    missing = array.size - numbers.size
    tail = f", {missing} nan" if missing else ""
    low, high = float(numbers.min()), float(numbers.max())
    ends = f"all {low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    return f"{size}, {ends}{tail}"
