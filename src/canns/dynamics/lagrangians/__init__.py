"""Lagrangians, which define the layers of hierarchical associative memories."""
