"""Couplings: matrices, stored patterns, and sparse tables."""

from canns.dynamics.couplings.bits import WORD
from canns.dynamics.couplings.host_patterns import (
    cut_stored,
    in_numpy,
    is_two_valued,
    join_stored,
    store,
    to_device,
    without_padding,
)
from canns.dynamics.couplings.matrix import Symmetric
from canns.dynamics.couplings.pattern_norms import norms_after

__all__ = [
    "WORD",
    "Symmetric",
    "cut_stored",
    "in_numpy",
    "is_two_valued",
    "join_stored",
    "norms_after",
    "store",
    "to_device",
    "without_padding",
]
