"""A learner that goes on: whether its memory and state are those of the setup."""

from functools import lru_cache

import jax
import numpy as np
from jax.tree_util import PyTreeDef

from canns._validation import float_dtype, is_traced
from canns.errors import ValidationError
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.typing import PyTree

__all__ = ["check_continued"]

# Types of hyperparameters for which the shapes are kept; arrays are no keys.
_KEYS = {float, int, str}


def check_continued(setup: Setup, learner: Learner) -> None:
    """Raise if the rule's memory or the neuron's state is not one of the setup.

    A rule may keep as many samples as its hyperparameters ask for, so the memory of one setup
    need not fit another of the same classes. Those of a setup with traced values are unknown.
    """
    if is_traced(setup):
        return
    values, structure = jax.tree.flatten(setup)
    parts, weights = jax.tree.flatten(learner.weights)
    numbers = all(type(value) in _KEYS for value in values)
    start = _shapes_at_start if numbers else _shapes_at_start.__wrapped__
    shapes = tuple([np.shape(part) for part in parts])
    expected = start(structure, tuple(values), weights, shapes)
    got = _shapes(learner.memory), _shapes(learner.state)
    if got == expected:
        return
    which = 0 if got[0] != expected[0] else 1
    part, whose = (("memory", setup.rule), ("state", setup.neuron))[which]
    raise ValidationError(
        "learner",
        f"one whose {part} fits this {type(whose).__name__}, {expected[which]}",
        got[which],
        "Go on with the setup that it came from, or start anew from its weights.",
    )


@lru_cache(maxsize=256)
def _shapes_at_start(
    structure: PyTreeDef,
    values: tuple[object, ...],
    weights: PyTreeDef,
    shapes: tuple[tuple[int, ...], ...],
) -> tuple[str, str]:
    """Return the shapes of the memory and the state with which a setup starts.

    Args:
        structure: The structure of the setup.
        values: Its hyperparameters.
        weights: The structure of the weights.
        shapes: The shape of each of their parts.
    """
    setup = jax.tree.unflatten(structure, values)
    parts = [
        jax.ShapeDtypeStruct(shape, float_dtype())  # type: ignore[no-untyped-call]
        for shape in shapes
    ]
    own = jax.eval_shape(setup.start, jax.tree.unflatten(weights, parts))
    return _shapes(own.memory), _shapes(own.state)


def _shapes(part: PyTree) -> str:
    """Return the shapes of all arrays of ``part``, in its own structure."""
    return str(jax.tree.map(np.shape, part))
