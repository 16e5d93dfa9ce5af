"""Pure dynamics: neurons, networks, and the driver that recalls."""

from canns.dynamics._capacity import CapacityCriterion, storage_capacity
from canns.dynamics._hopfield import ACTIVATIONS, TIES, ActivationName, Hopfield, TieRule, activate
from canns.dynamics._lif import LIF, LIFState
from canns.dynamics._neuron import Activity, Clamped, Linear, Neuron, NoState
from canns.dynamics._recall import (
    OUTCOMES,
    Network,
    RecallProgress,
    RecallResult,
    recall,
    recall_members,
)
from canns.dynamics._update import network_energies, neuron_step, update_once

__all__ = [
    "ACTIVATIONS",
    "LIF",
    "OUTCOMES",
    "TIES",
    "ActivationName",
    "Activity",
    "CapacityCriterion",
    "Clamped",
    "Hopfield",
    "LIFState",
    "Linear",
    "Network",
    "Neuron",
    "NoState",
    "RecallProgress",
    "RecallResult",
    "TieRule",
    "activate",
    "network_energies",
    "neuron_step",
    "recall",
    "recall_members",
    "storage_capacity",
    "update_once",
]
