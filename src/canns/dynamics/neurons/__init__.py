"""Neuron models, one kind a file."""
