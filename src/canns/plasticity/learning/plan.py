"""A plan: everything that is known of a run of training before it begins."""

from typing import Any, Literal, NamedTuple, TypeAlias

from numpy.typing import NDArray

from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner

__all__ = ["PatternForm", "Places", "Plan"]

#: Stored patterns as bits, or as numbers.
PatternForm: TypeAlias = Literal["packed", "factored"]


class Places(NamedTuple):
    """Names of a model's boxes that hold a :class:`~canns.plasticity.Learner`, in its structure.

    Fields without a name are not held.
    """

    weights: Any
    memory: tuple[str, ...] = ()
    state: Any = ()
    activity: Any = ()


class Plan(NamedTuple):
    """How a model learns a data set. A trainer makes one and carries it out.

    Args:
        setup: The rule, the neuron and the constraint.
        inputs: The samples as the rule takes them, (T, in); of a stream its first chunk.
        epochs: Passes over the data that the rule needs.
        reads_all: If the setup or the inputs depend on all samples, such as on their mean: what to
            do instead if there are too many for the memory, as a sentence or "". Else None.
        weight_attr: Name of the model's weights box.
        places: Where the model holds what is learnt; known once it has accepted the plan.
        start: Its states now; likewise.
        needed_by: Who asks the model for its states, for messages.
        may_keep: Whether the model may keep the inputs in place of weights.
        as_patterns: The form in which the model stores the inputs in place of weights; None if it
            learns weights.
    """

    setup: Setup
    inputs: NDArray[Any]
    epochs: int = 1
    reads_all: str | None = None
    weight_attr: str = "W"
    places: Places = Places(())
    start: Learner | Any = None
    needed_by: str = "Training"
    may_keep: bool = True
    as_patterns: PatternForm | None = None
