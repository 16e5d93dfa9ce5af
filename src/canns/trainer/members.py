"""The members of an ensemble as labelled arrays: axes, coordinates, and the choice of one."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from canns._statistics import student_reach
from canns._validation import did_you_mean
from canns.errors import ValidationError
from canns.typing import AnyArray

if TYPE_CHECKING:
    from xarray import DataArray

__all__ = ["axes_of", "label", "position_of", "series_of"]

Coords = Mapping[str, tuple[float, ...]]


def label(values: AnyArray, coords: Coords, axes: tuple[str, ...] = ()) -> "DataArray":
    """Return values, (members, ...), with an axis for each coordinate, and names for the others."""
    from xarray import DataArray

    sizes = tuple(map(len, coords.values()))
    shaped = values.reshape(sizes + values.shape[1:])
    return DataArray(shaped, {name: list(held) for name, held in coords.items()}, (*coords, *axes))


def axes_of(name: str, shape: tuple[int, ...], weights: tuple[int, ...]) -> tuple[str, ...]:
    """Return names of the axes of a rule's variable: "post" and "pre" if it has those of W.

    Args:
        name: Name of the variable.
        shape: Its shape, for one member.
        weights: Shape of W, (out, in); another one for weights in parts.
    """
    if shape == weights and len(shape) == 2:
        return ("post", "pre")
    if len(shape) == 1 and len(weights) == 2 and shape[0] in weights:
        return ("post",) if shape[0] == weights[0] else ("pre",)
    return tuple(f"{name}_axis_{k}" for k in range(len(shape)))


def position_of(members: "DataArray", choices: Mapping[str, object]) -> int:
    """Return the number of the one member at these coordinates.

    Args:
        members: An array with one value for each member.
        choices: Coordinate by name of the axis. A number selects an equal coordinate, or the first
            within a rounding error, 1e-9 of its value. Axes of length one may be left out.
    """
    index = np.arange(members.size).reshape(members.shape)
    for dim, value in choices.items():
        if dim not in members.dims:
            listed = "one of " + ", ".join(map(str, members.dims))
            remedy = did_you_mean(dim, [str(each) for each in members.dims])
            raise ValidationError("dim", listed, repr(dim), remedy)
        place = _position(dim, members.coords[dim].values.tolist(), value)
        index = np.take(index, [place], axis=members.dims.index(dim))
    if index.size != 1:
        several = [str(d) for d, n in zip(members.dims, index.shape, strict=True) if n > 1]
        raise ValidationError("choices", f"a value for {', '.join(several)} too", "none")
    return int(index.item())


def _position(dim: str, held: list[Any], value: object) -> int:
    if value in held:
        return held.index(value)
    if isinstance(value, int | float):
        for place, own in enumerate(held):
            if math.isclose(own, value, rel_tol=1e-9):
                return place
    raise ValidationError(dim, "one of " + ", ".join(map(str, held)), repr(value))


def series_of(norms: "DataArray") -> tuple[dict[str, tuple[Any, ...]], str]:
    """Return points, (x, y, error, name of the bars), by name, and the name of x.

    Args:
        norms: One number for each member; NaN for one that diverged, which is left out.
    """
    scanned = [str(dim) for dim in norms.dims if dim not in ("seed", "data_set")]
    if not scanned:
        x = str(norms.dims[0]) if norms.dims else "member"
        places = norms.coords[x].values if norms.dims else np.zeros(1)
        return {"each member": (places, norms.values.reshape(-1), None, "")}, x
    first, *others = scanned
    table = norms.transpose(first, *others, ...).values.reshape(
        norms.sizes[first], math.prod(norms.sizes[dim] for dim in others), -1
    )
    combined = [""]
    for dim in others:
        values = norms.coords[dim].values.tolist()
        combined = [f"{name}, {dim} = {value:g}" for name in combined for value in values]
    places = norms.coords[first].values
    series: dict[str, tuple[Any, ...]] = {}
    for k, name in enumerate(combined):
        count = np.isfinite(table[:, k]).sum(axis=1)
        kept = count > 0
        own, count = table[kept, k], count[kept]
        mean = np.nanmean(own, axis=1)
        spread = np.nansum((own - mean[:, None]) ** 2, axis=1) / np.maximum(count - 1, 1)
        reach = student_reach(np.sqrt(spread / count), count)
        bars = "mean, 95 % interval" if own.shape[1] > 1 else ""
        series[name.removeprefix(", ") or "members"] = (places[kept], mean, reach, bars)
    return series, first
