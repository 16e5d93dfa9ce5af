"""The learner, all that learning changes, and checks of whether it has diverged."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy import typing as npt

from canns._validation import float_dtype
from canns.dynamics import Synapses
from canns.errors import DivergenceError
from canns.plasticity.rule import Memory, Rule
from canns.typing import Array, PyTree

__all__ = [
    "Learner",
    "as_floats",
    "carried",
    "divergence",
    "dtype_of",
    "healthy",
    "norms_of_change",
    "restored",
    "sound",
    "values_of",
]

# In float32 a weight of 1e10 has a resolution of 1e3, so larger weights mean nothing.
_LARGEST = 1e10


class Learner(NamedTuple):
    """All that learning changes.

    Args:
        weights: W, (out, in), or a tuple of parts.
        memory: The rule's memory, one array for each name in its ``memory_attrs``.
        state: The neuron's state.
        activity: The last activity (pre, post).
    """

    weights: PyTree
    memory: Memory
    state: PyTree
    activity: tuple[PyTree, PyTree]


def carried(learner: Learner) -> Learner:
    """Return the learner with what changes of its synapses: not which synapses there are.

    Loops carry it, and compiled calls return it, because they copy all that they are given back.
    """
    weights = learner.weights
    return learner._replace(weights=weights.values) if isinstance(weights, Synapses) else learner


def restored(changed: Learner, learner: Learner) -> Learner:
    """Return what :func:`carried` returned, with the synapses of ``learner``."""
    weights = learner.weights
    if not isinstance(weights, Synapses):
        return changed
    return changed._replace(weights=weights.with_values(changed.weights))


def as_floats(weights: PyTree) -> PyTree:
    """Return the weights as floats of a type that JAX computes with.

    Integers could not hold small changes, and NumPy's float64 is not there unless JAX is told so.
    """
    if isinstance(weights, Synapses):
        return weights.with_values(as_floats(weights.values))
    of_numpy = False
    for part in jax.tree.leaves(weights):
        if not jnp.issubdtype(part.dtype, jnp.inexact):
            return jax.tree.map(lambda part: jnp.asarray(part, float_dtype()), weights)
        of_numpy |= isinstance(part, np.ndarray)
    return jax.tree.map(jnp.asarray, weights) if of_numpy else weights


def values_of(weights: PyTree) -> list[Array]:
    """Return the arrays that hold weights: of synapses, not those that say which there are."""
    if isinstance(weights, Synapses):
        return [weights.values]
    return jax.tree.leaves(weights)


def dtype_of(weights: PyTree) -> Any:
    """Return the dtype of the weights."""
    return jax.tree.leaves(weights)[0].dtype


def healthy(learner: Learner) -> Array:
    """Whether everything in the learner is finite and no weight is too large to be meaningful."""
    return sound(learner.weights, learner[1:])


def sound(weights: PyTree, others: PyTree) -> Array:
    """Whether no weight is too large to be meaningful, and all other numbers are finite."""
    # In float32, because half precision cannot hold the limit. The maximum of NaN is NaN, and the
    # comparison with NaN is False: one pass over the weights checks for both.
    parts = [jnp.max(jnp.abs(part)) for part in values_of(weights) if part.size]
    fine = [largest.astype(jnp.float32) <= _LARGEST for largest in parts]
    return jnp.all(jnp.stack([*fine, *(jnp.isfinite(x).all() for x in jax.tree.leaves(others))]))


def norms_of_change(before: PyTree, after: PyTree) -> Array:
    """Return the norms, over all parts, of the weight change and of the weights after it, (2,)."""
    ends, starts = values_of(after), values_of(before)
    return jnp.stack([_norm([*map(jnp.subtract, ends, starts)]), _norm(ends)])


def _norm(parts: list[Array]) -> Array:
    norms: list[Array] = [jnp.linalg.norm(part) for part in parts]
    return norms[0] if len(norms) == 1 else jnp.linalg.norm(jnp.stack(norms))


def divergence(rule: Rule, step: int, inputs: npt.ArrayLike, whose: str = "") -> DivergenceError:
    """Return the error for a run of ``rule`` on ``inputs`` that failed at ``step``."""
    # In double precision, in which the squares in the bounds do not overflow.
    rows = np.asarray(inputs, np.float64)
    if not np.isfinite(rows).all():
        bound = "The inputs are not finite."
    elif not rows.any():
        bound = (
            "The inputs are all zero: a learning rate or the neuron's own drive is too large, "
            "or the weights were out of range before."
        )
    else:
        bound = rule.stability_bound(rows)
    name = type(rule).__name__
    what = f"{name}: the weights{whose} grew past {_LARGEST:g} or became non-finite"
    return DivergenceError(what, step, bound)
