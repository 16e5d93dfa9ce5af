"""Circuits: populations of spiking neurons, and pathways of synapses between them."""

from canns.plasticity.circuits.circuit import Circuit, CircuitState
from canns.plasticity.circuits.inputs import (
    Inputs,
    PoissonInputs,
    ReplayedInputs,
    VaryingInputs,
)
from canns.plasticity.circuits.parts import KINDS, Background, Kind, Pathway, Population
from canns.plasticity.circuits.probes import Probes, Samples
from canns.plasticity.circuits.run import run_circuit

__all__ = [
    "KINDS",
    "Background",
    "Circuit",
    "CircuitState",
    "Inputs",
    "Kind",
    "Pathway",
    "PoissonInputs",
    "Population",
    "Probes",
    "ReplayedInputs",
    "Samples",
    "VaryingInputs",
    "run_circuit",
]
