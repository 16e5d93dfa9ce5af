"""What all results of the library have: a picture, tables, a summary, and a file."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

import numpy as np

from canns._describe import as_html, describe
from canns._extras import require
from canns._json import Schema, read_json
from canns._memory import check_memory, in_proportion
from canns._replacing import one_error
from canns._tensors import PathLike, check_header, write_tensors
from canns._validation import AnyArray
from canns._version import __version__
from canns.errors import ValidationError

if TYPE_CHECKING:
    import pandas
    import xarray

__all__ = ["RESULT", "Picture", "Result", "decode", "encode", "load_pictures", "read_result"]

Picture: TypeAlias = tuple[Any, Any]  #: a figure of matplotlib, and its axes

RESULT = "canns-result-1"  # the format of the files
_FIELDS: Schema = {str: object}


class Result:
    """A result: fields that :meth:`plot`, :meth:`to_xarray` and :meth:`save` know how to show."""

    # The names of the axes of each array among the fields; scalars become attributes.
    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    # The field with the coordinates of an axis, by the name of the axis.
    coords: ClassVar[Mapping[str, str]] = {}
    # The axes that make the rows of the table; fields with further axes are not in it.
    rows: ClassVar[tuple[str, ...]] = ()

    def plot(self, config: object = None, *, ax: object = None) -> Picture:
        """Draw the result.

        Args:
            config: Settings, a :class:`~canns.analyzer.visualization.PlotConfig`, or None.
            ax: Axes of matplotlib to draw on; None for a new figure.

        Returns:
            The figure and its axes.

        Raises:
            MissingExtraError: If matplotlib is not installed.
        """
        found: Picture = self._draw(load_pictures(), config, ax)
        return found

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> Any:
        """Draw the result by a function of the module of figures."""
        raise NotImplementedError(f"{type(self).__name__} has no picture")

    def summary(self) -> str:
        """Return the result in a few lines of text."""
        return repr(self)

    def to_xarray(self) -> "xarray.Dataset":
        """Return the arrays with named axes and coordinates; single numbers are its attributes."""
        import xarray

        arrays = {
            name: (dims, np.asarray(getattr(self, name)))
            for name, dims in self.dims.items()
            if name not in self.coords.values()
        }
        coords = {dim: np.asarray(getattr(self, name)) for dim, name in self.coords.items()}
        return xarray.Dataset(arrays, coords, attrs=dict(self._attributes()))

    def to_dataframe(self) -> "pandas.DataFrame":
        """Return the numbers as a table of pandas, a row for each of the things measured."""
        whole = self.to_xarray()
        kept = [name for name, array in whole.data_vars.items() if set(array.dims) <= {*self.rows}]
        return whole[kept].to_dataframe()

    def save(self, path: PathLike) -> None:
        """Write the result to a safetensors file, which :func:`canns.load` reads.

        Args:
            path: The file; it is replaced at once or not at all.

        Raises:
            ValidationError: If the folder does not exist, or a field cannot be written.
        """
        tensors: dict[str, AnyArray] = {}
        header = {"format": RESULT, "version": __version__, "class": type(self).__name__}
        header["fields"] = json.dumps(self._packed(tensors))
        write_tensors(path, tensors, header)

    def _packed(self, tensors: dict[str, AnyArray]) -> dict[str, Any]:
        """Return the fields as JSON; their arrays are put among the tensors."""
        return {name: encode(name, value, tensors) for name, value in self._fields_by_name()}

    @classmethod
    def _unpacked(cls, values: dict[str, Any], tensors: dict[str, AnyArray]) -> Self:
        """Return the result of which :meth:`_packed` gave the fields and tensors."""
        return cls(**{name: decode(value, tensors) for name, value in values.items()})

    def _fields_by_name(self) -> Iterator[tuple[str, Any]]:
        own: Any = self
        names = getattr(self, "_fields", None) or [each.name for each in fields(own)]
        return ((name, getattr(self, name)) for name in names)

    def _attributes(self) -> Iterator[tuple[str, object]]:
        """Yield the numbers and words among the fields, and those in mappings of them."""
        for name, value in self._fields_by_name():
            inner = value if isinstance(value, Mapping) else {name: value}
            for key, each in inner.items():
                if isinstance(each, bool | int | float | str) and key not in self.dims:
                    # netCDF, which xarray writes, knows no booleans.
                    yield key, int(each) if isinstance(each, bool) else each

    def __repr__(self) -> str:
        return describe(self, **dict(self._fields_by_name()))

    def _repr_html_(self) -> str:
        return as_html(self)


def load_pictures() -> ModuleType:
    """Return the module of figures, which is imported when something is drawn."""
    return require("canns.analyzer.visualization", "plot")


def read_result(path: str, header: dict[str, str], tensors: dict[str, AnyArray]) -> Result:
    """Return the result in a file.

    Args:
        path: The file, for errors.
        header: Its header.
        tensors: Its arrays by name.
    """
    if header.get("format") != RESULT:
        raise ValidationError("path", "a file that a result's save() wrote", f"another, {path}")
    check_header(path, header, ("format", "class", "fields"), ("version",))
    known = {kind.__name__: kind for kind in _subclasses(Result)}
    kind = known.get(header["class"])
    if kind is None:
        remedy = "Import the module that defines it."
        raise ValidationError("path", "a saved result of a known class", header["class"], remedy)
    values = read_json(f"the fields in {path}", header["fields"], _FIELDS)
    with in_proportion(Path(path)), one_error("path", f"a saved {kind.__name__}", path):
        return kind._unpacked(values, tensors)


def _subclasses(kind: type[Result]) -> Iterator[type[Result]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)


def encode(name: str, value: object, tensors: dict[str, AnyArray]) -> Any:
    """Return a value as JSON; arrays of numbers are put among the tensors, under ``name``."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if type(value).__name__ == "DataArray":  # of xarray, which is not imported for this
        return _encode_labelled(name, value, tensors)
    if isinstance(value, Mapping):
        parts = {key: encode(f"{name}.{key}", each, tensors) for key, each in value.items()}
        return {"mapping": parts}
    if isinstance(value, tuple):
        return {"tuple": [encode(f"{name}.{i}", each, tensors) for i, each in enumerate(value)]}
    array = np.asarray(value)
    if array.dtype.kind in "US":
        return {"words": array.tolist()}
    if array.dtype.kind not in "biuf":
        got = f"{type(value).__name__}, which cannot be written"
        raise ValidationError(name, "numbers, words, or tuples and mappings of them", got)
    tensors[name] = np.ascontiguousarray(array)
    return {"array": name}


