"""Neuron models, one kind a file."""

from canns.dynamics.neurons.stack import numbered

__all__ = ["numbered"]
