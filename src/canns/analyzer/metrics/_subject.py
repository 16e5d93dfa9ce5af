"""The network to measure: a model, or bare couplings with dynamics for them."""

from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
from numpy.typing import ArrayLike

from canns._validation import check_array, check_matrix, check_vector, refuse_class
from canns.dynamics import Couplings, Hopfield, Network, Sparse, StoredPatterns
from canns.errors import ValidationError
from canns.models.brain_inspired import RecurrentNetwork
from canns.typing import PyTree

__all__ = ["Subject", "Subjectable", "check_couplings", "subject"]

Subjectable: TypeAlias = RecurrentNetwork | StoredPatterns | Sparse | ArrayLike


class Subject(NamedTuple):
    """Dynamics, the weights that give the field, and the number of neurons N."""

    dynamics: Network
    weights: PyTree
    num_neurons: int


def subject(network: Subjectable, dynamics: Network | None) -> Subject:
    """Return the dynamics and the weights of ``network``.

    Args:
        network: A model, which has dynamics of its own; or couplings: a matrix (N, N),
            :class:`~canns.dynamics.StoredPatterns` or :class:`~canns.dynamics.Sparse`.
        dynamics: Dynamics of bare couplings; None for :class:`~canns.dynamics.Hopfield`.

    Raises:
        ValidationError: If the couplings are not square and finite, a model overrides its update or
            energy, or ``dynamics`` are given beside a model.
    """
    if not isinstance(network, RecurrentNetwork):
        rules: object = Hopfield() if dynamics is None else dynamics
        if not isinstance(rules, Network):
            expected = "a network of canns.dynamics or None"
            refuse_class("dynamics", expected, rules)
            raise ValidationError("dynamics", expected, repr(rules))
        rules.validate()
        weights, size = check_couplings("network", network)
        return Subject(rules, weights, size)
    if dynamics is not None:
        raise ValidationError("dynamics", "None for a model", repr(dynamics), "Give its weights.")
    if not network.runs_compiled:
        got = f"{type(network).__name__}, with an update or energy of its own"
        raise ValidationError("network", "a model that runs the library's dynamics", got)
    return Subject(network.valid_dynamics(), network.W.value, network.s.value.shape[0])


def check_couplings(
    name: str, weights: StoredPatterns | Sparse | ArrayLike
) -> tuple[Couplings, int]:
    """Return ``weights`` as finite square couplings, and the number of neurons."""
    if isinstance(weights, StoredPatterns):
        return _check_patterns(name, weights)
    if isinstance(weights, Sparse):
        kept = check_matrix(f"{name}.weights", weights.weights)
        if weights.indices.shape != kept.shape:
            got = f"shape {weights.indices.shape}"
            raise ValidationError(f"{name}.indices", f"of shape {kept.shape}", got)
        return Sparse(weights.indices, jnp.asarray(kept)), len(kept)
    matrix = check_array(name, weights)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValidationError(name, "square, (N, N)", f"shape {matrix.shape}")
    return jnp.asarray(matrix), len(matrix)


def _check_patterns(name: str, weights: StoredPatterns) -> tuple[StoredPatterns, int]:
    """Return couplings whose floats are checked; int8 and bits are what a network stored."""
    size = weights.num_neurons
    diagonal = jnp.asarray(check_vector(f"{name}.diagonal", weights.diagonal, size))
    strengths = jnp.asarray(check_array(f"{name}.strengths", weights.strengths))
    checked = weights._replace(strengths=strengths, diagonal=diagonal)
    if weights.packed or weights.patterns.dtype == jnp.int8:
        return checked, size
    pre = check_matrix(f"{name}.pre", weights.patterns, size)
    if weights.post is not None:
        post = check_matrix(f"{name}.post", weights.post, size)
        if pre.shape != post.shape:
            raise ValidationError(f"{name}.pre", f"of shape {post.shape}", f"shape {pre.shape}")
        checked = checked._replace(post=jnp.asarray(post))
    return checked._replace(patterns=jnp.asarray(pre)), size
