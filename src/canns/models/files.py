"""Models on disk: a safetensors file of states, with the constructor arguments in its header."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from canns._version import __version__
from canns.errors import ValidationError
from canns.models.boxes import arrays_of, restore
from canns.typing import JSON, AnyArray

if TYPE_CHECKING:
    from canns.models.basic.model import BasicModel

    M = TypeVar("M", bound=BasicModel)

__all__ = ["PathLike", "read_model", "read_tensors", "write_model", "write_tensors"]

PathLike = str | os.PathLike[str]
_FORMAT = "canns-model-1"


def write_model(model: "BasicModel", path: PathLike) -> None:
    """Write ``model`` to ``path``."""
    tensors = dict(_tensors(model))
    header = {"format": _FORMAT, "version": __version__, "model": json.dumps(_describe(model))}
    write_tensors(path, tensors, header)


def write_tensors(path: PathLike, tensors: dict[str, AnyArray], header: dict[str, str]) -> None:
    """Write arrays and a header to ``path``; a file there is replaced at once or not at all."""
    target = Path(path)
    if not target.parent.is_dir():
        raise ValidationError("path", "in an existing folder", repr(str(path)))
    part = target.with_name(f"{target.name}.part")
    save_file(tensors, part, metadata=header)
    part.replace(target)


def read_tensors(path: PathLike) -> tuple[dict[str, str], dict[str, AnyArray]]:
    """Return the header and the arrays in ``path``."""
    if not Path(path).is_file():
        raise ValidationError("path", "an existing file", repr(str(path)))
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return file.metadata() or {}, tensors
    except SafetensorError as error:
        raise ValidationError("path", "a safetensors file", f"{path}: {error}") from error


def _describe(model: "BasicModel") -> dict[str, JSON]:
    return {
        "class": type(model).__name__,
        "config": model.config(),
        "name": model.name,
        "adopted": model.adopted(),
        "members": [_describe(member) for member in model.submodels()],
    }


def _tensors(model: "BasicModel", prefix: str = "") -> Iterator[tuple[str, AnyArray]]:
    for name, box in model.boxes().items():
        for part, array in arrays_of(box).items():
            yield f"{prefix}{name}{part}", array
    for i, member in enumerate(model.submodels()):
        yield from _tensors(member, f"{prefix}{i}.")


def read_model(cls: "type[M]", path: PathLike, root: "type[BasicModel]") -> "M":
    """Return the model in ``path``, which must be a ``cls``; its members may be any ``root``."""
    header, tensors = read_tensors(path)
    if header.get("format") != _FORMAT or "model" not in header:
        raise ValidationError("path", "a file that save() wrote", f"another file, {path}")
    return _build(cls, json.loads(header["model"]), tensors, "", root)


def _build(
    cls: "type[M]",
    description: dict[str, Any],
    tensors: dict[str, AnyArray],
    prefix: str,
    root: "type[BasicModel]",
) -> "M":
    model_class = _find_class(cls, description["class"])
    members = [
        _build(root, member, tensors, f"{prefix}{i}.", root)
        for i, member in enumerate(description["members"])
    ]
    named = {} if description["name"] is None else {"name": description["name"]}
    model = model_class.from_config(description["config"], *members, **named)
    for attribute, trace in description["adopted"].items():
        model.adopt(attribute, _saved(tensors, prefix + attribute)[""], trace=trace)
    shapes = model.shapes()
    for name, box in model.boxes().items():
        saved = _saved(tensors, prefix + name)
        if not restore(box, saved, shapes[name]):
            expected = ", ".join("any" if n is None else str(n) for n in shapes[name])
            came = ", ".join(str(array.shape) for array in saved.values())
            raise ValidationError(f"the saved {name}", f"shape ({expected})", f"shape {came}")
    return model


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
