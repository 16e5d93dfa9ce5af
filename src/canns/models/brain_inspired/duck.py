"""What the library asks of a model of the user's own, and how it reads one safely."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np

from canns.errors import MissingStateError, ValidationError
from canns.models.boxes import Box
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.typing import StateBox

__all__ = [
    "StoresPatterns",
    "SupportsForward",
    "box_of",
    "find_box",
    "fit_size",
    "has_forward",
    "has_square_box",
    "put",
    "runs_as_built",
    "shape_of",
    "state_box",
    "stores_by_hebb",
    "unchanged_on_error",
    "weight_name",
]


@runtime_checkable
class NamesWeights(Protocol):
    """A model that says under which attribute its weights are."""

    weight_attr: str


@runtime_checkable
class SupportsResize(Protocol):
    """A recurrent model that can change its number of neurons."""

    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Change the number of neurons."""


@runtime_checkable
class SupportsForward(Protocol):
    """A feed-forward model: ``forward(x)`` returns the output."""

    def forward(self, x: Any) -> Any:
        """Return the output for one sample."""


@runtime_checkable
class StoresPatterns(Protocol):
    """A recurrent model with a Hebbian rule of its own."""

    def apply_hebbian_learning(self, train_data: Any) -> None:
        """Store patterns, one a row."""


@runtime_checkable
class DeclaresStorage(Protocol):
    """A network that says whether it stores by the Hebbian product rule."""

    stores_by_hebb: bool


@runtime_checkable
class NamesState(Protocol):
    """A recurrent model that says under which attribute its state is."""

    predict_state_attr: str


def has_forward(model: Any) -> bool:
    """Whether ``model`` is feed-forward; of the library's own the class tells, looked up once."""
    if isinstance(model, BrainInspiredModel):
        return issubclass(type(model), SupportsForward)
    return isinstance(model, SupportsForward)


# The library's own first, for to look an object over for a protocol takes a hundred times as long.
_BOX = Box, StateBox


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
    held = ", ".join(name for name, box in vars(model).items() if isinstance(box, Box | StateBox))
    raise MissingStateError(
        f"{needed_by} needs the state `{attribute}`; {type(model).__name__} has "
        f"{held or 'no state with a .value'}. {remedy}".rstrip()
    )


def find_box(model: Any, attribute: str) -> StateBox | None:
    """Return the state box of ``model`` under ``attribute``, a property included, or None."""
    try:
        box = getattr(model, attribute)
    except AttributeError:
        return None
    return box if isinstance(box, _BOX) else None


def put(box: StateBox, value: Any) -> None:
    """Write ``value`` to ``box``, as a NumPy array of its type where it holds one."""
    held = box.value
    box.value = np.array(value, held.dtype) if isinstance(held, np.ndarray) else value


def weight_name(model: Any, asked: str | None) -> str:
    """Return the attribute with the weights.

    A name other than the default "W" is taken at its word. The default, or None, gives way to
    the model's own ``weight_attr``.
    """
    default = asked is None or (asked == "W" and find_box(model, "W") is None)
    if default and isinstance(model, NamesWeights):
        return model.weight_attr
    return "W" if asked is None else asked


def has_square_box(model: Any, asked: str | None) -> bool:
    """Whether ``model`` has a box of (N, N) weights."""
    box = find_box(model, weight_name(model, asked))
    if box is None:
        return False
    shape = shape_of(box)
    return len(shape) == 2 and shape[0] == shape[1]


def shape_of(box: StateBox) -> tuple[int, ...]:
    """Return the shape of what a box holds, without having it built."""
    return box.shape if isinstance(box, Box) else jnp.shape(box.value)


def stores_by_hebb(model: Any, asked: str | None) -> bool:
    """Whether the Hebbian product rule is how ``model`` stores patterns in its (N, N) weights."""
    declined = isinstance(model, DeclaresStorage) and not model.stores_by_hebb
    return has_square_box(model, asked) and not declined


def fit_size(model: Any, size: int, wanted: int, *, preserve: bool) -> None:
    """Make ``model``, which has ``size`` neurons, resize where another number is wanted."""
    if wanted == size:
        return
    if not isinstance(model, SupportsResize):
        raise ValidationError(
            "data",
            f"2-D of shape (patterns, {size})",
            f"patterns of length {wanted}",
            f"{type(model).__name__} has no resize(num_neurons, preserve_submatrix).",
        )
    model.resize(wanted, preserve_submatrix=preserve)


def runs_as_built(model: Any, base: type, method: str) -> bool:
    """Whether ``model`` is a ``base`` that no subclass gave a ``method`` of its own."""
    return isinstance(model, base) and getattr(type(model), method) is getattr(base, method)


@contextmanager
def unchanged_on_error(model: Any) -> Iterator[None]:
    """Put attributes and boxes of ``model`` back as they were where the block raises."""
    attributes = dict(vars(model))
    # Box first: to be asked whether it has a value would make a coupling box build one.
    boxes = {name: box for name, box in attributes.items() if isinstance(box, Box | StateBox)}
    values = {name: _snapshot(box) for name, box in boxes.items()}
    try:
        yield
    except BaseException:
        vars(model).clear()
        vars(model).update(attributes)
        for name, value in values.items():
            _rewind(boxes[name], value)
        raise


def _snapshot(box: Any) -> Any:
    if isinstance(box, Box):
        return box.snapshot()
    value = box.value
    # NumPy arrays are copied, for the model may write to them in place.
    return np.array(value) if isinstance(value, np.ndarray) else value


def _rewind(box: Any, value: Any) -> None:
    if isinstance(box, Box):
        box.rewind(value)
    else:
        box.value = value
