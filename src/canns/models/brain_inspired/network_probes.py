"""What ``SpikingNetwork.run`` samples besides spikes, made of its arguments."""

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
import numpy as np

from canns._memory import check_memory
from canns._validation import check_array, check_choice, check_real, float_dtype
from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.models.brain_inspired.network_arguments import check_names
from canns.models.brain_inspired.network_delays import places_in, read_steps
from canns.models.brain_inspired.network_run import NetworkSamples
from canns.plasticity import Pathway, Population, Probes
from canns.plasticity.circuits import Samples
from canns.typing import AnyArray

__all__ = ["check_room", "probes_of", "samples_of", "steps_between"]


def probes_of(
    populations: Mapping[str, Population],
    pathways: Mapping[str, Pathway],
    states: Mapping[str, Mapping[str, Iterable[int]]] | None,
    weights: Mapping[str, Iterable[int]] | Iterable[str] | None,
    every: int,
) -> Probes:
    """Return the probes that arguments of ``SpikingNetwork.run`` describe.

    Args:
        populations: The populations by name.
        pathways: The pathways by name.
        states: As given, as the next one is.
        weights: As given.
        every: Steps from one sample to the next.
    """
    fields, neurons = [], []
    for name, wanted in _mapping("record_states", states).items():
        population = populations[check_choice("record_states", name, populations)]
        for field, which in _mapping("record_states", wanted).items():
            fields.append((list(populations).index(name), _field(name, population, field)))
            neurons.append(jnp.asarray(_numbers("record_states", which, population.size)))
    learning = {name: way for name, way in pathways.items() if way.rule is not None}
    read, places = [], []
    for name in [] if weights is None else check_names("record_weights", weights):
        way = learning[check_choice("record_weights", name, learning, expected="that learns: ")]
        mean = not isinstance(weights, Mapping)
        read.append((list(pathways).index(name), mean))
        there = places_in(way)
        if isinstance(weights, Mapping):
            there = there[_numbers("record_weights", weights[name], len(there))]
        places.append(jnp.asarray(there))
    return Probes(
        tuple(neurons), tuple(places), jnp.int32(every), fields=tuple(fields), pathways=tuple(read)
    )


def steps_between(every: float | None, dt: float) -> int:
    """Return the steps from one sample to the next."""
    if every is None:
        return 1
    given = check_real("record_every", every, low=0, open_low=True)
    return max(1, int(read_steps("record_every", np.array(given), dt)))


def check_room(probes: Probes, steps: int) -> None:
    """Raise if what the probes will read in so many steps does not fit the memory."""
    samples = steps // int(probes.every) + 1
    needed = (2 * sum(probes.widths) + 8) * samples * float_dtype().itemsize
    remedy = "Record fewer neurons, or take a longer record_every."
    check_memory("record_states", needed, "what is to be recorded", remedy)


def samples_of(
    populations: Iterable[str],
    pathways: Iterable[str],
    dt: float,
    probes: Probes,
    samples: Samples,
) -> NetworkSamples:
    """Return samples by name."""
    names, ways = list(populations), list(pathways)
    states: dict[str, dict[str, AnyArray]] = {}
    for (k, field), rows in zip(probes.fields, samples.fields, strict=True):
        states.setdefault(names[k], {})[field] = rows
    each = zip(probes.pathways, samples.strengths, strict=True)
    weights = {ways[p]: rows[:, 0] if mean else rows for (p, mean), rows in each}
    return NetworkSamples(samples.steps * dt, states, weights)


def _mapping(name: str, given: object) -> Mapping[str, object]:
    if given is not None and not isinstance(given, Mapping):
        expected = "a dict of dicts, such as {'E': {'v': [0, 1]}}"
        raise ValidationError(name, expected, repr(given))
    return given or {}


def _field(name: str, population: Population, field: object) -> str:
    neuron = population.neuron
    fields = neuron.State._fields if isinstance(neuron, Neuron) else ()
    found: str = check_choice("record_states", field, fields, expected=f"a state of {name}: ")
    return found


def _numbers(name: str, which: object, count: int) -> AnyArray:
    """Return which of ``count`` neurons or synapses are meant."""
    listed = check_array(name, list(which) if isinstance(which, range) else which)
    if listed.ndim != 1 or (listed != np.rint(listed)).any():
        raise ValidationError(name, "whole numbers, in a list", f"shape {listed.shape}")
    if listed.min() < 0 or listed.max() >= count:
        got = listed.min() if listed.min() < 0 else listed.max()
        raise ValidationError(name, f"from 0 to {count - 1}", f"{got:g}")
    return listed.astype(np.int32)
