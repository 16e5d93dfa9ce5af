"""The parts of a model's ``repr``: a line on its weights, and one on its settings."""

from typing import TYPE_CHECKING

import jax

from canns._attributes import arguments_of, is_default
from canns._describe import span
from canns.dynamics import SparseSynapses
from canns.models.boxes import Box

if TYPE_CHECKING:
    from canns.models.basic.model import BasicModel

__all__ = ["held", "settings_of", "updates_of", "weights_of"]


def held(box: object) -> object:
    """Return the value of a box, or None if it is not built yet, without building or tracing it."""
    return vars(box).get("_value") if isinstance(box, Box) else getattr(box, "value", None)


def weights_of(model: "BasicModel", attribute: str) -> str:
    """Return the size and range of the weights, or only the size if they are not built."""
    box = vars(model).get(attribute)
    value = held(box)
    if isinstance(value, SparseSynapses):
        out, in_ = box.shape if isinstance(box, Box) else value.shape
        traced = isinstance(value.values, jax.core.Tracer)
        weights = "traced" if traced else span(value.pairs()[2])
        return f"{value.count} synapses of {out} x {in_}, {weights}"
    if value is not None:
        return span(value)
    if not isinstance(box, Box):
        return ""
    return f"{' x '.join(map(str, box.shape))}, not built"


def settings_of(model: "BasicModel", kept_as: dict[str, str], *, but: tuple[str, ...]) -> str:
    """Return the constructor arguments that differ from their defaults, except those in ``but``."""
    said = []
    for name, parameter in arguments_of(type(model)).items():
        value = getattr(model, kept_as.get(name, name), parameter.default)
        if name in ("name", *but) or parameter.default is parameter.empty:
            continue
        if isinstance(value, str | bool | int | float) and not is_default(value, parameter.default):
            said.append(f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value!r}")
    return ", ".join(said)


def updates_of(model: "BasicModel") -> str:
    """Return how the neurons of a network are updated; "" if there is only one way."""
    own = vars(model)
    if "asynchronous" not in own:
        return ""
    if not own["asynchronous"]:
        return "synchronous"
    return f"asynchronous, in {own.get('update_order')} order"
