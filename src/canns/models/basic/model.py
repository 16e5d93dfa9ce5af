"""The base classes of every model and of every group of models."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from canns._attributes import Attributes, Finishing
from canns._brainstate import brainstate
from canns._describe import in_a_line, lines_of
from canns._tensors import PathLike
from canns._validation import check_flag, refuse_class
from canns.errors import ValidationError
from canns.models.arguments import from_json, read_arguments
from canns.models.boxes import RuleMemory, RuleTrace, shape_in, states_of, write_to_box
from canns.models.facts import settings_of, weights_of
from canns.models.files import read_model, write_model
from canns.typing import JSON, AnyArray, PyTree

__all__ = ["BasicModel", "BasicModelGroup"]


_NAMES = "member_names"  # in the config of a group
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
    #: How to train a model that the trainers of layers and recurrent networks would train wrongly.
    _own_trainers: ClassVar[str | None] = None
    graph_invisible_attrs = ("_finished",)

    def __init__(self, *, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise ValidationError("name", "a word or None", repr(name))
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
        if not isinstance(config, Mapping):
            raise ValidationError("config", "a mapping of arguments", repr(config))
        arguments: dict[str, Any] = {name: from_json(value) for name, value in config.items()}
        return cls(*members, **arguments, **options)

    def _header(self) -> dict[str, JSON]:
        """Return what a file has to say of the model besides its arrays."""
        return self.config()

    @classmethod
    def _arguments_in(
        cls, config: dict[str, JSON], arrays: dict[str, AnyArray]
    ) -> dict[str, object]:
        """Return the constructor arguments that a file has among its arrays, not in the header."""
        return {}

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
        kept = RuleTrace if check_flag("trace", trace) else RuleMemory
        vars(self)[attribute] = kept(value)

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

    A model that is assigned to an attribute, ``self.a = model``, joins the group under that name.
    An attribute whose name begins with an underscore is an ordinary one.

    Args:
        *models: The members.
        name: Name of the group.
        **named: More members, by the names that they have in the group.

    Attributes:
        member_type: The class of the members.
    """

    member_type: ClassVar[type[BasicModel]] = BasicModel

    def __init__(self, *models: BasicModel, name: str | None = None, **named: BasicModel) -> None:
        super().__init__(name=name)
        self._keys: tuple[str | None, ...] = ()  # names that belong to the group, not to a member
        self.members: tuple[BasicModel, ...] = ()
        for i, model in enumerate(models):
            self._join(f"models[{i}]", model, None)
        for key, model in named.items():
            self._join(key, model, key)

    def _join(self, argument: str, model: BasicModel, key: str | None) -> None:
        """Add a member, or replace the one under the same name."""
        if not isinstance(model, self.member_type):
            expected = f"a {self.member_type.__name__}"
            refuse_class(argument, expected, model)
            got = type(model).__name__
            remedy = "A group has models only; keep other things in attributes such as _name."
            raise ValidationError(argument, expected, got, remedy)
        if key is not None and (key.startswith("_") or hasattr(type(self), key)):
            expected = "free for a member, which an underscore or an attribute's name is not"
            raise ValidationError("the name of a member", expected, repr(key))
        members, keys = [*self.members], [*self._keys]
        if key is not None and key in self.names:
            members[self.names.index(key)] = model
        else:
            members.append(model)
            keys.append(key)
        self._check_members(members, _named(members, keys))
        self.members, self._keys = tuple(members), tuple(keys)

    def _check_members(self, members: Sequence[Any], names: Sequence[str]) -> None:
        """Raise if these models cannot be the members, under these names."""
        if len(set(map(id, members))) < len(members):
            raise ValidationError("models", "different models", "the same one twice")
        if len(set(names)) < len(names):
            raise ValidationError("models", "named differently", str(list(names)))

    def config(self) -> dict[str, JSON]:
        """Return the constructor arguments as JSON values, and the names of named members."""
        config = super().config()
        if any(self._keys):
            config[_NAMES] = list(self._keys)
        return config

    @classmethod
    def from_config(cls, config: dict[str, JSON], *members: Any, **options: Any) -> Self:
        """Return the group that :meth:`config` described, with these members.

        A subclass whose constructor makes the members itself gets these in their place.
        """
        if not isinstance(config, Mapping):
            raise ValidationError("config", "a mapping of arguments", repr(config))
        arguments = {name: value for name, value in config.items() if name != _NAMES}
        kinds = {parameter.kind for parameter in cls.__signature__.parameters.values()}
        takes = inspect.Parameter.VAR_POSITIONAL in kinds
        made = super().from_config(arguments, *(members if takes else ()), **options)
        if len(made.members) != len(members):
            got = f"{len(made.members)}"
            raise ValidationError("the members", f"{len(members)}, as in the file", got)
        made.members = members
        if _NAMES in config:
            keys: Any = config[_NAMES]
            made._keys = tuple(keys)
        return made

    if not TYPE_CHECKING:

        def __setattr__(self, name, value):
            if isinstance(value, BasicModel) and not name.startswith("_"):
                if "members" not in vars(self):
                    remedy = "Call super().__init__() before you assign members."
                    raise ValidationError(name, "assigned to a made group", "one unmade", remedy)
                self._join(name, value, name)
            else:
                super().__setattr__(name, value)

        def __getattr__(self, name):
            if not name.startswith("_") and "members" in vars(self) and name in self.names:
                return self[name]
            return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *filter(None, self._keys)})

    def submodels(self) -> tuple[BasicModel, ...]:
        """Return the members."""
        return self.members

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the members: the group's, or their own, or their class and position."""
        return _named(self.members, self._keys)

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


def _named(members: Sequence[BasicModel], keys: Sequence[str | None]) -> tuple[str, ...]:
    own = enumerate(zip(members, keys, strict=True))
    return tuple(key or m.name or f"{type(m).__name__}_{i}" for i, (m, key) in own)
