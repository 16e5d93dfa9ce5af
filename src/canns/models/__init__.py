"""Stateful models: thin holders of the states that the pure dynamics advance."""
