"""Couplings: matrices, stored patterns, and sparse tables."""