def _encode_labelled(name: str, value: Any, tensors: dict[str, AnyArray]) -> dict[str, Any]:
    coords = {dim: encode(f"{name}.{dim}", c.values, tensors) for dim, c in value.coords.items()}
    values = encode(name, value.values, tensors)
    return {"labelled": {"values": values, "dims": list(value.dims), "coords": coords}}


def decode(value: Any, tensors: dict[str, AnyArray]) -> Any:
    """Return a value of a field from its JSON and the tensors."""
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "array":
        return tensors[held]
    if kind == "labelled":
        from xarray import DataArray

        coords = {dim: decode(each, tensors) for dim, each in held["coords"].items()}
        return DataArray(decode(held["values"], tensors), coords, held["dims"])
    if kind == "words":
        return _words(held)
    if kind == "tuple":
        return tuple(decode(each, tensors) for each in held)
    return {key: decode(each, tensors) for key, each in held.items()}


def _words(held: Any) -> AnyArray:
    """Return an array of words; each entry takes as much memory as the longest one."""
    shape, flat = list[int](), held
    while isinstance(flat, list):
        shape.append(len(flat))
        flat = flat[0] if flat else None
    longest = max(map(len, _leaves(held)), default=0)
    check_memory("path", 4 * math.prod(shape) * longest, "its words", "Shorten them.")
    return np.asarray(held, str)


def _leaves(held: Any) -> Iterator[str]:
    for each in held if isinstance(held, list) else [held]:
        if isinstance(each, list):
            yield from _leaves(each)
        else:
            yield str(each)
