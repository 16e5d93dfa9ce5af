"""Neuron models, one kind a file."""

from canns.dynamics.neurons.spiking import decayed
from canns.dynamics.neurons.stack import numbered

__all__ = ["decayed", "numbered"]
