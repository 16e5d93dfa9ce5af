"""A model's constructor arguments, read from its attributes as JSON values and back."""

import dataclasses
from typing import TYPE_CHECKING

import jax
import numpy as np

from canns._attributes import arguments_of
from canns.dynamics import Lagrangian, LagrangianLayer, Neuron
from canns.errors import ValidationError
from canns.typing import JSON, Parameters

if TYPE_CHECKING:
    from canns.models.basic.model import BasicModel

__all__ = ["as_json", "from_json", "read_arguments"]


def read_arguments(
    model: "BasicModel", kept_as: dict[str, str], *, but: tuple[str, ...] = ()
) -> dict[str, JSON]:
    """Return the constructor arguments that build a model like this one.

    Args:
        model: The model; its ``name`` and ``*members`` are left out.
        kept_as: For arguments that are not held by the attribute of the same name: the attribute,
            by the name of the argument.
        but: Arguments to leave out.

    Raises:
        NotImplementedError: If an attribute is missing or does not hold a JSON value.
    """
    cls = type(model)
    values = {}
    for argument in arguments_of(cls):
        if argument in ("name", *but):
            continue
        try:
            values[argument] = as_json(getattr(model, kept_as.get(argument, argument)))
        except AttributeError as error:
            raise NotImplementedError(
                f"{cls.__name__} does not define config(), and has no attribute {argument!r} that "
                f"holds its constructor argument {argument!r}. Keep it in __init__, by "
                f"self.{argument} = {argument}, or define config()."
            ) from error
        except TypeError as error:
            raise NotImplementedError(
                f"{cls.__name__} does not define config(), and its attribute {argument!r} is "
                f"{error}, which a file cannot hold. Define config() and from_config()."
            ) from error
    return values


def as_json(value: object) -> JSON:
    """Return a hyperparameter as a JSON value; a neuron or layer as its class and fields.

    Raises:
        TypeError: If the value has no JSON form; the message names its type.
    """
    if isinstance(value, str | bool | int | float | None):
        return value
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        listed: JSON = np.asarray(value).tolist()
        return listed
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    if isinstance(value, dict):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, Parameters):
        fields = dataclasses.fields(value)  # type: ignore[arg-type]
        parts = {field.name: as_json(getattr(value, field.name)) for field in fields}
        return {"class": type(value).__name__, **parts}
    raise TypeError(f"a {type(value).__name__}")


def from_json(value: JSON) -> object:
    """Return the hyperparameter that :func:`as_json` described; an array comes back as a list."""
    if isinstance(value, dict) and "class" in value:
        return _rebuilt(value)
    if isinstance(value, list) and value and all(map(_has_class, value)):
        return [_rebuilt(part) for part in value]
    return value


def _has_class(value: JSON) -> bool:
    return isinstance(value, dict) and "class" in value


def _rebuilt(value: JSON) -> object:
    """Return a neuron or layer, or a field of one; only classes that are defined are found."""
    if isinstance(value, list):
        return np.asarray(value)
    if not isinstance(value, dict):
        return value
    known: list[type[Parameters]] = [Neuron, Lagrangian, LagrangianLayer]
    for candidate in known:
        if candidate.__name__ == value["class"]:
            return candidate(**{name: _rebuilt(v) for name, v in value.items() if name != "class"})
        known.extend(candidate.__subclasses__())
    raise ValidationError("path", "a layer of known neurons", f"one of {value['class']}")
