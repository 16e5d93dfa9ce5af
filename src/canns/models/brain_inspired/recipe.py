"""How a model learns by a rule that is given as an object or by its name."""

from typing import Any

from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.models.brain_inspired.duck import SupportsForward, has_square_box, stores_by_hebb
from canns.models.brain_inspired.linear import LinearLayer
from canns.plasticity import BCM, Identity, Projection, Recipe, Rule, recipe_for

__all__ = ["recipe_of"]

_PRODUCTS = ("hebbian", "anti_hebbian")


def recipe_of(
    model: Any,
    rule: Rule | str,
    project: Projection | None = None,
    neuron: Neuron | None = None,
    *,
    weight_attr: str | None = None,
) -> Recipe:
    """Return how ``model`` learns by ``rule``; project and neuron go with an object only."""
    if not isinstance(project, Projection | None):
        raise ValidationError("project", "a projection or None", repr(project))
    if not isinstance(neuron, Neuron | None):
        raise ValidationError("neuron", "a neuron of canns.dynamics or None", repr(neuron))
    if isinstance(rule, Rule):
        constraint = Identity() if project is None else project
        return Recipe(lambda inputs: (rule, constraint, inputs), neuron)
    for argument, value in (("project", project), ("neuron", neuron)):
        if value is not None:
            raise ValidationError(
                argument,
                f"None for the named rule {rule!r}",
                type(value).__name__,
                "Give the rule as an object of canns.plasticity to choose it.",
            )
    if rule == "bcm" and isinstance(model, LinearLayer):  # its threshold has a pace of its own
        bcm = BCM(threshold_tau=model.threshold_tau)
        return Recipe(lambda inputs: (bcm, Identity(), inputs))
    recurrent = has_square_box(model, weight_attr) and not isinstance(model, SupportsForward)
    if recurrent and rule in _PRODUCTS and not stores_by_hebb(model, weight_attr):
        raise ValidationError(
            "rule",
            f"another for {type(model).__name__}, whose way to store is its own",
            repr(rule),
            "Call its apply_hebbian_learning, or use HebbianTrainer.",
        )
    return recipe_for(rule, recurrent=recurrent)
