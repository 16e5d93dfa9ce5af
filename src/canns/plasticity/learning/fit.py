"""Whether what neurons emit, and the samples, are what a rule reads."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from canns._validation import is_traced
from canns._warnings import warn
from canns.dynamics import Neuron, Signals
from canns.errors import ValidationError
from canns.plasticity.rule import PotentialRead, Reads, Rule
from canns.typing import AnyArray, PyTree

__all__ = ["RIGHT", "are_spikes", "check_fit", "check_width", "stores_signs"]

_EMITTED: Mapping[str, str] = MappingProxyType(
    {
        "graded": "numbers of either sign",
        "rates": "graded rates",
        "shares": "graded shares",
        "ranked": "1 for a winner and less than 0 for a rival",
        "winners": "1 for the largest products with the input",
        "nearest": "1 for the nearest neuron",
        "binary": "0 or 1",
        "spikes": "spikes",
        "random": "spikes drawn at random",
        "logistic": "spikes drawn at random with a logistic chance",
        "held": "the sample that it is held at",
        "recorded": "the activity that the sample brings along",
        "input": "the sample",
    }
)
_POTENTIALS: Mapping[str, str] = MappingProxyType(
    {
        "membrane": "the potential of a membrane in mV",
        "subthreshold": "the potential of a membrane in mV without the shape of its spikes",
        "above_rest": "the potential of a membrane above rest, in the unit of the weights",
        "field": "the field W x",
        "match": "the field less half the squared length of the weights",
        "recorded": "a recorded potential",
    }
)


class _Demand(NamedTuple):
    """What a rule demands: what is right, what is doubtful and why, and what to do then."""

    what: str
    right: frozenset[str]
    doubtful: Mapping[str, str]
    remedy: str


def _demand(what: str, right: str, doubtful: str, why: str, remedy: str) -> _Demand:
    reasons = MappingProxyType(dict.fromkeys(doubtful.split(), why))
    return _Demand(what, frozenset(right.split()), reasons, remedy)


_ALL = " ".join(_EMITTED)
_DEMANDS: Mapping[Reads, _Demand] = MappingProxyType(
    {
        "anything": _demand("any activity", _ALL, "", "", ""),
        "responses": _demand(
            "responses to its input",
            _ALL.replace("held", ""),
            "",
            "",
            "It learns from what the weights make of an input. Train a layer, such as LinearLayer, "
            "or store patterns by a rule of STORAGE_RULES, such as 'hebbian'.",
        ),
        "rates": _demand(
            "activity that is not negative",
            "rates shares winners nearest binary spikes random logistic held recorded input",
            "graded ranked",
            "if it is negative, the weights flee from the input and grow without bound.",
            "Train a layer of neurons that emit none, such as WinnerTakeAll.",
        ),
        "competition": _demand(
            "activity of neurons that compete",
            "shares ranked winners nearest binary spikes random logistic recorded",
            "graded rates",
            "without competition all neurons learn the same.",
            "Train a NeuronLayer of WinnerTakeAll, RankedWinners or SoftWinners.",
        ),
        "nearest": _demand(
            "1 for the neuron nearest to the input, else 0",
            "nearest recorded",
            "winners shares ranked",
            "the neuron of the longest weights wins for many inputs, so the map folds.",
            "Train a NeuronLayer of WinnerTakeAll(match='distance').",
        ),
        "spikes": _demand(
            "spikes, 0 or 1",
            "spikes random logistic binary winners nearest held recorded input",
            "",
            "",
            "Any other number would count as so many spikes. Train a layer of neurons that fire, "
            "such as SpikingLayer, or NeuronLayer of CurrentLIF.",
        ),
        "chance": _demand(
            "spikes drawn at random, with the probability that the rule knows",
            "recorded logistic",
            "random",
            "their chance is no logistic function of the potential, as the rule takes it to be.",
            "Take Logistic, which fires with probability sigma(beta u).",
        ),
    }
)
_POTENTIAL_DEMANDS: Mapping[PotentialRead, _Demand] = MappingProxyType(
    {
        "field": _demand(
            "the field W x",
            "field recorded",
            "match",
            "the length of the weights then has no fixed point at 1.",
            "Train a NeuronLayer of WinnerTakeAll(), RankedWinners or SoftWinners.",
        ),
        "membrane": _Demand(
            "the potential of a membrane in mV",
            frozenset(("membrane", "recorded")),
            MappingProxyType(
                {
                    "above_rest": "its rest, 0, is above the thresholds in mV, so every spike "
                    "potentiates; u_rest=0 and thresholds to match are right.",
                    "subthreshold": "potentiation needs a potential above theta_plus for the "
                    "width of a spike, so it is lost or far too small.",
                }
            ),
            "Take ClopathAdEx, or AdEx with a t_spike of 2 ms.",
        ),
        "above_rest": _demand(
            "the potential of a membrane above rest",
            "above_rest recorded",
            "membrane subthreshold",
            "its rest is not at u_rest = 0.",
            "Give the rule the resting potential of the neuron as u_rest, and thresholds in mV.",
        ),
    }
)

#: What may be emitted for rules that read this; what else may be depends on more.
RIGHT: Mapping[Reads, frozenset[str]] = MappingProxyType(
    {reads: demand.right for reads, demand in _DEMANDS.items()}
)
_GIVEN = ("input", "held", "recorded")
_PER_NEURON = ("gain", "bias", "threshold")


def check_fit(
    rule: Rule,
    neuron: Neuron,
    weights: PyTree,
    inputs: AnyArray | None,
    name: str = "inputs",
    *,
    binary: bool = False,
) -> None:
    """Raise if a rule cannot learn from a neuron on these samples; warn if it hardly means to.

    Args:
        rule: The rule.
        neuron: The neuron.
        weights: W, (out, in), or a tuple of parts.
        inputs: The samples, (T, in), or None.
        name: The argument that they came in, for messages.
        binary: Whether patterns of 0 and 1 may be stored by rules for -1 and 1.

    Raises:
        ValidationError: If they do not fit.
    """
    neuron.check_weights(weights)
    if inputs is not None:
        check_width(neuron, weights, inputs.shape[-1], name)
    signals, kind = neuron.signals(weights), type(neuron).__name__
    for path, reader in rule.readers():
        own, part = signals, weights
        for position in path:
            own, part = own.parts[position], part[position]
        _check_role(reader, own, kind)
        if reader.reads != "rates" or not _stays_positive(signals, part, inputs):
            _check_emitted(reader, own, kind)
        if inputs is not None:
            _check_samples(reader, own, part, inputs, name)
            if own.post == "held" and not binary and stores_signs(reader) and _are_bits(inputs):
                warn(
                    f"{type(reader).__name__} stores patterns of -1 and 1, but these are of 0 and "
                    "1: a network of -1 and 1 would recall them hardly better than by chance.",
                    "Map them with 2 * x - 1, or take a rule that subtracts the mean, such as "
                    "Covariance.",
                )


def check_width(neuron: Neuron, weights: PyTree, width: int, name: str = "inputs") -> None:
    """Raise if samples of ``width`` numbers are not for these weights; shapes suffice."""
    wanted = neuron.sample_size(weights)
    if wanted is not None and width != wanted:
        expected = f"of {wanted} columns for {type(neuron).__name__}"
        raise ValidationError(name, expected, f"{width}")


def _stays_positive(signals: Signals, part: AnyArray, inputs: AnyArray | None) -> bool:
    """Whether linear neurons emit nothing negative, because no weight and no sample is."""
    linear = signals.post == "graded" and not signals.parts
    if not linear or inputs is None or is_traced(part):
        return False
    return bool(part.min() >= 0) and bool(inputs.min() >= 0)


def _check_role(rule: Rule, own: Signals, kind: str) -> None:
    fits = own.role not in _PER_NEURON if rule.role is None else own.role in (rule.role, None)
    if not fits:
        wanted = "connections" if rule.role is None else f"{rule.role} weights"
        expected = f"one for the {own.role} weights of {kind}"
        remedy = f"It is for {wanted}; Parts gives each part of the weights a rule of its own."
        raise ValidationError("rule", expected, type(rule).__name__, remedy)


def _check_emitted(rule: Rule, own: Signals, kind: str) -> None:
    _demanded(rule, _DEMANDS[rule.reads or "anything"], own.post, _EMITTED, "emits", kind)
    if rule.reads_pre == "spikes":
        _demanded(rule, _DEMANDS["spikes"], own.pre, _EMITTED, "receives", kind)
    if rule.reads_potential is not None:
        demand = _POTENTIAL_DEMANDS[rule.reads_potential]
        _demanded(rule, demand, own.potential, _POTENTIALS, "shows", kind)


def _demanded(
    rule: Rule,
    demand: _Demand,
    got: str | None,
    words: Mapping[str, str],
    verb: str,
    kind: str,
) -> None:
    """Raise or warn if what a neuron shows is not what a rule demands; None is not declared."""
    if got is None or got in demand.right:
        return
    name, shown = type(rule).__name__, f"{kind}, which {verb} {words[got]}"
    if got not in demand.doubtful:
        expected = f"one that {verb} {demand.what}, for {name}"
        raise ValidationError("neuron", expected, shown, demand.remedy)
    warn(
        f"{name} is for {demand.what}, but it learns from {shown}: {demand.doubtful[got]}",
        demand.remedy,
    )


def _check_samples(
    rule: Rule, own: Signals, part: AnyArray, inputs: AnyArray, argument: str
) -> None:
    """Check the samples that are the activity which the rule reads."""
    name = type(rule).__name__
    spikes = rule.reads_pre == "spikes" and own.pre in _GIVEN
    if spikes and not are_spikes(inputs[..., own.columns]):
        shown = inputs[..., own.columns]
        remedy = "Any other number would count as so many spikes. task has codes that make spikes."
        got = f"numbers from {shown.min():g} to {shown.max():g}"
        raise ValidationError(argument, f"spikes, 0 or 1, for {name}", got, remedy)
    if rule.reads == "rates" and own.post in _GIVEN:
        post = inputs if own.role == "lateral" else inputs[..., part.shape[1] : sum(part.shape)]
        if post.min() < 0:
            demand = _DEMANDS["rates"]
            what = f"{name} is for {demand.what}, but some of the samples are negative"
            warn(
                f"{what}: {demand.doubtful['graded']}",
                "Map a code of -1 and 1 to 0 and 1 with (x + 1) / 2.",
            )


def stores_signs(rule: Rule) -> bool:
    """Whether the rule, if neurons are held at patterns, stores them as patterns of -1 and 1.

    Rules of spikes or rates do not, nor do rules that subtract the mean, or adapt to it, nor those
    that correct errors until any patterns are fixed points.
    """
    product = rule.reads == "anything" and rule.role is None
    return product and not rule.centres and not rule.corrects


def _are_bits(samples: AnyArray) -> bool:
    """Whether there are both 0 and 1, and no other numbers."""
    low, high = samples.min(), samples.max()
    return bool(low == 0 and high == 1) and are_spikes(samples)


def are_spikes(samples: AnyArray) -> bool:
    """Whether all numbers are 0 or 1.

    Example:
        >>> import numpy as np
        >>> are_spikes(np.array([0.0, 1.0])), are_spikes(np.array([0.0, -1.0]))
        (True, False)
    """
    return bool(((samples == 0) | (samples == 1)).all())
