"""Lookup of the state boxes of any model, and their restoration after an error."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from threading import get_ident
from typing import ParamSpec, Protocol, TypeAlias, TypeVar, runtime_checkable

import jax.numpy as jnp
import numpy as np

from canns import _forks
from canns._placement import host
from canns.errors import MissingStateError, ValidationError
from canns.models.basic import BasicModelGroup
from canns.models.boxes import Box
from canns.models.brain_inspired.coupling_box import patterns_in
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.typing import PyTree, StateBox

__all__ = [
    "all_or_nothing",
    "box_of",
    "can_resize",
    "find_box",
    "is_blank",
    "overrides",
    "put",
    "shape_of",
    "state_box",
    "unchanged",
    "unchanged_on_error",
    "weight_name",
    "write_together",
]

P = ParamSpec("P")
R = TypeVar("R")
_Snapshot: TypeAlias = tuple[object, dict[str, object], list[tuple[StateBox, PyTree]]]
# The library's class first: a check against a protocol takes a hundred times as long.
_BOX = Box, StateBox
# The thread that trains a model, or recalls by its own update, by the model's id. A second thread
# would compute from the same start, and one result would undo the other.
_owners: dict[int, int] = {}


@runtime_checkable
class NamesWeights(Protocol):
    """A model that names the attribute of its weights."""

    weight_attr: str


@runtime_checkable
class NamesState(Protocol):
    """A recurrent model that names the attribute of its state."""

    predict_state_attr: str


@runtime_checkable
class SupportsResize(Protocol):
    """A recurrent model that can change its number of neurons."""

    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons."""


def can_resize(model: object) -> bool:
    """Whether ``model`` has a ``resize`` that is more than the hook of the base class."""
    if isinstance(model, BrainInspiredModel):
        return overrides(model, BrainInspiredModel, "resize")
    return isinstance(model, SupportsResize)


def state_box(model: object, asked: str | None, needed_by: str) -> StateBox:
    """Return the state box under ``asked``; if that is None, under the model's own name, or "s"."""
    if isinstance(model, BrainInspiredModel):
        box = getattr(model, asked or model.predict_state_attr, None)
        if isinstance(box, Box):
            return box
    if asked:
        return box_of(model, asked, needed_by)
    if isinstance(model, BrainInspiredModel | NamesState):
        return box_of(model, model.predict_state_attr, needed_by)
    remedy = "Name another in its predict_state_attr, or give state_attr."
    return box_of(model, BrainInspiredModel.predict_state_attr, needed_by, remedy)


def box_of(model: object, attribute: str, needed_by: str, remedy: str = "") -> StateBox:
    """Return the state box of ``model`` under ``attribute``, or raise.

    Args:
        model: The model.
        attribute: Name of the box.
        needed_by: Name of the caller, for the error message.
        remedy: A sentence to end the error message with.
    """
    box = find_box(model, attribute)
    if box is not None:
        return box
    held = ", ".join(
        name for name, box in getattr(model, "__dict__", {}).items() if isinstance(box, _BOX)
    )
    raise MissingStateError(
        f"{needed_by} needs the state `{attribute}`; {type(model).__name__} has "
        f"{held or 'no state with a .value'}. {remedy}".rstrip()
    )


def find_box(model: object, attribute: str) -> StateBox | None:
    """Return the state box of ``model`` under ``attribute``, or None; properties count too."""
    box = getattr(model, attribute, None)
    return box if isinstance(box, _BOX) else None


def put(box: StateBox, value: object, keep_type: bool = True) -> None:
    """Write ``value`` to ``box``; a box of a NumPy array stays one.

    Args:
        box: The box.
        value: The value.
        keep_type: Keep the dtype of the NumPy array. False for weights: integers could not hold
            what was learnt.
    """
    held = None if isinstance(box, Box) else box.value
    if isinstance(held, np.ndarray):
        whole = held.dtype.kind in "biu" and not keep_type
        value = np.array(value, None if whole else held.dtype)
    box.value = value


def write_together(pairs: Sequence[tuple[StateBox, object]]) -> None:
    """Write a value to each box, or to none if Ctrl-C comes between two of them."""
    before = [(box, box.snapshot() if isinstance(box, Box) else box.value) for box, _ in pairs]
    try:
        for box, value in pairs:
            box.value = value
    except BaseException:
        _rewind(before)
        raise


