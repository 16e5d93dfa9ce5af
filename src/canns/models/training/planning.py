"""The plan of a rule, given as an object or by name, for any model."""

import dataclasses
from typing import Any

from canns._validation import refuse_class
from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.models.brain_inspired.learnable import Learnable
from canns.models.brain_inspired.linear import LinearLayer
from canns.models.training.adapter import has_square_weights, is_layer, stores_by_hebb
from canns.plasticity import BCM, Identity, Projection, Rule, Setup, check_rule, recipe_for
from canns.plasticity.learning import Plan
from canns.typing import AnyArray

__all__ = ["check_parts", "plan_rule"]

_PRODUCTS = ("hebbian", "anti_hebbian")


def plan_rule(
    model: Learnable,
    rule: Rule | str,
    data: AnyArray,
    *,
    project: Projection | None = None,
    neuron: Neuron | None = None,
    learning_rate: float | str | None = None,
    weight_attr: str = "W",
    needed_by: str = "Training",
) -> Plan:
    """Return the plan by which ``model`` learns ``data``, (T, in), with ``rule``.

    Args:
        model: The model, as :func:`adapt` returns it.
        rule: The rule, or its name; a name brings its constraint, neuron and epochs with it.
        data: The samples, already checked.
        project: The constraint; only with a rule object.
        neuron: The neuron that a recurrent network learns with; only with a rule object.
        learning_rate: The learning rate, a number or "auto"; None for the rule's own.
        weight_attr: Name of the weights box.
        needed_by: Name of the caller, for error messages.
    """
    check_parts(rule, project, neuron)
    if isinstance(rule, Rule):
        own = model.learning_neuron(neuron, weight_attr, needed_by)
        setup = Setup(rule, own, Identity() if project is None else project)
        plan = Plan(setup, data, weight_attr=weight_attr, needed_by=needed_by)
    else:
        plan = _plan_by_name(model, rule, data, weight_attr, needed_by)
    return plan if learning_rate is None else _with_rate(plan, learning_rate)


def check_parts(rule: object, project: object, neuron: object) -> None:
    """Raise if these are no rule, projection and neuron that a plan can be made of."""
    check_rule(rule)
    parts = (
        ("project", "a projection or None", project, Projection),
        ("neuron", "a neuron of canns.dynamics or None", neuron, Neuron),
    )
    for argument, expected, value, kind in parts:
        if value is not None and not isinstance(value, kind):
            refuse_class(argument, expected, value)
            raise ValidationError(argument, expected, repr(value))
    for argument, value in (("project", project), ("neuron", neuron)):
        if value is not None and isinstance(rule, str):
            raise ValidationError(
                argument,
                f"None for the named rule {rule!r}",
                type(value).__name__,
                "Give the rule as an object of canns.plasticity to choose it.",
            )


def _with_rate(plan: Plan, learning_rate: float | str) -> Plan:
    """Return the plan with another learning rate; "auto" waits until the model accepts the plan."""
    setup, rule = plan.setup, plan.setup.rule
    if not any(field.name == "learning_rate" for field in dataclasses.fields(rule)):  # type: ignore[arg-type]
        expected = f"None for {type(rule).__name__}, which has none of its own"
        raise ValidationError("learning_rate", expected, repr(learning_rate))
    changed: Any = rule
    return plan._replace(
        setup=Setup(
            dataclasses.replace(changed, learning_rate=learning_rate), setup.neuron, setup.project
        )
    )


def _plan_by_name(
    model: Learnable, name: str, data: AnyArray, weight_attr: str, needed_by: str
) -> Plan:
    subject = model.subject
    if name == "bcm" and isinstance(subject, LinearLayer):  # the layer has the time constant
        bcm = BCM(threshold_tau=subject.threshold_tau)
        return plan_rule(model, bcm, data, weight_attr=weight_attr, needed_by=needed_by)
    recurrent = has_square_weights(subject, weight_attr) and not is_layer(subject)
    if recurrent and name in _PRODUCTS and not stores_by_hebb(subject, weight_attr):
        raise ValidationError(
            "rule",
            f"another for {type(subject).__name__}, whose way to store is its own",
            repr(name),
            "Call its apply_hebbian_learning, or use HebbianTrainer.",
        )
    recipe = recipe_for(name, recurrent=recurrent)
    rule, project, inputs = recipe.plan(data)
    setup = Setup(rule, model.learning_neuron(recipe.neuron, weight_attr, needed_by), project)
    reads_all = "" if recipe.reads_all else None
    plan = Plan(setup, inputs, recipe.epochs, reads_all, weight_attr, needed_by=needed_by)
    return plan if inputs is data else plan._replace(given=data)
