"""What kinds of numbers neurons emit: the vocabulary in which neurons and learning rules agree."""

from typing import Literal, NamedTuple

__all__ = ["PotentialKind", "Role", "Signal", "Signals"]

#: What a neuron emits, or what reaches its synapses.
#:
#: - "graded": numbers of either sign.
#: - "rates": numbers that are not negative.
#: - "shares": numbers that are not negative, of sum 1.
#: - "ranked": 1 for the winner, a negative number for a rival, else 0.
#: - "winners": 1 for the neurons of the largest products with the input, else 0.
#: - "nearest": 1 for the neuron whose weights are nearest to the input, else 0.
#: - "binary": 0 or 1, the answer to one sample.
#: - "spikes": 0 or 1, in each step of time.
#: - "random": spikes that are drawn at random.
#: - "logistic": such spikes, whose chance is a logistic function of the potential.
#: - "held": the sample itself, at which the neurons are held.
#: - "recorded": activity that the sample brings along.
#: - "input": the sample, as presynaptic activity.
Signal = Literal[
    "graded",
    "rates",
    "shares",
    "ranked",
    "winners",
    "nearest",
    "binary",
    "spikes",
    "random",
    "logistic",
    "held",
    "recorded",
    "input",
]

#: What a potential is.
#:
#: - "membrane": a membrane's, in mV, with spikes that have a width.
#: - "subthreshold": a membrane's, in mV, with spikes that only reset it.
#: - "above_rest": a membrane's above rest, which is 0, in the unit of the weights.
#: - "field": the field W x.
#: - "match": the field less half the squared norm of the weights.
#: - "recorded": recorded.
PotentialKind = Literal["membrane", "subthreshold", "above_rest", "field", "match", "recorded"]

#: What a part of the weights does: it leads from the input or from the layer's own neurons, or it
#: holds one number for each neuron.
Role = Literal["forward", "lateral", "gain", "bias", "threshold"]


class Signals(NamedTuple):
    """What numbers the fields of an :class:`~canns.dynamics.Activity` hold.

    Args:
        pre: The presynaptic activity.
        post: The postsynaptic activity; None if it is not declared.
        potential: The potential; None if there is none, or it is not declared.
        role: What the weights do; None if it may be anything.
        columns: The columns of a sample that are the presynaptic activity; if the activity is
            held or recorded, the postsynaptic one too.
        parts: For weights in several parts, the same for each part.
    """

    pre: Signal | None
    post: Signal | None
    potential: PotentialKind | None = None
    role: Role | None = "forward"
    columns: slice = slice(None)
    parts: tuple["Signals", ...] = ()
