"""A plan: everything that is known about a training run before it begins."""

import dataclasses
from typing import Any, Literal, NamedTuple, TypeAlias

from canns.errors import ValidationError
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.plasticity.rule import Rule
from canns.typing import AnyArray, PyTree

__all__ = ["AUTO", "PatternForm", "Places", "Plan", "with_automatic_rate"]

AUTO: Literal["auto"] = "auto"  #: the learning rate that is found from the data

#: Stored patterns as bits, or as numbers.
PatternForm: TypeAlias = Literal["packed", "factored"]


class Places(NamedTuple):
    """Names of the state boxes in which a model keeps a :class:`~canns.plasticity.Learner`.

    The fields have the structure of the learner's fields. The model does not keep a field that has
    no name.
    """

    weights: PyTree
    memory: tuple[str, ...] = ()
    state: PyTree = ()
    activity: PyTree = ()


class Plan(NamedTuple):
    """How a model learns a data set. A trainer makes one and carries it out.

    Args:
        setup: The rule, the neuron and the constraint.
        inputs: The samples in the form that the rule takes, (T, in); for a stream, the first chunk.
        epochs: Number of passes over the data that the rule needs.
        reads_all: None if the plan does not depend on all samples. If it does, for example on their
            mean: a sentence, or "", on what to do instead if the samples do not fit in memory.
        weight_attr: Name of the model's weights box.
        places: The boxes in which the model keeps the learner; set when the model accepts the plan.
        start: The learner before the run; set when the model accepts the plan.
        needed_by: What needs the model's states, for error messages.
        may_keep: Whether the model may keep the inputs instead of weights.
        as_patterns: How the model keeps the inputs instead of weights; None if it learns weights.
        given: The samples as they were given, if ``inputs`` are less their mean; else None.
        bounded: Whether theory's bound on the learning rate holds for the run: not if other rates
            are tried in place of the rule's own, nor for neurons that the library does not know.
    """

    setup: Setup
    inputs: AnyArray
    epochs: int = 1
    reads_all: str | None = None
    weight_attr: str = "W"
    places: Places = Places(())
    start: Learner | PyTree = None
    needed_by: str = "Training"
    may_keep: bool = True
    as_patterns: PatternForm | None = None
    given: AnyArray | None = None
    bounded: bool = True


def with_automatic_rate(plan: Plan, weights: PyTree) -> Plan:
    """Return the plan with a number for the learning rate "auto" of its rule.

    It follows from the plan's inputs, of a stream the first chunk, and the number of neurons.
    """
    rule = plan.setup.rule
    rate = getattr(rule, "learning_rate", None)
    if rate != AUTO:
        raise ValidationError("learning_rate", "a real number or 'auto'", repr(rate))
    if isinstance(weights, tuple):
        name = type(rule).__name__
        raise ValidationError("learning_rate", f"a number for {name}", repr(rate))
    if not plan.inputs.any():
        raise ValidationError("learning_rate", "a number for data of zeros", repr(rate))
    number = rule.automatic_rate(plan.inputs, len(weights))
    changed: Any = rule  # a dataclass, as every rule is
    resolved: Rule = dataclasses.replace(changed, learning_rate=number)
    setup: Any = plan.setup
    return plan._replace(setup=dataclasses.replace(setup, rule=resolved))
