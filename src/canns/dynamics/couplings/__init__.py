"""Couplings: matrices, stored patterns, and sparse tables."""

from canns.dynamics.couplings.bits import WORD
from canns.dynamics.couplings.matrix import Symmetric
from canns.dynamics.couplings.storing import cut_stored, is_two_valued, join_stored, store

__all__ = ["WORD", "Symmetric", "cut_stored", "is_two_valued", "join_stored", "store"]
