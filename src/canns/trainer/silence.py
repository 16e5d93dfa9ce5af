"""Training runs that have changed nothing, or driven all weights to one bound."""

from typing import NamedTuple

import jax

from canns._placement import host
from canns._warnings import warn
from canns.models.training import Adapter, Learnable
from canns.plasticity import Bounds, respond
from canns.plasticity.learning import Plan
from canns.typing import AnyArray, Array

__all__ = ["Silence", "silence_of", "warn_if_saturated"]


class Silence(NamedTuple):
    """How many samples and neurons of a layer were silent in a run that changed nothing.

    Args:
        samples: Number of samples to which no neuron responded; None if not counted.
        neurons: Number of neurons that responded to no sample; None if not counted.
    """

    samples: int | None = None
    neurons: int | None = None


def silence_of(model: Learnable, plan: Plan, norm: float) -> Silence:
    """Count what was silent in a run that has changed no weight; warn if all of it was.

    A run that changes weights is not looked at, because the samples have to be shown again.

    Args:
        model: The model that was trained.
        plan: Its plan; of a stream only the first chunk of samples is looked at.
        norm: The norm of the weights.
    """
    if getattr(plan.setup.rule, "learning_rate", None) == 0:
        return Silence()  # as asked for
    name, count = type(model.subject).__name__, len(plan.inputs)
    if not model.feeds_forward:
        if norm == 0 and not (isinstance(model, Adapter) and model.by_hook):
            warn(
                f"Nothing is stored in {name}: all its weights are still 0.",
                "Give patterns of -1 and 1. Of a constant set, a rule that subtracts the mean "
                "stores nothing.",
            )
        return Silence()
    outputs = _responses(model, plan)
    if outputs is None:
        return Silence()
    responses = outputs != 0
    silent = Silence(int((~responses.any(axis=1)).sum()), int((~responses.any(axis=0)).sum()))
    if silent.samples == count:
        warn(
            f"{name} has learnt nothing: none of its {outputs.shape[1]} neurons responded to any "
            f"of {count} samples.",
            "Give larger inputs or weights, or a lower threshold."
            if plan.inputs.any()
            else "All inputs are 0: look at the data.",
        )
    return silent


def _responses(model: Learnable, plan: Plan) -> AnyArray | None:
    """Return the answers of a layer to all samples, (T, out); None if it runs code of its own."""
    if model.obstacle(plan) is not None:
        return None
    _, outputs = respond(plan.setup.neuron, plan.start, plan.inputs)
    last: AnyArray = host(jax.tree.leaves(outputs)[-1])
    return last


def warn_if_saturated(project: Bounds, weights: Array) -> None:
    """Warn if all weights are at the same bound, so that nothing is selected."""
    for bound, end in ((project.w_min, "lower"), (project.w_max, "upper")):
        if bool((weights == bound).all()):
            warn(
                f"All weights are at their {end} bound, {float(bound):g}.",
                "Balance potentiation and depression, train for fewer epochs, or use a smaller "
                "learning rate.",
            )
            return
