"""What a spiking network was declared as, as JSON values, and back."""

import dataclasses
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from canns._keys import as_key
from canns._validation import check_choice, check_real, check_size, float_dtype
from canns.dynamics import Neuron, SparseSynapses
from canns.errors import ValidationError
from canns.models.arguments import as_json, rebuilt
from canns.models.brain_inspired.network_arguments import (
    check_neuron,
    check_potentials,
    learning_of,
)
from canns.plasticity import (
    Background,
    Bounds,
    Pathway,
    PoissonInputs,
    Population,
    ReplayedInputs,
    Rule,
    VaryingInputs,
    WeightDependence,
)
from canns.plasticity.circuits import KINDS, Inputs
from canns.typing import JSON, Array

if TYPE_CHECKING:
    from canns.models.brain_inspired.populated_network import Named

__all__ = ["INPUTS", "describe", "described_pathway", "described_population", "key_of"]

#: The arrays of each kind of inputs, which a file holds.
INPUTS: dict[str, tuple[str, ...]] = {
    "PoissonInputs": ("rate",),
    "VaryingInputs": ("rates", "start"),
    "ReplayedInputs": ("first", "trains", "start"),
}
_KINDS: dict[str, type[Inputs]] = {
    kind.__name__: kind for kind in (PoissonInputs, VaryingInputs, ReplayedInputs)
}


def describe(
    key: Array, added: "dict[str, Named]", pathways: dict[str, Pathway]
) -> dict[str, JSON]:
    """Return what a network was declared as: all but the arrays of synapses, inputs and states."""
    names = list(added)
    words: list[JSON] = np.asarray(jax.random.key_data(key)).ravel().tolist()
    return {
        "seed": {"words": words, "kind": str(jax.random.key_impl(key))},
        "populations": {name: _population(named) for name, named in added.items()},
        "pathways": {name: _pathway(way, names) for name, way in pathways.items()},
    }


def key_of(seed: Any) -> Array:
    """Return the JAX key that :func:`describe` described."""
    words = np.asarray(seed["words"], np.uint32)
    key: Array = jax.random.wrap_key_data(jnp.asarray(words), impl=seed["kind"])
    return as_key(key)


def _population(named: "Named") -> JSON:
    population = named.population
    neuron = population.neuron
    inputs = isinstance(neuron, Inputs)
    backgrounds: list[JSON] = [as_json(background) for background in population.backgrounds]
    return {
        "size": population.size,
        "neuron": _inputs(neuron) if isinstance(neuron, Inputs) else as_json(neuron),
        "backgrounds": backgrounds,
        "potentials": None if inputs else as_json(named.potentials),
    }


def _inputs(inputs: Inputs) -> JSON:
    """Return inputs without their arrays."""
    kind = type(inputs).__name__
    fields: Any = dataclasses.fields(inputs)  # type: ignore[arg-type]
    scalars = [field.name for field in fields if field.name not in INPUTS[kind]]
    return {"inputs": kind} | {name: as_json(getattr(inputs, name)) for name in scalars}


def described_population(name: str, config: Any) -> tuple[Population, tuple[float, float] | None]:
    """Return the population of a description, and its potentials; arrays of inputs are blank."""
    size = check_size("size", config["size"])
    described = config["neuron"]
    if "inputs" in described:
        kind = check_choice("inputs", described["inputs"], INPUTS)
        scalars = {key: check_real(key, described[key], low=0) for key in {*described} - {"inputs"}}
        blank = dict.fromkeys(INPUTS[kind], jnp.zeros(1, float_dtype()))
        return Population(_KINDS[kind](**scalars, **blank), size=size), None
    neuron = rebuilt(described, Neuron)
    if not isinstance(neuron, Neuron):
        raise ValidationError(f"the neuron of {name}", "a neuron", repr(described))
    check_neuron(neuron)
    backgrounds = tuple(map(_background, config["backgrounds"]))
    potentials = config["potentials"]
    if potentials is not None:
        potentials = check_potentials(neuron, (potentials[0], potentials[1]))
    return Population(neuron, backgrounds, size=size), potentials


def _background(config: Any) -> Background:
    table = np.asarray(config["cumulative"], float_dtype())
    rising = table.ndim == 1 and len(table) > 0 and (np.diff(table) >= 0).all()
    if not rising or not 0 <= table[0] <= table[-1] <= 1:
        raise ValidationError("cumulative", "probabilities that rise to 1", f"{table.shape}")
    kind = check_choice("kind", config["kind"], KINDS)
    return Background(jnp.asarray(table), check_real("weight", config["weight"], low=0), kind)


def _pathway(pathway: Pathway, names: list[str]) -> JSON:
    bounds: JSON = None
    if isinstance(pathway.project, Bounds):
        bounds = [as_json(pathway.project.w_min), as_json(pathway.project.w_max)]
    return {
        "source": names[pathway.source],
        "target": names[pathway.target],
        "kind": pathway.kind,
        "rule": None if pathway.rule is None else as_json(pathway.rule),
        "bounds": bounds,
    }


def described_pathway(config: Any, populations: "dict[str, Named]", dt: float) -> Pathway:
    """Return the pathway of a description, without synapses."""
    source = check_choice("source", config["source"], populations)
    target = check_choice("target", config["target"], populations)
    sizes = [populations[name].population.size for name in (target, source)]
    neuron = populations[target].population.neuron
    if not isinstance(neuron, Neuron):
        raise ValidationError("target", "a population of neurons", f"{target!r}, which are inputs")
    none = SparseSynapses.from_pairs((sizes[0], sizes[1]), [], [])
    bounds = config["bounds"]
    held = None if bounds is None else (bounds[0], bounds[1])
    rule: Any = None if config["rule"] is None else rebuilt(config["rule"], Rule, WeightDependence)
    names = list(populations)
    return Pathway(
        none,
        *learning_of(rule, held, neuron, dt),
        source=names.index(source),
        target=names.index(target),
        kind=check_choice("kind", config["kind"], KINDS),
    )
