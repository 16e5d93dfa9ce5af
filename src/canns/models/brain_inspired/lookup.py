"""Finding the state boxes of any model, and putting them back if something fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np

from canns.errors import MissingStateError
from canns.models.basic import BasicModelGroup
from canns.models.boxes import Box
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.typing import StateBox

__all__ = [
    "box_of",
    "find_box",
    "overrides",
    "put",
    "shape_of",
    "state_box",
    "unchanged_on_error",
    "weight_name",
]

# The library's own first: to look an object over for a protocol takes a hundred times as long.
_BOX = Box, StateBox


@runtime_checkable
class NamesWeights(Protocol):
    """A model that says under which attribute its weights are."""

    weight_attr: str


@runtime_checkable
class NamesState(Protocol):
    """A recurrent model that says under which attribute its state is."""

    predict_state_attr: str


def state_box(model: Any, asked: str | None, needed_by: str) -> StateBox:
    """Return the state box: the one asked for, or the model's own choice."""
    if isinstance(model, BrainInspiredModel):
        box = getattr(model, asked or model.predict_state_attr, None)
        if isinstance(box, Box):
            return box
    if asked is None and not isinstance(model, BrainInspiredModel | NamesState):
        raise MissingStateError(
            f"{needed_by} needs the state under `predict_state_attr`, which "
            f"{type(model).__name__} does not name. Name it, or give state_attr."
        )
    return box_of(model, asked or model.predict_state_attr, needed_by)


def box_of(model: Any, attribute: str, needed_by: str, remedy: str = "") -> StateBox:
    """Return the state box of ``model`` under ``attribute``, or say who misses it and why."""
    box = find_box(model, attribute)
    if box is not None:
        return box
    held = ", ".join(name for name, box in vars(model).items() if isinstance(box, _BOX))
    raise MissingStateError(
        f"{needed_by} needs the state `{attribute}`; {type(model).__name__} has "
        f"{held or 'no state with a .value'}. {remedy}".rstrip()
    )


def find_box(model: Any, attribute: str) -> StateBox | None:
    """Return the state box of ``model`` under ``attribute``, a property included, or None."""
    box = getattr(model, attribute, None)
    return box if isinstance(box, _BOX) else None


def put(box: StateBox, value: Any, keep_type: bool = True) -> None:
    """Write ``value`` to ``box``; a NumPy array stays one.

    Args:
        box: The box.
        value: The value.
        keep_type: Keep the array's type of numbers; False for weights of whole numbers, which
            could not hold what was learnt.
    """
    held = None if isinstance(box, Box) else box.value
    if isinstance(held, np.ndarray):
        whole = held.dtype.kind in "biu" and not keep_type
        value = np.array(value, None if whole else held.dtype)
    box.value = value


def weight_name(model: Any, asked: str | None) -> str:
    """Return the attribute with the weights.

    A name other than the default "W" is taken at its word. The default, or None, gives way to
    the model's own ``weight_attr``.
    """
    if asked not in (None, "W"):
        return str(asked)
    default = asked is None or find_box(model, "W") is None
    if default and isinstance(model, BrainInspiredModel | NamesWeights):
        return model.weight_attr
    return "W"


def shape_of(box: StateBox) -> tuple[int, ...]:
    """Return the shape of what a box holds, without having it built."""
    return box.shape if isinstance(box, Box) else jnp.shape(box.value)


def overrides(model: Any, base: type, method: str) -> bool:
    """Whether the class of ``model``, a ``base``, has a ``method`` of its own."""
    return getattr(type(model), method) is not getattr(base, method)


@contextmanager
def unchanged_on_error(*models: Any) -> Iterator[None]:
    """Put attributes and boxes of the models back as they were if the block raises."""
    parts = [*models]
    for model in parts:  # which grows by what a group or a stack is made of
        if isinstance(model, BasicModelGroup):
            parts += model.submodels()
    before = [(model, *_snapshot(model)) for model in parts]
    try:
        yield
    except BaseException:
        for model, attributes, boxes in before:
            _restore(model, attributes, boxes)
        raise


def _snapshot(model: Any) -> tuple[dict[str, Any], list[tuple[Any, Any]]]:
    attributes = dict(vars(model))
    boxes: list[tuple[Any, Any]] = []
    for box in attributes.values():
        # Box first: to be asked whether it has a value would make a coupling box build one.
        if isinstance(box, Box):
            boxes.append((box, box.snapshot()))
        elif hasattr(box, "value"):  # a StateBox; to ask for the protocol takes ten times as long
            value = box.value
            # NumPy arrays are copied, for the model may write to them in place.
            boxes.append((box, np.array(value) if isinstance(value, np.ndarray) else value))
    return attributes, boxes


def _restore(model: Any, attributes: dict[str, Any], boxes: list[tuple[Any, Any]]) -> None:
    vars(model).clear()
    vars(model).update(attributes)
    for box, value in boxes:
        if isinstance(box, Box):
            box.rewind(value)
        else:
            box.value = value
