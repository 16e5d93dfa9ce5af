"""Rules and protocols as JSON, so that a result can be saved with what it found."""

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np

from canns._results import Result, decode, encode
from canns.errors import ValidationError
from canns.inference.protocols import Protocol
from canns.plasticity import MLPWeights
from canns.typing import JSON, AnyArray, Parameters

__all__ = ["RuleResult", "pack", "unpack"]


class RuleResult(Result):
    """A result that holds rules, which are written by their classes and numbers."""

    # The fields that are, or hold, rules or protocols.
    packed: ClassVar[tuple[str, ...]] = ("rule",)

    def _packed(self, tensors: dict[str, AnyArray]) -> dict[str, Any]:
        """Return the fields as JSON; arrays are put among the tensors."""
        return {
            name: pack(value) if name in self.packed else encode(name, value, tensors)
            for name, value in self._fields_by_name()
        }

    @classmethod
    def _unpacked(cls, values: dict[str, Any], tensors: dict[str, AnyArray]) -> Self:
        """Return the result of which :meth:`_packed` gave the fields and tensors."""
        return cls(
            **{
                name: unpack(value) if name in cls.packed else decode(value, tensors)
                for name, value in values.items()
            }
        )


def pack(node: Any) -> JSON:
    """Return a rule or protocol, or a tuple of them, with all inside it, as JSON."""
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
    """Return that of which :func:`pack` made JSON.

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
    known: dict[str, Any] = {each.__name__: each for each in _subclasses(Parameters)}
    known["Protocol"] = Protocol
    if node["class"] not in known:
        remedy = "Import the module that defines it."
        raise ValidationError("path", "a result of a known rule", node["class"], remedy)
    return known[node["class"]](**fields)


def _subclasses(kind: type[Parameters]) -> Iterator[type[Parameters]]:
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)
