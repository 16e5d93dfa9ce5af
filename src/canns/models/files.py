"""Models on disk: a safetensors file of states, with the constructor arguments in its header."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from canns._brainstate import brainstate
from canns._json import Schema, read_json
from canns._memory import in_proportion
from canns._replacing import one_error
from canns._tensors import PathLike, check_header, read_tensors, write_tensors
from canns._version import __version__
from canns.errors import ValidationError
from canns.models.boxes import arrays_of, restore
from canns.typing import JSON, AnyArray

if TYPE_CHECKING:
    from canns.models.basic.model import BasicModel

    M = TypeVar("M", bound=BasicModel)

__all__ = [
    "DESCRIPTION",
    "build_model",
    "describe_model",
    "read_description",
    "read_model",
    "tensors_of",
    "write_model",
]

_FORMAT = "canns-model-1"
_NOTES = ("training",)  # entries of the header that some writers add
#: What a model is in a file, besides its arrays.
DESCRIPTION: Schema = {
    "class": str,
    "config": {str: object},
    "name": (str, None),
    "adopted": {str: bool},
    "members": [lambda: DESCRIPTION],
}


def write_model(
    model: "BasicModel", path: PathLike, notes: Mapping[str, str] | None = None
) -> None:
    """Write ``model`` to ``path``, with ``notes`` in the header of the file."""
    for name, box in _boxes_of(model):
        for array in arrays_of(box).values():
            _check_finite(name, box, array)
    tensors = dict(tensors_of(model))
    header = {"format": _FORMAT, "version": __version__, "model": json.dumps(describe_model(model))}
    write_tensors(path, tensors, {**header, **(notes or {})})


def describe_model(model: "BasicModel") -> dict[str, JSON]:
    """Return what is needed, besides the arrays, to build a model like this one."""
    return {
        "class": type(model).__name__,
        "config": model._header(),
        "name": model.name,
        "adopted": model.adopted(),
        "members": [describe_model(member) for member in model.submodels()],
    }


def tensors_of(model: "BasicModel", prefix: str = "") -> Iterator[tuple[str, AnyArray]]:
    """Yield the arrays of a model and its members by name, after a prefix."""
    for name, box in model.boxes().items():
        for part, array in arrays_of(box).items():
            yield f"{prefix}{name}{part}", array
    for i, member in enumerate(model.submodels()):
        yield from tensors_of(member, f"{prefix}{i}.")


def read_model(cls: "type[M]", path: PathLike, root: "type[BasicModel]") -> "M":
    """Return the model in ``path``, which must be a ``cls``; its members may be any ``root``."""
    header, tensors = read_tensors(path)
    if header.get("format") != _FORMAT or "model" not in header:
        raise ValidationError("path", "a file that save() wrote", f"another file, {path}")
    description = read_description(path, header)
    with in_proportion(Path(path)), one_error("path", "a file that save() wrote", path):
        return build_model(cls, description, tensors, "", root)


def read_description(path: PathLike, header: Mapping[str, str]) -> dict[str, Any]:
    """Return what the header of a file says of its model."""
    check_header(path, header, ("format", "model"), ("version", *_NOTES))
    found: dict[str, Any] = read_json(f"the model in {path}", header["model"], DESCRIPTION)
    return found


def build_model(
    cls: "type[M]",
    description: dict[str, Any],
    tensors: dict[str, AnyArray],
    prefix: str,
    root: "type[BasicModel]",
) -> "M":
    """Return the model of a description and its arrays, which must be a ``cls``."""
    model_class = _find_class(cls, description["class"])
    members = [
        build_model(root, member, tensors, f"{prefix}{i}.", root)
        for i, member in enumerate(description["members"])
    ]
    named = {} if description["name"] is None else {"name": description["name"]}
    own = {name.removeprefix(prefix): a for name, a in tensors.items() if name.startswith(prefix)}
    config = description["config"] | model_class._arguments_in(description["config"], own)
    model = model_class.from_config(config, *members, **named)
    for attribute, trace in description["adopted"].items():
        if not attribute.isidentifier() or hasattr(model, attribute):
            expected = "a free name for what a rule remembers"
            raise ValidationError("the adopted states in the file", expected, repr(attribute))
        model.adopt(attribute, _saved(tensors, prefix + attribute)[""], trace=trace)
    shapes = model.shapes()
    for name, box in model.boxes().items():
        saved = _saved(tensors, prefix + name)
        for array in saved.values():
            _check_finite(f"the saved {name}", box, array)
        if not restore(box, saved, shapes[name]):
            expected = ", ".join("any" if n is None else str(n) for n in shapes[name])
            came = ", ".join(str(array.shape) for array in saved.values())
            raise ValidationError(f"the saved {name}", f"shape ({expected})", f"shape {came}")
    return model


def _boxes_of(model: "BasicModel") -> Iterator[tuple[str, Any]]:
    yield from model.boxes().items()
    for member in model.submodels():
        yield from _boxes_of(member)


def _check_finite(name: str, box: object, array: AnyArray) -> None:
    """Raise if a state is not a number somewhere, or if weights are infinite.

    States may be infinite, such as the time since a spike that never came.
    """
    if array.dtype.kind != "f":
        return
    weights = isinstance(box, brainstate.ParamState)
    right = np.isfinite(array) if weights else ~np.isnan(array)
    if not right.all():
        expected = "finite numbers" if weights else "numbers"
        raise ValidationError(name, f"of {expected}", f"{array[~right].flat[0]} among them")


def _saved(tensors: dict[str, AnyArray], name: str) -> dict[str, AnyArray]:
    """Return the arrays of one box in a file, by the suffix that each adds to the box's name."""
    found = {
        key.removeprefix(name): array
        for key, array in tensors.items()
        if key == name or key.startswith(f"{name}.")
    }
    if not found:
        raise ValidationError(f"the saved {name}", "there", "none")
    return found


def _find_class(cls: "type[M]", name: str) -> "type[M]":
    # Only classes that are already defined are found: a file can name a class, not import one.
    known = [cls]
    for candidate in known:
        if candidate.__name__ == name:
            return candidate
        known.extend(candidate.__subclasses__())
    raise ValidationError(
        "path", f"a saved {cls.__name__}", f"a saved {name}", "Load it with its own class."
    )
