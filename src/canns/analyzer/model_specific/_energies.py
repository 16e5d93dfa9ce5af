"""Sizes and energies of any recurrent model: its own, or those of its weights."""

from typing import Any

import jax.numpy as jnp

from canns._placement import host
from canns._validation import check_real
from canns.dynamics import Hopfield, network_energies
from canns.errors import MissingStateError, ValidationError
from canns.models.brain_inspired import BrainInspiredModel
from canns.models.training import (
    box_of,
    energies_by_state,
    overrides,
    shape_of,
    state_box,
    weight_name,
)
from canns.typing import AnyArray

__all__ = ["energies_of", "size_of"]

_ASKER = "HopfieldAnalyzer"


def size_of(model: Any) -> int:
    """Return the number of neurons: ``num_neurons``, or else that of the square weights."""
    if hasattr(model, "num_neurons"):
        size: int = model.num_neurons
        return size
    try:
        shape = shape_of(box_of(model, weight_name(model, None), _ASKER))
    except MissingStateError as error:
        got = f"{type(model).__name__}, which has no weights"
        raise ValidationError("model", "a network with square weights", got) from error
    if len(shape) != 2 or shape[0] != shape[1]:
        got = f"{type(model).__name__} with weights {shape}"
        raise ValidationError("model", "a network with square weights", got)
    return shape[0]


def energies_of(model: Any, states: AnyArray) -> AnyArray:
    """Return the energies, (B,), of checked states, (B, N)."""
    if hasattr(model, "energies"):  # all at once, as the networks of the library do
        return host(model.energies(states))
    if _has_energy(model):
        return energies_by_state(model, state_box(model, None, _ASKER), states)
    weights = jnp.asarray(box_of(model, weight_name(model, None), _ASKER).value)
    threshold = check_real("threshold", getattr(model, "threshold", 0.0))
    return host(network_energies(Hopfield(threshold=threshold), weights, states))


def _has_energy(model: Any) -> bool:
    """Whether the model has an energy of its own, more than the hook of the base class."""
    if isinstance(model, BrainInspiredModel):
        return overrides(model, BrainInspiredModel, "energy")
    return hasattr(model, "energy")
