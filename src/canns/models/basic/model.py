"""Roots of the model classes: what every model, and every group of models, can do."""

import inspect
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from canns._brainstate import brainstate
from canns.errors import ValidationError
from canns.models.boxes import RuleMemory, RuleTrace, shape_in, states_of, write_to_box
from canns.models.files import PathLike, read_model, write_model

__all__ = ["BasicModel", "BasicModelGroup"]


class BasicModel(brainstate.nn.Module):
    """A model that holds its states in boxes, pickles, and saves to a safetensors file.

    Args:
        name: A name to tell it by.
    """

    __signature__: ClassVar[inspect.Signature]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # brainstate's metaclass hides the constructor's arguments from help() and editors.
        own = inspect.signature(cls.__init__)
        cls.__signature__ = own.replace(parameters=[*own.parameters.values()][1:])

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(name=name)  # type: ignore[call-arg]

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; an array that is assigned to a state is written to it."""
        if not write_to_box(self, name, value):
            super().__setattr__(name, value)

    def config(self) -> dict[str, Any]:
        """Return the constructor arguments that build a model like this one.

        Raises:
            NotImplementedError: Where the class does not say; then it cannot be saved.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not define config(); return from it the constructor "
            "arguments, as JSON values, to make the model saveable."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any], *members: Any, **options: Any) -> Self:
        """Return a model of what :meth:`config` returned, its members and other options."""
        return cls(*members, **config, **options)

    def boxes(self) -> dict[str, brainstate.State[Any]]:
        """Return the model's own states by attribute name."""
        return states_of(self)

    def shapes(self) -> dict[str, tuple[int | None, ...]]:
        """Return the shape that each box may take when a file is loaded; None is any length."""
        return {name: shape_in(box) for name, box in self.boxes().items()}

    def adopt(self, attribute: str, value: Any, *, trace: bool) -> None:
        """Hold in a new box what a learning rule remembers.

        Args:
            attribute: Name of the box.
            value: What it starts from.
            trace: True for what passes with activity, and is forgotten where the model is put to
                rest; False for what stays, as weights do.
        """
        setattr(self, attribute, (RuleTrace if trace else RuleMemory)(value))

    def adopted(self) -> dict[str, bool]:
        """Return the names of the boxes that rules brought, with whether each is a trace."""
        return {
            name: isinstance(box, RuleTrace)
            for name, box in self.boxes().items()
            if isinstance(box, RuleTrace | RuleMemory)
        }

    def forget(self, *, traces_only: bool) -> None:
        """Drop what learning rules remember, or their traces only: they then start from rest."""
        for attribute, trace in self.adopted().items():
            if trace or not traces_only:
                delattr(self, attribute)

    def submodels(self) -> "tuple[BasicModel, ...]":
        """Return the models that this one is made of."""
        return ()

    def save(self, path: PathLike) -> None:
        """Write states and constructor arguments to a safetensors file.

        Args:
            path: The file; one that exists is replaced at once or not at all.

        Raises:
            NotImplementedError: Where the class does not define :meth:`config`.
        """
        write_model(self, path)

    @classmethod
    def load(cls, path: PathLike) -> Self:
        """Return the model that :meth:`save` wrote to ``path``.

        Args:
            path: The file.

        Raises:
            ValidationError: Where the file is missing, is not such a file, or holds a model
                that is not a ``cls``.
        """
        return read_model(cls, path, BasicModel)


class BasicModelGroup(BasicModel):
    """Models held together, by position and by name.

    Args:
        *models: The members.
        name: A name for the group.

    Attributes:
        member_type: What every member must be.
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
        """Names of the members: their own, or class and position."""
        return tuple(m.name or f"{type(m).__name__}_{i}" for i, m in enumerate(self.members))

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

    def config(self) -> dict[str, Any]:
        """Return nothing: the file of a group holds its members instead."""
        return {}