def weight_name(model: object, asked: str | None) -> str:
    """Return the name of the weights attribute.

    Any name but the default "W" is returned as it is. None, or "W" on a model without a ``W``,
    gives the model's own ``weight_attr``.
    """
    if asked not in (None, "W"):
        return str(asked)
    default = asked is None or find_box(model, "W") is None
    if default and isinstance(model, BrainInspiredModel | NamesWeights):
        return model.weight_attr
    return "W"


def shape_of(box: StateBox) -> tuple[int, ...]:
    """Return the shape of a box's value, without building a matrix."""
    return box.shape if isinstance(box, Box) else jnp.shape(box.value)


def is_blank(box: StateBox) -> bool:
    """Whether all weights in a box are 0; a matrix made of patterns is not built."""
    stored = patterns_in(box)
    if stored is None:
        return not np.any(host(box.value))
    return stored.row_norms is not None and not np.any(host(stored.row_norms))


def overrides(model: object, base: type, method: str) -> bool:
    """Whether the class of ``model``, a subclass of ``base``, overrides ``method``."""
    return getattr(type(model), method) is not getattr(base, method)


@contextmanager
def unchanged_on_error(*models: object) -> Iterator[None]:
    """Restore the attributes and boxes of the models if the block raises.

    Raises:
        ValidationError: If another thread is in such a block with one of the models.
    """
    mine = list[int]()
    try:
        before = _snapshots(models, mine)
        try:
            yield
        except BaseException:
            _restore(before)
            raise
    finally:
        for key in mine:
            if _owners.get(key) == get_ident():
                del _owners[key]


def all_or_nothing(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method restore its model if it raises, be it by Ctrl-C between two of its writes."""

    @wraps(method)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        with unchanged_on_error(args[0]):
            return method(*args, **kwargs)

    return whole


@contextmanager
def unchanged(*models: object) -> Iterator[None]:
    """Restore the attributes and boxes of the models after the block."""
    mine = list[int]()
    try:
        before = _snapshots(models, mine)
        try:
            yield
        finally:
            _restore(before)
    finally:
        for key in mine:
            if _owners.get(key) == get_ident():
                del _owners[key]


def _snapshots(models: tuple[object, ...], mine: list[int]) -> list[_Snapshot]:
    """Return what the models hold, and add those to ``mine`` that this thread now owns."""
    if _forks.forked:
        _forks.refuse_fork()
    parts, before, me = [*models], list[_Snapshot](), get_ident()
    for model in parts:  # which grows by the members of groups and stacks
        key = id(model)
        if _owners.get(key) != me:  # else it is in an outer block of this thread
            mine.append(key)
        if _owners.setdefault(key, me) != me:  # one operation, which no thread can interrupt
            raise _shared(model)
        if isinstance(model, BasicModelGroup):
            parts += model.submodels()
        attributes, boxes = dict(vars(model)), list[tuple[StateBox, PyTree]]()
        for box in attributes.values():
            # Box first: the protocol check reads `.value`, which would make a coupling box build W.
            if isinstance(box, Box):
                boxes.append((box, box.snapshot()))
            elif hasattr(box, "value"):  # a StateBox; the protocol check takes ten times as long
                value = box.value
                # A copy, because the model may write to a NumPy array in place.
                boxes.append((box, np.array(value) if isinstance(value, np.ndarray) else value))
        before.append((model, attributes, boxes))
    return before


def _shared(model: object) -> ValidationError:
    expected = "used by one thread at a time"
    got = f"a {type(model).__name__} that another thread trains, or recalls with"
    remedy = "Wait for it, or give each thread a copy, by copy.deepcopy."
    return ValidationError("model", expected, got, remedy)


def _restore(before: list[_Snapshot]) -> None:
    try:
        _write_back(before)
    except BaseException:  # Ctrl-C while all is restored: it waits until that is done
        _write_back(before)
        raise


def _write_back(before: list[_Snapshot]) -> None:
    for model, attributes, boxes in before:
        vars(model).clear()
        vars(model).update(attributes)
        _rewind(boxes)


def _rewind(before: Sequence[tuple[StateBox, PyTree]]) -> None:
    for box, value in before:
        if isinstance(box, Box):
            box.rewind(value)
        else:
            box.value = value
