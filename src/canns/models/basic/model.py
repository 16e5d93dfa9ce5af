"""The base classes of every model and of every group of models."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self

from canns._attributes import Attributes, Finishing
from canns._brainstate import brainstate
from canns._describe import in_a_line, lines_of
from canns.errors import ValidationError
from canns.models.arguments import from_json, read_arguments
from canns.models.boxes import RuleMemory, RuleTrace, shape_in, states_of, write_to_box
from canns.models.facts import settings_of, weights_of
from canns.models.files import PathLike, read_model, write_model
from canns.typing import JSON, PyTree

__all__ = ["BasicModel", "BasicModelGroup"]


_Node: Any = type(brainstate.nn.Module)


class _ModelMeta(Finishing, _Node):  # type: ignore[misc]
    """Metaclass of models: brainstate's, and the one that notices when a model is built."""


class BasicModel(Attributes, brainstate.nn.Module, metaclass=_ModelMeta):  # type: ignore[metaclass]
    """A model that holds its states in boxes, pickles, and saves to a safetensors file.

    Setting a mistyped attribute raises :class:`~canns.errors.UnknownAttributeError`.

    Args:
        name: Name of the model.
    """

    _unlisted: ClassVar[tuple[str, ...]] = (
        "adopt",
        "adopted",
        "boxes",
        "forget",
        "from_config",
        "graph_invisible_attrs",
        "shapes",
        "submodels",
    )
    _kept_as: ClassVar[dict[str, str]] = {}  # attributes of arguments with another name
    graph_invisible_attrs = ("_finished",)

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(name=name)  # type: ignore[call-arg]

    if not TYPE_CHECKING:  # else type checkers would let every attribute be set

        def __setattr__(self, name, value):
            # `model.W = array` writes the array to the box W.
            if not write_to_box(self, name, value):
                super().__setattr__(name, value)

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        made: Self = super().__deepcopy__(memo)
        made._finish()
        return made

    def _finish(self) -> None:
        super()._finish()
        for model in self.submodels():
            model._finish()

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), "name"})

    def __repr__(self) -> str:
        name = vars(self).get("_name")
        try:
            facts = self._facts()
        except Exception:  # the constructor has not finished, so attributes are missing
            facts = {}
        return lines_of(type(self).__name__ + (f" {name!r}" if name else ""), facts)

    def _facts(self) -> dict[str, str]:
        """Return the lines of ``repr`` by title; lines of "" are left out."""
        states = ", ".join(name for name in vars(self) if name in self.boxes())
        return {"states": states, "settings": self._settings()}

    def _settings(self, *but: str) -> str:
        """Return the settings that differ from the defaults, except those named in ``but``."""
        return settings_of(self, self._kept_as, but=but)

    def _weights(self, attribute: str) -> str:
        """Return the size and the range of the weights, without building them."""
        return weights_of(self, attribute)

    def config(self) -> dict[str, JSON]:
        """Return the constructor arguments that build a model like this one, as JSON values.

        They are read from the attributes of the same names, so a subclass that assigns its
        arguments to such attributes can be saved and loaded without more code.

        Raises:
            NotImplementedError: If an argument has no attribute, or is not a JSON value.
        """
        return read_arguments(self, self._kept_as)

    @classmethod
    def from_config(cls, config: dict[str, JSON], *members: object, **options: Any) -> Self:
        """Return the model that :meth:`config` described.

        Args:
            config: What :meth:`config` returned.
            *members: The members, if the model is a group.
            **options: Other constructor arguments, such as ``name``.
        """
        arguments: dict[str, Any] = {name: from_json(value) for name, value in config.items()}
        return cls(*members, **arguments, **options)

    def boxes(self) -> dict[str, brainstate.State[PyTree]]:
        """Return the model's own states by attribute name."""
        return states_of(self)

    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape that a file must have for each box; None stands for any length."""
        return {name: shape_in(box) for name, box in self.boxes().items()}

    def adopt(self, attribute: str, value: PyTree, *, trace: bool) -> None:
        """Add a box for a variable of a learning rule.

        Args:
            attribute: Name of the box.
            value: The first value.
            trace: True for a variable that decays with activity and is dropped when the model is
                reset; False for one that stays, as weights do.
        """
        vars(self)[attribute] = (RuleTrace if trace else RuleMemory)(value)

    def adopted(self) -> dict[str, bool]:
        """Return the names of the boxes that rules added, and whether each is a trace."""
        return {
            name: isinstance(box, RuleTrace)
            for name, box in self.boxes().items()
            if isinstance(box, RuleTrace | RuleMemory)
        }

    def forget(self, *, traces_only: bool) -> None:
        """Drop the boxes that rules added, or only the traces; rules then start from rest."""
        for attribute, trace in self.adopted().items():
            if trace or not traces_only:
                delattr(self, attribute)

    def submodels(self) -> "tuple[BasicModel, ...]":
        """Return the models that this model consists of."""
        return ()

    def save(self, path: PathLike) -> None:
        """Write states and constructor arguments to a safetensors file.

        Args:
            path: The file; an existing one is replaced completely or not at all.

        Raises:
            NotImplementedError: If :meth:`config` cannot describe the model.
        """
        write_model(self, path)

    @classmethod
    def load(cls, path: PathLike) -> Self:
        """Return the model that :meth:`save` wrote to ``path``.

        Args:
            path: The file.

        Raises:
            ValidationError: If the file is missing, was not written by :meth:`save`, or holds a
                model that is not a ``cls``.
        """
        return read_model(cls, path, BasicModel)


class BasicModelGroup(BasicModel):
    """A group of models, indexed by position or name.

    Args:
        *models: The members.
        name: Name of the group.

    Attributes:
        member_type: The class of the members.
    """

    member_type: ClassVar[type[BasicModel]] = BasicModel

    def __init__(self, *models: BasicModel, name: str | None = None) -> None:
        super().__init__(name=name)
        for i, model in enumerate(models):
            if not isinstance(model, self.member_type):
                expected = f"a {self.member_type.__name__}"
                raise ValidationError(f"models[{i}]", expected, type(model).__name__)
        if len(set(map(id, models))) < len(models):
            raise ValidationError("models", "different models", "the same one twice")
        self.members: tuple[BasicModel, ...] = models
        if len(set(self.names)) < len(models):
            raise ValidationError("models", "named differently", str(list(self.names)))

    def submodels(self) -> tuple[BasicModel, ...]:
        """Return the members."""
        return self.members

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members; a member without a name has its class and position."""
        return tuple(m.name or f"{type(m).__name__}_{i}" for i, m in enumerate(self.members))

    def _facts(self) -> dict[str, str]:
        listed = zip(self.names, self.members, strict=True)
        return {"members": str(len(self.members))} | {name: in_a_line(m) for name, m in listed}

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[BasicModel]:
        return iter(self.members)

    def __getitem__(self, index: int | str) -> BasicModel:
        """Return the member at a position or of a name."""
        if isinstance(index, str):
            if index not in self.names:
                raise KeyError(f"no member {index!r}; there are {', '.join(self.names)}")
            index = self.names.index(index)
        return self.members[index]
