"""Circuits: populations of spiking neurons, and pathways of synapses between them."""

from canns.plasticity.circuits.circuit import Circuit, CircuitState
from canns.plasticity.circuits.parts import (
    KINDS,
    Background,
    Kind,
    Pathway,
    PoissonInputs,
    Population,
)
from canns.plasticity.circuits.run import run_circuit

__all__ = [
    "KINDS",
    "Background",
    "Circuit",
    "CircuitState",
    "Kind",
    "Pathway",
    "PoissonInputs",
    "Population",
    "run_circuit",
]
