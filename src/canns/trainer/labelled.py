"""Arrays whose leading axes have names and coordinates."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from canns._describe import as_html, lines_of, span
from canns._validation import did_you_mean
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["Labelled"]


@dataclass(frozen=True, eq=False)
class Labelled:
    """An array whose leading axes have names and coordinates; the other axes have none.

    Args:
        values: The array.
        coords: The value at each position of each leading axis, by name, in the order of the axes.

    Example:
        >>> import numpy as np
        >>> coords = {"eta": (0.1, 0.2), "seed": (0, 1)}
        >>> errors = Labelled(np.array([[1.0, 3.0], [5.0, 7.0]]), coords)
        >>> errors.sel(eta=0.2).values.tolist(), errors.mean("seed").values.tolist()
        ([5.0, 7.0], [2.0, 6.0])
    """

    values: AnyArray
    coords: Mapping[str, tuple[object, ...]]

    def __post_init__(self) -> None:
        sizes = tuple(len(positions) for positions in self.coords.values())
        if self.values.shape[: len(sizes)] != sizes:
            got = f"shape {self.values.shape}"
            raise ValidationError("values", f"of shape {sizes} and more, as coords say", got)

    def __repr__(self) -> str:
        axes = {name: f"{len(held)} values, {_ends(held)}" for name, held in self.coords.items()}
        own = " x ".join(map(str, self.values.shape[len(self.coords) :]))
        title = f"{type(self).__name__}({', '.join(self.coords)})"
        return lines_of(title, axes | {"each": own, "values": span(self.values)})

    def _repr_html_(self) -> str:
        return as_html(self)

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the leading axes."""
        return tuple(self.coords)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the values."""
        return self.values.shape

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> AnyArray:
        return np.array(self.values, dtype=dtype, copy=copy)

    def sel(self, **choices: object) -> Self:
        """Return the part at these coordinates, with one value for each named axis.

        Args:
            **choices: Coordinate by name of the axis. A number selects an equal coordinate, or the
                first within a rounding error, 1e-9 of its value.
        """
        part = self
        for dim, value in choices.items():
            part = part._at(dim, part._position(dim, value))
        return part

    def mean(self, dim: str) -> Self:
        """Return the average over an axis."""
        return self.reduce(dim, np.mean)

    def reduce(self, dim: str, function: Callable[..., ArrayLike]) -> Self:
        """Return the array with one axis reduced by ``function(values, axis=...)``.

        Args:
            dim: Name of the axis.
            function: A function such as ``np.std`` or ``np.max``.
        """
        axis = self._axis(dim)
        rest = {name: c for name, c in self.coords.items() if name != dim}
        return type(self)(np.asarray(function(self.values, axis=axis)), rest)

    def _at(self, dim: str, position: int) -> Self:
        rest = {name: c for name, c in self.coords.items() if name != dim}
        return type(self)(np.take(self.values, position, axis=self._axis(dim)), rest)

    def _axis(self, dim: str) -> int:
        if dim not in self.coords:
            listed, remedy = "one of " + ", ".join(self.dims), did_you_mean(dim, self.dims)
            raise ValidationError("dim", listed, repr(dim), remedy)
        return self.dims.index(dim)

    def _position(self, dim: str, value: object) -> int:
        held = self.coords[self.dims[self._axis(dim)]]
        same: tuple[Callable[[object], bool], ...] = (
            lambda own: own is value or own == value,
            lambda own: _close(own, value),
        )
        for alike in same:
            for position, own in enumerate(held):
                if alike(own):
                    return position
        raise ValidationError(dim, "one of " + ", ".join(map(str, held)), repr(value))


def _ends(values: tuple[object, ...]) -> str:
    """Return the first and the last value; all of them if there are few."""
    return ", ".join(map(str, values)) if len(values) < 4 else f"{values[0]} to {values[-1]}"


def _close(one: object, other: object) -> bool:
    """Whether two values are numbers that differ at most by a rounding error."""
    if not (isinstance(one, int | float) and isinstance(other, int | float)):
        return False
    return math.isclose(one, other, rel_tol=1e-9)
