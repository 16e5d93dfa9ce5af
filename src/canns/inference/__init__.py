"""Inference of plasticity: which learning rule explains observations, and with what numbers."""

from canns.inference.experiment import Experiment

__all__ = ["Experiment"]
