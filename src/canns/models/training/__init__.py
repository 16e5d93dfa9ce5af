"""What trainers use of the models: adapters, plans, and training of many models in one call."""

from canns.models.boxes import Box, shape_in
from canns.models.brain_inspired.layer import FeedForwardLayer
from canns.models.brain_inspired.learnable import Learnable
from canns.models.brain_inspired.lookup import (
    box_of,
    can_resize,
    find_box,
    is_blank,
    overrides,
    put,
    shape_of,
    state_box,
    unchanged_on_error,
    weight_name,
)
from canns.models.brain_inspired.neuron_model import NeuronModel
from canns.models.brain_inspired.own_update import energies_by_state
from canns.models.brain_inspired.recalling import recall_with
from canns.models.files import build_model, describe_model, tensors_of, write_model
from canns.models.training.adapter import Adapter, adapt, is_layer, stores_by_hebb
from canns.models.training.planning import check_parts, plan_rule
from canns.models.training.silence import (
    Fault,
    Silence,
    fault_of,
    silence_of,
    warn_if_saturated,
    warn_of_members,
)
from canns.models.training.together import repeat, stack

__all__ = [
    "Adapter",
    "Box",
    "Fault",
    "FeedForwardLayer",
    "Learnable",
    "NeuronModel",
    "Silence",
    "adapt",
    "box_of",
    "build_model",
    "can_resize",
    "check_parts",
    "describe_model",
    "energies_by_state",
    "fault_of",
    "find_box",
    "is_blank",
    "is_layer",
    "overrides",
    "plan_rule",
    "put",
    "recall_with",
    "repeat",
    "shape_in",
    "shape_of",
    "silence_of",
    "stack",
    "state_box",
    "stores_by_hebb",
    "tensors_of",
    "unchanged_on_error",
    "warn_if_saturated",
    "warn_of_members",
    "weight_name",
    "write_model",
]
