"""Brain-inspired models: associative memories and layers that learn."""

from canns.models.brain_inspired._base import BrainInspiredModel
from canns.models.brain_inspired._group import BrainInspiredModelGroup
from canns.models.brain_inspired._layer import FeedForwardLayer
from canns.models.brain_inspired._recurrent import RecurrentNetwork
from canns.models.brain_inspired.hopfield import AmariHopfieldNetwork
from canns.models.brain_inspired.linear import LinearLayer
from canns.models.brain_inspired.spiking import SpikingLayer

__all__ = [
    "AmariHopfieldNetwork",
    "BrainInspiredModel",
    "BrainInspiredModelGroup",
    "FeedForwardLayer",
    "LinearLayer",
    "RecurrentNetwork",
    "SpikingLayer",
]
