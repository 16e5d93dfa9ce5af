"""Training runs that have changed nothing, or driven all weights to one bound."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

import jax
import numpy as np

from canns._placement import host
from canns._warnings import warn
from canns.dynamics import Synapses
from canns.models.brain_inspired.learnable import Learnable
from canns.models.training.adapter import Adapter
from canns.plasticity import Bounds, Projection, respond
from canns.plasticity.learning import Plan
from canns.typing import AnyArray, Array, PyTree

__all__ = ["Fault", "Silence", "fault_of", "silence_of", "warn_if_saturated", "warn_of_members"]

#: What a run that taught nothing ended in: no neuron has responded, nothing is stored, or all
#: weights are at one bound.
Fault: TypeAlias = Literal["silent", "blank", "lower", "upper"]

_PATTERNS = (
    "Give patterns of -1 and 1. Of a constant set, a rule that subtracts the mean stores nothing."
)
_LARGER = "Give larger inputs or weights, or a lower threshold."
_BALANCE = (
    "Balance potentiation and depression, train for fewer epochs, or use a smaller learning rate."
)
_MEMBERS: dict[Fault, tuple[str, str]] = {
    "silent": ("have learnt nothing: none of their neurons responded to any sample", _LARGER),
    "blank": ("have stored nothing: all their weights are still 0", _PATTERNS),
    "lower": ("have all weights at their lower bound", _BALANCE),
    "upper": ("have all weights at their upper bound", _BALANCE),
}
_NAMED = 3  # members named in a warning


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
            warn(f"Nothing is stored in {name}: all its weights are still 0.", _PATTERNS)
        return Silence()
    silent = _count(model, plan)
    if silent.samples == count:
        warn(
            f"{name} has learnt nothing: none of its {silent.neurons} neurons responded to any "
            f"of {count} samples.",
            _LARGER if plan.inputs.any() else "All inputs are 0: look at the data.",
        )
    return silent


def _count(model: Learnable, plan: Plan) -> Silence:
    """Return how many samples and neurons of a layer are silent at the weights before the run."""
    outputs = _responses(model, plan)
    if outputs is None:
        return Silence()
    responses = outputs != 0
    return Silence(int((~responses.any(axis=1)).sum()), int((~responses.any(axis=0)).sum()))


def _responses(model: Learnable, plan: Plan) -> AnyArray | None:
    """Return the answers of a layer to all samples, (T, out); None if it runs code of its own."""
    if model.obstacle(plan) is not None:
        return None
    _, outputs = respond(plan.setup.neuron, plan.start, plan.inputs)
    last: AnyArray = host(jax.tree.leaves(outputs)[-1])
    return last


def warn_if_saturated(project: Bounds, weights: Array) -> None:
    """Warn if all weights are at the same bound, so that nothing is selected."""
    end = _end(project, weights)
    if end is not None:
        bound = project.w_min if end == "lower" else project.w_max
        size = "" if np.ndim(bound) else f", {float(bound):g}"
        warn(f"All weights are at their {end} bound{size}.", _BALANCE)


def _end(project: Projection, weights: PyTree) -> Literal["lower", "upper"] | None:
    """Return at which bound all weights are, if they are."""
    if isinstance(weights, Synapses):
        weights = weights.outside(weights.values)
    if type(project) is not Bounds or isinstance(weights, tuple) or weights.size < 2:
        return None
    if bool((weights == project.w_min).all()):
        return "lower"
    return "upper" if bool((weights == project.w_max).all()) else None


def fault_of(model: Learnable, plan: Plan, weights: PyTree) -> Fault | None:
    """Return what is wrong with a run that ended with these weights; None for nothing.

    Args:
        model: The model that was trained.
        plan: Its plan, with the samples and the learner at the start.
        weights: The weights at the end.
    """
    before, after = jax.tree.leaves(plan.start.weights), jax.tree.leaves(weights)
    if any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True)):
        return _end(plan.setup.project, weights)
    if getattr(plan.setup.rule, "learning_rate", None) == 0:
        return None  # as asked for
    if model.feeds_forward:
        return "silent" if _count(model, plan).samples == len(plan.inputs) else None
    by_hook = isinstance(model, Adapter) and model.by_hook
    return None if by_hook or any(np.any(part) for part in after) else "blank"


def warn_of_members(names: Sequence[object], faults: Sequence[Fault | None]) -> None:
    """Warn of the members of a group or an ensemble that have learnt nothing, once for each fault.

    Args:
        names: The names of all members.
        faults: The fault of each member, by :func:`fault_of`.
    """
    for fault, (what, remedy) in _MEMBERS.items():
        found = [str(name) for name, own in zip(names, faults, strict=True) if own == fault]
        if found:
            shown = ", ".join(found[:_NAMED]) + ", ..." * (len(found) > _NAMED)
            warn(f"{len(found)} of {len(names)} members {what}: {shown}.", remedy)
