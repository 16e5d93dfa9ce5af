"""A plan: everything that is known about a training run before it begins."""

from typing import Literal, NamedTuple, TypeAlias

from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.typing import AnyArray, PyTree

__all__ = ["PatternForm", "Places", "Plan"]

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
