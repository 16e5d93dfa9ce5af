"""Neuron models, one kind a file."""

from canns.dynamics.neurons.spiking import decayed
from canns.dynamics.neurons.stack import numbered
from canns.dynamics.neurons.wrapper import Wrapper

__all__ = ["Wrapper", "decayed", "numbered"]
