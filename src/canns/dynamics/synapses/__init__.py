"""Synapses in place of a weight matrix, whose cost is by the spike."""

from canns.dynamics.synapses.active import Active, active, each_active
from canns.dynamics.synapses.sparse_synapses import SparseSynapses
from canns.dynamics.synapses.synapses import EventMatrix, Fan, Synapses

__all__ = ["Active", "EventMatrix", "Fan", "SparseSynapses", "Synapses", "active", "each_active"]
