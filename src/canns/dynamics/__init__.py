"""Pure dynamics: neurons, networks, and the driver that recalls."""

from canns.dynamics._hopfield import ACTIVATIONS, TIES, Hopfield, activate
from canns.dynamics._lif import LIF, LIFState
from canns.dynamics._neuron import Activity, Clamped, Linear, Neuron, NoState
from canns.dynamics._recall import OUTCOMES, Network, RecallProgress, RecallResult, recall

__all__ = [
    "ACTIVATIONS",
    "LIF",
    "OUTCOMES",
    "TIES",
    "Activity",
    "Clamped",
    "Hopfield",
    "LIFState",
    "Linear",
    "Network",
    "Neuron",
    "NoState",
    "RecallProgress",
    "RecallResult",
    "activate",
    "recall",
]
