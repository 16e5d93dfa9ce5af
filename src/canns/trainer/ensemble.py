"""The result of training many members together."""

import copy
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

import jax

from canns._describe import describe, span
from canns._results import Result, decode, encode
from canns.errors import ValidationError
from canns.models.basic import BasicModel
from canns.models.training import Learnable, adapt, build_model, describe_model, put, tensors_of
from canns.trainer.members import position_of, series_of
from canns.typing import AnyArray

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray, Dataset

__all__ = ["Ensemble"]

_MODEL = "model."  # before the names of the model's arrays in a file


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble(Result):
    """The results of an ensemble.

    Args:
        weights: The weights of all members, an ``xarray.DataArray``: an axis for each
            hyperparameter and one for the seeds, before the axes of W; a tuple for weights in
            parts. NaN for members that diverged.
        memory: The variables of the rule, by name.
        sound: Whether the numbers of each member stayed finite and meaningful.
        model: The trained model, which :meth:`member` copies.
        rule: Name of the rule.
        learnt: Everything that was learnt, by the name of the model's box that keeps it, with one
            leading axis for the members.
        weight_names: Names of the boxes that hold weights.
    """

    weights: "DataArray | tuple[DataArray, ...]"
    memory: "dict[str, DataArray]"
    sound: "DataArray"
    model: Learnable
    rule: str
    learnt: dict[str, AnyArray]
    weight_names: tuple[str, ...]

    def __repr__(self) -> str:
        axes = ", ".join(f"{name} ({size})" for name, size in self.sound.sizes.items())
        failed = int((~self.sound.values).sum())
        return describe(
            self,
            model=type(self.model.subject).__name__,
            rule=self.rule,
            members=f"{self.sound.size}: {axes}" if axes else "1",
            diverged=failed or None,
            weights="; ".join(span(part.values) for part in self._parts()),
            memory=", ".join(self.memory),
        )

    def _parts(self) -> "list[DataArray]":
        return jax.tree.leaves(self.weights)

    @property
    def weight_norms(self) -> "DataArray":
        """Frobenius norm of the weights of each member, over all parts."""
        members = self.sound.dims
        squares = [
            (part**2).sum([dim for dim in part.dims if dim not in members], skipna=False)
            for part in self._parts()
        ]
        return sum(squares[1:], squares[0]) ** 0.5

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the norm of the weights against the first hyperparameter.

        The points are means over the seeds with Student's 95 % intervals, a colour for each
        combination of the other hyperparameters. Without hyperparameters, the norms by seed.
        """
        series, xlabel = series_of(self.weight_norms)
        config = config or pictures.PlotConfig(
            title=f"Members of an ensemble of {self.rule}", xlabel=xlabel, ylabel="Norm $|W|$"
        )
        points = {name: pictures.Series(*values) for name, values in series.items()}
        return pictures.measured_over_theory(points, {}, config, ax=ax)

    def to_xarray(self) -> "Dataset":
        """Return weights, memory and soundness, each with the axes of the members first."""
        from xarray import Dataset

        parts = self._parts()
        named = {"weights": parts[0]}
        if len(parts) > 1:  # parts of different shapes, so that their axes need names of their own
            for k, part in enumerate(parts):
                own = {dim: f"{dim}_{k}" for dim in part.dims if dim not in self.sound.dims}
                named[f"weights_{k}"] = part.rename(own)
            del named["weights"]
        return Dataset({**named, **self.memory, "sound": self.sound}, attrs={"rule": self.rule})

    def to_dataframe(self) -> "DataFrame":
        """Return a row for each member: whether it is sound, and the norm of its weights."""
        from xarray import Dataset

        table = Dataset({"sound": self.sound, "weight_norm": self.weight_norms})
        return (table if table.sizes else table.expand_dims("member")).to_dataframe()

    def _packed(self, tensors: dict[str, AnyArray]) -> dict[str, Any]:
        subject = self.model.subject
        if not isinstance(subject, BasicModel):
            expected = "a model of the library, or a subclass of one"
            raise ValidationError("model", expected, type(subject).__name__)
        tensors |= tensors_of(subject, _MODEL)
        fields = dict(self._fields_by_name()) | {"model": None}
        described = {name: encode(name, value, tensors) for name, value in fields.items()}
        return described | {"model": describe_model(subject)}

    @classmethod
    def _unpacked(cls, values: dict[str, Any], tensors: dict[str, AnyArray]) -> Self:
        model = build_model(BasicModel, values["model"], tensors, _MODEL, BasicModel)
        fields = {name: decode(value, tensors) for name, value in values.items() if name != "model"}
        return cls(model=adapt(model), **fields)

    def member(self, **choices: object) -> Any:
        """Return a copy of the model with what one member has learnt.

        Args:
            **choices: The coordinate on each axis, by name; optional on axes of length one.
        """
        chosen = position_of(self.sound, choices)
        model = copy.deepcopy(self.model)
        for name, leaf in self.learnt.items():
            put(model.locate(name), leaf[chosen], keep_type=name not in self.weight_names)
        return model.subject
