"""The network to measure: a model, or bare couplings with dynamics for them."""

from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
from numpy.typing import ArrayLike

from canns._validation import check_array, check_matrix, check_real, check_vector, float_dtype
from canns.dynamics import Couplings, Hopfield, LowRank, Network, Sparse
from canns.errors import ValidationError
from canns.models.brain_inspired import RecurrentNetwork
from canns.typing import PyTree

__all__ = ["Subject", "Subjectable", "check_couplings", "subject"]

Subjectable: TypeAlias = RecurrentNetwork | LowRank | Sparse | ArrayLike


class Subject(NamedTuple):
    """Dynamics, the weights that give the field, and the number of neurons N."""

    dynamics: Network
    weights: PyTree
    num_neurons: int


def subject(network: Subjectable, dynamics: Network | None) -> Subject:
    """Return the dynamics and the weights of ``network``.

    Args:
        network: A model, which has dynamics of its own; or couplings: a matrix (N, N),
            :class:`~canns.dynamics.LowRank` or :class:`~canns.dynamics.Sparse`.
        dynamics: Dynamics of bare couplings; None for :class:`~canns.dynamics.Hopfield`.

    Raises:
        ValidationError: If the couplings are not square and finite, a model overrides its update or
            energy, or ``dynamics`` are given beside a model.
    """
    if not isinstance(network, RecurrentNetwork):
        rules = Hopfield() if dynamics is None else dynamics
        rules.validate()
        weights, size = check_couplings("network", network)
        return Subject(rules, weights, size)
    if dynamics is not None:
        raise ValidationError("dynamics", "None for a model", repr(dynamics), "Give its weights.")
    if not network.runs_compiled:
        got = f"{type(network).__name__}, with an update or energy of its own"
        raise ValidationError("network", "a model that runs the library's dynamics", got)
    return Subject(network.valid_dynamics(), network.W.value, network.s.value.shape[0])


def check_couplings(name: str, weights: LowRank | Sparse | ArrayLike) -> tuple[Couplings, int]:
    """Return ``weights`` as finite square couplings, and the number of neurons."""
    if isinstance(weights, LowRank):
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


def _check_patterns(name: str, weights: LowRank) -> tuple[LowRank, int]:
    post = check_matrix(f"{name}.post", weights.post)
    pre = check_matrix(f"{name}.pre", weights.pre, post.shape[1])
    if pre.shape != post.shape:
        raise ValidationError(f"{name}.pre", f"of shape {post.shape}", f"shape {pre.shape}")
    scale = jnp.asarray(check_real(f"{name}.scale", weights.scale), float_dtype())
    diagonal = check_vector(f"{name}.diagonal", weights.diagonal, post.shape[1])
    checked = LowRank(jnp.asarray(post), jnp.asarray(pre), scale, jnp.asarray(diagonal))
    return checked, post.shape[1]
