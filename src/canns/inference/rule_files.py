"""Rules as JSON, so that a result can be saved with the rule that it found."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from canns.errors import ValidationError
from canns.plasticity import MLPWeights
from canns.typing import JSON, Parameters

__all__ = ["pack", "unpack"]


def pack(node: Any) -> JSON:
    """Return a rule, with all inside it, as JSON."""
    if node is None or isinstance(node, bool | int | float | str):
        return node
    if isinstance(node, MLPWeights):
        return {"class": "MLPWeights", "fields": {k: pack(v) for k, v in node._asdict().items()}}
    if isinstance(node, tuple):
        return {"tuple": [pack(each) for each in node]}
    if dataclasses.is_dataclass(node):
        names = [field.name for field in dataclasses.fields(node)]
        fields = {name: pack(getattr(node, name)) for name in names}
        return {"class": type(node).__name__, "fields": fields}
    array = np.asarray(node)
    return {"array": array.tolist(), "shape": [*array.shape]}


def unpack(node: Any) -> Any:
    """Return the rule of which :func:`pack` made JSON.

    Raises:
        ValidationError: If the class of a rule is not known.
    """
    if not isinstance(node, dict):
        return node
    if "tuple" in node:
        return tuple(map(unpack, node["tuple"]))
    if "array" in node:
        return np.asarray(node["array"], float).reshape(node["shape"])
    fields = {name: unpack(value) for name, value in node["fields"].items()}
    if node["class"] == "MLPWeights":
        return MLPWeights(**fields)
    known = {each.__name__: each for each in _subclasses(Parameters)}
    if node["class"] not in known:
        remedy = "Import the module that defines it."
        raise ValidationError("path", "a result of a known rule", node["class"], remedy)
    return known[node["class"]](**fields)


def _subclasses(kind: type[Parameters]) -> Iterator[type[Parameters]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)
