"""Layers of associative memory for deep networks, on ``brainstate.nn``.

:func:`hopfield_retrieval` is the pure function; the modules hold its weights.
"""

from canns.nn.layer import HopfieldLayer
from canns.nn.lookup import HopfieldLookup
from canns.nn.pooling import HopfieldPooling
from canns.nn.retrieval import hopfield_retrieval

__all__ = ["HopfieldLayer", "HopfieldLookup", "HopfieldPooling", "hopfield_retrieval"]
