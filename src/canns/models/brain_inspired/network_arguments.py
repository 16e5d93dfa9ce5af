"""What populations and pathways are made of, checked: the arguments of a network's methods."""

from typing import Any

import numpy as np

from canns._validation import check_array, check_real, refuse_class
from canns.dynamics import (
    ExcitatoryInhibitory,
    Neuron,
    SparseSynapses,
    Synapses,
    connect_by_in_degree,
    connect_by_probability,
)
from canns.errors import ValidationError
from canns.plasticity import Bounds, Rule
from canns.plasticity.learning import sides_of, with_step
from canns.typing import Array

__all__ = ["check_neuron", "check_potentials", "learning_of", "synapses_of"]

_SPIKES = "spikes", "random", "logistic"  # what neurons emit that spike


def check_neuron(neuron: Neuron) -> None:
    """Raise if a network cannot run such neurons."""
    refuse_class("neuron", "a neuron", neuron)
    if not isinstance(neuron, Neuron):
        raise ValidationError("neuron", "a neuron", repr(neuron))
    takes = neuron.drives_only if neuron.Parts is None else neuron.Parts is ExcitatoryInhibitory
    if not takes or neuron.emits not in _SPIKES:
        expected = "one that spikes, and takes the sum of its input"
        remedy = "Take CurrentLIF, DualCurrentLIF, ConductanceLIF, AdEx or LIF."
        raise ValidationError("neuron", expected, type(neuron).__name__, remedy)
    neuron.validate()


def check_potentials(neuron: Neuron, potentials: tuple[float, float]) -> tuple[float, float]:
    """Return the lowest and the highest potential at first, or raise if the neuron has none."""
    low = check_real("potentials", potentials[0])
    both = low, check_real("potentials", potentials[1], low=low)
    if "v" not in neuron.State._fields:
        expected = f"None for {type(neuron).__name__}, which has no potential"
        raise ValidationError("potentials", expected, str(both))
    return both


def synapses_of(
    shape: tuple[int, int],
    within: bool,
    weights: Any,
    probability: float | None,
    in_degree: int | None,
    key: Array,
) -> Synapses:
    """Return the synapses that arguments of ``SpikingNetwork.connect`` describe.

    Args:
        shape: The sizes of the populations, (target, source).
        within: Whether both are one population, in which no neuron is drawn to itself.
        weights: As given, as the next two are.
        probability: Of a synapse.
        in_degree: Synapses onto a neuron.
        key: From which the connections are drawn.
    """
    drawn = (probability is not None) + (in_degree is not None)
    if drawn == 2:
        expected = "None if in_degree is given"
        raise ValidationError("probability", expected, f"{probability:g}")
    if drawn:
        given = check_real("weights", weights, low=0)
        loops = not within
        if in_degree is not None:
            made = connect_by_in_degree(*shape, in_degree, loops=loops, seed=key)
        else:
            assert probability is not None, "one of them is given"
            made = connect_by_probability(*shape, probability, loops=loops, seed=key)
        return SparseSynapses.from_pairs(made.shape, made.pre, made.post, given)
    if isinstance(weights, int | float | np.number):
        remedy = "Say how: by probability= or in_degree=, or give a matrix."
        raise ValidationError("weights", "synapses", f"one strength, {weights}", remedy)
    if not isinstance(weights, Synapses):
        sparse = hasattr(weights, "tocoo")
        matrix = weights if sparse else check_array("weights", weights)
        weights = SparseSynapses.from_matrix(matrix)
    if weights.shape != shape:
        expected = f"of shape {shape}, (target, source)"
        remedy = "Transpose it." if weights.shape == shape[::-1] else ""
        raise ValidationError("weights", expected, f"shape {weights.shape}", remedy)
    listed = weights.listed(weights.values)
    listed = check_array("weights", listed) if len(listed) else np.zeros(1)
    if listed.min() < 0:
        remedy = 'Give strengths; kind="inhibitory" makes them inhibit.'
        raise ValidationError("weights", "at least 0", f"{listed.min():g}", remedy)
    synapses: Synapses = weights
    return synapses


def learning_of(
    rule: Rule | None,
    bounds: tuple[float, float] | None,
    neuron: Neuron,
    synapses: Synapses,
    dt: float,
) -> tuple[Rule | None, Bounds | None]:
    """Return the rule with its time step, and the constraint; or raise if it cannot learn."""
    if rule is None:
        if bounds is not None:
            expected = "None without a rule: fixed strengths stay as they are"
            raise ValidationError("bounds", expected, str(bounds))
        return None, None
    refuse_class("rule", "a rule", rule)
    remedy = "Take VogelsSTDP, PairSTDP or TripletSTDP."
    if not isinstance(rule, Rule):
        raise ValidationError("rule", "a rule", repr(rule), remedy)
    rule.validate()
    missing = {*rule.needs} - ({"potential"} & {*neuron.provides})
    if sides_of(rule) is None or rule.reads != "spikes" or missing:
        expected = "a local rule of spikes, which keeps its own traces"
        raise ValidationError("rule", expected, type(rule).__name__, remedy)
    own = getattr(rule, "dt", None)
    if own is not None and not np.isclose(own, dt, rtol=1e-6, atol=0):
        expected = f"the time step of the neurons, {dt:g} ms"
        raise ValidationError("dt", expected, f"{own:g}", "Leave out the rule's dt.")
    if bounds is None:
        expected = "the least and the largest strength of synapses that learn"
        raise ValidationError("bounds", expected, "None", "Give bounds=(0.0, largest).")
    low = check_real("bounds", bounds[0], low=0)
    project = Bounds(low, check_real("bounds", bounds[1], low=low))
    project.check_weights(synapses)
    return with_step(rule, dt), project
