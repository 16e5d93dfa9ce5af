"""Stabilities: the distance of each neuron's field from the wrong sign, at each pattern."""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy import typing as npt

from canns._placement import host
from canns._precision import product
from canns._validation import check_matrix
from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.iterated import Iterated
from canns.plasticity.projections import ZeroDiagonal, check_square
from canns.plasticity.rule import targets, widen
from canns.typing import Array, FloatArray, PyTree

__all__ = ["NO_DERIVATIVE", "PerceptronRule", "couple", "self_gram", "stabilities"]

NO_DERIVATIVE = (
    "How many steps it takes depends on the patterns. For a derivative take PseudoInverse, "
    "Dreaming, or DiederichOpper('I')."
)


def stabilities(weights: npt.ArrayLike, patterns: npt.ArrayLike) -> FloatArray:
    r"""Return the stability of each neuron at each pattern.

    .. math:: \kappa_i^\mu = \xi_i^\mu \sum_{j \ne i} W_{ij} \xi_j^\mu \Big/ |W_i|

    A pattern whose stabilities are all positive is a fixed point. The smallest stability of a
    neuron, :math:`\kappa_i = \min_\mu \kappa_i^\mu`, measures the size of the basins. The largest
    value that any weights reach is known: P random patterns allow :math:`\kappa` = 1 up to
    P = 0.5196 N.

    Args:
        weights: W, (N, N); self-couplings do not count.
        patterns: One pattern per row, (P, N). As targets, positive entries count as +1 and all
            others as -1.

    Returns:
        Kappa, (P, N); 0 for a neuron without weights.

    Raises:
        ValidationError: If the weights are not square, or a shape does not fit.

    Example:
        >>> stabilities([[0.0, 3.0], [-3.0, 0.0]], [[1.0, 1.0]]).tolist()
        [[1.0, -1.0]]

    Source: Gardner (1988), J. Phys. A 21:257.
    """
    matrix = check_matrix("weights", weights)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValidationError("weights", "square, (N, N)", f"shape {matrix.shape}")
    rows = jnp.asarray(check_matrix("patterns", patterns, len(matrix)))
    return np.asarray(_stabilities(jnp.asarray(matrix), rows, rows))


@jax.jit
def _stabilities(weights: Array, pre: Array, post: Array) -> Array:
    others = ZeroDiagonal()(widen(weights))
    norms = jnp.linalg.norm(others, axis=1)
    fields = targets(widen(post)) * product(widen(pre), others.T)
    return fields / jnp.where(norms > 0, norms, 1.0)


class PerceptronRule(Iterated):
    """A rule that makes each neuron a perceptron of large stability, and reports the stability."""

    corrects: ClassVar[bool] = True

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the weights do not lead from neuron to neuron, because none is its own input."""
        super().check_weights(weights)
        check_square(weights, "without self-couplings")

    def measures(self, weights: Array, activity: Activity) -> dict[str, FloatArray]:
        """Return ``kappa``, the smallest stability of each neuron, (N,)."""
        found = _stabilities(weights, activity.pre, activity.post)
        decided = jnp.where(self_gram(widen(activity.pre)) == 0, jnp.inf, found)
        return {"kappa": host(decided.min(axis=0))}

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message that badly scaled patterns make the weights large."""
        return "Patterns of very small or very large entries do so; scale them to about 1."


def couple(strengths: Array, pre: Array) -> Array:
    r"""Return :math:`W_{ij} = \frac{1}{N} \sum_\mu a_i^\mu x_j^\mu` without self-couplings.

    Args:
        strengths: a, the embedding strength times the target, (P, N).
        pre: x, (P, N).
    """
    return ZeroDiagonal()(strengths.T @ pre / pre.shape[1])


def self_gram(pre: Array) -> Array:
    r"""Return :math:`\frac{1}{N} \sum_{j \ne i} (x_j^\mu)^2` for each pattern and neuron, (P, N).

    If it is zero, as before the first pattern of a sequence, the field is zero for all weights.
    """
    return (jnp.sum(pre**2, axis=1, keepdims=True) - pre**2) / pre.shape[1]
