"""Checks of the layers of a hierarchical memory, of its synapses, and of their weights."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from canns._validation import did_you_mean, is_traced
from canns.dynamics.lagrangians.layer import LagrangianLayer
from canns.errors import ValidationError
from canns.typing import PyTree

__all__ = ["check_layers", "check_synapses", "check_weights"]


def check_layers(layers: Sequence[LagrangianLayer]) -> None:
    """Raise if there is no slow layer, or two layers have one name."""
    if not isinstance(layers, tuple) or not all(isinstance(one, LagrangianLayer) for one in layers):
        raise ValidationError("layers", "a tuple of LagrangianLayer", repr(layers))
    names = [layer.name for layer in layers]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValidationError("layers", "named differently", f"two of the name {twice!r}")
    if all(layer.is_instant for layer in layers):
        remedy = "Give a tau to one, whose potentials are then the states."
        raise ValidationError("layers", "one or more with a tau", f"{len(layers)} without", remedy)


def check_synapses(layers: Sequence[LagrangianLayer], synapses: Sequence[tuple[str, str]]) -> None:
    """Raise if a synapse is no pair of layers, comes twice, or joins instant layers."""
    instant = {layer.name: layer.is_instant for layer in layers}
    seen: set[frozenset[str]] = set()
    for pair in synapses:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ValidationError("synapses", "pairs of names of layers", repr(pair))
        for name in pair:
            if name not in instant:
                remedy = did_you_mean(name, instant) or f"The layers are {', '.join(instant)}."
                raise ValidationError("synapses", "between layers that exist", repr(name), remedy)
        if frozenset(pair) in seen:
            raise ValidationError("synapses", "each pair of layers once", f"{pair} again")
        seen.add(frozenset(pair))
        if instant[pair[0]] and instant[pair[1]]:
            remedy = "Give a tau to one of them: their fixed points would depend on each other."
            raise ValidationError("synapses", "none between instant layers", repr(pair), remedy)


def check_weights(
    layers: Sequence[LagrangianLayer], synapses: Sequence[tuple[str, str]], weights: PyTree
) -> None:
    """Raise if the weights are not one matrix per synapse, of the sizes of its layers."""
    sizes = {layer.name: layer.size for layer in layers}
    if not isinstance(weights, tuple | list) or len(weights) != len(synapses):
        got = f"{len(weights)}" if isinstance(weights, tuple | list) else type(weights).__name__
        expected = f"a tuple of {len(synapses)} matrices, one per synapse"
        raise ValidationError("weights", expected, got)
    for (first, second), matrix in zip(synapses, weights, strict=True):
        shape = sizes[first], sizes[second]
        found = jnp.shape(matrix) if is_traced(matrix) else np.shape(matrix)
        if found != shape:
            owner = f"the weights of ({first!r}, {second!r})"
            remedy = "They are rows of the first layer and columns of the second."
            raise ValidationError(owner, f"of shape {shape}", f"{found}", remedy)
