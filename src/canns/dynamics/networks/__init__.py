"""Dynamics of recurrent networks, one kind a file."""
