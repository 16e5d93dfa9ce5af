"""A plan: everything that is known of a run of training before it begins."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

from canns.plasticity.learning.setup import Setup

__all__ = ["Plan"]


class Plan(NamedTuple):
    """How a model learns a data set. A trainer makes one and carries it out.

    Args:
        setup: The rule, the neuron and the constraint.
        inputs: The samples as the rule takes them, (T, in); of a stream its first chunk.
        epochs: Passes over the data that the rule needs.
        reads_all: If the setup or the inputs depend on all samples, such as on their mean: what to
            do instead if there are too many for the memory, as a sentence or "". Else None.
        weight_attr: Name of the model's weights box.
        needed_by: Who asks the model for its states, for messages.
        as_patterns: How the model keeps the inputs in place of weights; None if it learns weights.
    """

    setup: Setup
    inputs: NDArray[Any]
    epochs: int = 1
    reads_all: str | None = None
    weight_attr: str = "W"
    needed_by: str = "Training"
    as_patterns: Any = None
