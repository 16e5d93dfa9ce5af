"""Rules by name, each with the constraint that its trainer has by default."""

from typing import Any

from numpy.typing import NDArray

from canns._validation import check_choice, check_matrix
from canns.errors import ValidationError
from canns.models.brain_inspired._base import BrainInspiredModel
from canns.models.brain_inspired._duck import SupportsForward, box_of, has_square_box
from canns.models.brain_inspired.linear import LinearLayer
from canns.plasticity import (
    BCM,
    STDP,
    AntiHebbian,
    Bounds,
    Hebbian,
    Identity,
    Oja,
    Projection,
    Rule,
    Sanger,
    Storage,
    UnitRows,
)

__all__ = ["plan"]

_STORAGE: dict[str, type[Hebbian] | type[AntiHebbian]] = {
    "hebbian": Hebbian,
    "anti_hebbian": AntiHebbian,
}
_PRESETS: dict[str, tuple[Rule, Projection]] = {
    "hebbian": (Hebbian(), Identity()),
    "anti_hebbian": (AntiHebbian(), Identity()),
    "oja": (Oja(), UnitRows()),
    "sanger": (Sanger(), UnitRows()),
    "bcm": (BCM(), Identity()),
    "stdp": (STDP(), Bounds()),
}


def plan(
    model: BrainInspiredModel, rows: Any, rule: str | Rule, project: Projection | None
) -> tuple[Rule, Projection, NDArray[Any]]:
    """Return rule, constraint and inputs for training ``model`` on ``rows``."""
    width = box_of(model, model.weight_attr, "training").value.shape[1]
    inputs = check_matrix("data", rows, width, remedy=f"{type(model).__name__} takes {width}.")
    if not isinstance(project, Projection | None):
        raise ValidationError("project", "a projection or None", repr(project))
    if isinstance(rule, Rule):
        return rule, project or Identity(), inputs
    name = check_choice("rule", rule, [*_PRESETS])
    if project is not None:
        raise ValidationError(
            "project",
            f"None for the named rule {name!r}",
            type(project).__name__,
            "Give the rule as an object of canns.plasticity to choose its constraint.",
        )
    stores = has_square_box(model, None) and not isinstance(model, SupportsForward)
    if name in _STORAGE and stores:
        return Storage(_STORAGE[name]).plan(inputs)
    chosen, constraint = _PRESETS[name]
    if isinstance(chosen, BCM) and isinstance(model, LinearLayer):
        chosen = BCM(chosen.learning_rate, model.threshold_tau)
    return chosen, constraint, inputs
