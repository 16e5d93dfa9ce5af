"""What populations and pathways are made of, checked: the arguments of a network's methods."""

from collections.abc import Iterable
from typing import Any

import jax.numpy as jnp
import numpy as np

from canns._validation import check_array, check_real, float_dtype, rank, refuse_class
from canns.dynamics import (
    Connections,
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
from canns.typing import AnyArray, Array

__all__ = [
    "check_names",
    "check_neuron",
    "check_pair",
    "check_potentials",
    "learning_of",
    "pairs_of",
    "synapses_of",
]

_SPIKES = "spikes", "random", "logistic"  # what neurons emit that spike


def check_pair(name: str, pair: object, low: float = -np.inf) -> tuple[float, float]:
    """Return the lowest and the highest value, of at least ``low``."""
    listed = pair.tolist() if isinstance(pair, np.ndarray) else pair
    if not isinstance(listed, tuple | list) or len(listed) != 2:
        raise ValidationError(name, "two numbers, (lowest, highest)", repr(pair))
    least = check_real(name, listed[0], low=low)
    return least, check_real(name, listed[1], low=least)


def check_names(name: str, names: object) -> list[Any]:
    """Return names in a list; whether there are such is checked where they are used."""
    none = isinstance(names, str | bytes) or getattr(names, "ndim", 1) == 0
    if none or not isinstance(names, Iterable):
        raise ValidationError(name, "names", repr(names), "Give a list.")
    return list(names)


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
    both = check_pair("potentials", potentials)
    if "v" not in neuron.State._fields:
        expected = f"None for {type(neuron).__name__}, which has no potential"
        raise ValidationError("potentials", expected, str(both))
    return both


def synapses_of(shape: tuple[int, int], weights: Any, pairs: Connections | None) -> Synapses:
    """Return the synapses that arguments of ``SpikingNetwork.connect`` describe.

    Args:
        shape: The sizes of the populations, (target, source).
        weights: As given.
        pairs: The pairs that have a synapse; None if the weights say that.
    """
    if pairs is not None:
        strengths = _strengths(weights, pairs.num_synapses)
        return SparseSynapses.from_pairs(shape, pairs.pre, pairs.post, strengths)
    if isinstance(weights, int | float | np.number):
        remedy = "Say how: by probability=, in_degree= or connections=, or give a matrix."
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
    _check_positive(check_array("weights", listed) if len(listed) else np.zeros(1))
    if isinstance(weights, SparseSynapses):  # laid out as it will be when it is read from a file
        return SparseSynapses.from_pairs(shape, *weights.pairs())
    synapses: Synapses = weights
    return synapses.with_values(jnp.asarray(synapses.values, float_dtype()))


def pairs_of(
    shape: tuple[int, int],
    within: bool,
    probability: float | None,
    in_degree: int | None,
    connections: object,
    key: Array,
) -> Connections | None:
    """Return the pairs of neurons that have a synapse; None if no argument says that.

    Args:
        shape: The sizes of the populations, (target, source).
        within: Whether both are one population, in which no neuron is drawn to itself.
        probability: Of a synapse.
        in_degree: Synapses onto a neuron.
        connections: The pairs.
        key: From which they are drawn.
    """
    ways = {"probability": probability, "in_degree": in_degree, "connections": connections}
    given = [name for name, way in ways.items() if way is not None]
    if len(given) > 1:
        expected = f"None if {given[1]} is given"
        raise ValidationError(given[0], expected, "both")
    if connections is not None:
        if not isinstance(connections, Connections):
            expected = "Connections, such as connect_by_distance makes"
            raise ValidationError("connections", expected, repr(connections))
        if connections.shape != shape:
            expected = f"of shape {shape}, (target, source)"
            raise ValidationError("connections", expected, f"shape {connections.shape}")
        connections.check()
        return connections
    if in_degree is not None:
        return connect_by_in_degree(*shape, in_degree, loops=not within, seed=key)
    if probability is not None:
        return connect_by_probability(*shape, probability, loops=not within, seed=key)
    return None


def _strengths(weights: object, count: int) -> AnyArray | float:
    """Return the strengths of drawn or listed pairs: one number, or one for each."""
    if rank("weights", weights) == 0:
        return check_real("weights", weights, low=0)
    listed = check_array("weights", weights)
    if listed.shape != (count,):
        expected = f"a number, or {count}, one for each synapse"
        raise ValidationError("weights", expected, f"shape {listed.shape}")
    _check_positive(listed)
    return listed


def _check_positive(listed: AnyArray) -> None:
    if len(listed) and listed.min() < 0:
        remedy = 'Give strengths; kind="inhibitory" makes them inhibit.'
        raise ValidationError("weights", "at least 0", f"{listed.min():g}", remedy)


def learning_of(
    rule: Rule | None,
    bounds: tuple[float, float] | None,
    neuron: Neuron,
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
    project = Bounds(*check_pair("bounds", bounds, low=0))
    return with_step(rule, dt), project
