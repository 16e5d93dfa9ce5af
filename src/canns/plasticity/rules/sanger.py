"""Sanger's rule, the generalised Hebbian algorithm: ordered principal components."""

import math
from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, contract
from canns.plasticity.rules.oja import PrincipalRule
from canns.typing import Array, param, pytree

__all__ = ["Sanger"]

# Up to this many weights, the running sums are faster than a matrix product, whose start-up time
# then dominates.
_SMALL = 1500


@pytree
class Sanger(PrincipalRule):
    r"""Sanger's rule (generalised Hebbian algorithm).

    .. math:: \Delta W = \eta\,(y x^T - \mathrm{tril}(y y^T)\, W)

    Neuron i learns what neurons 1..i leave unexplained, so the rows converge to the
    eigenvectors of the input correlation in order of their eigenvalues. Averaged over the
    samples, row i returns along eigenvector j at the rate :math:`2\lambda_i` if j = i,
    :math:`\lambda_i` if j < i, and :math:`\lambda_i - \lambda_j` if j > i, each times eta. So the
    fixed point is locally stable for :math:`\eta \lambda_1 < 1`.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 1.0]), post=jnp.array([1.0, 1.0]))
        >>> Sanger(learning_rate=1.0).step((), jnp.eye(2), activity)[1].tolist()
        [[0.0, 1.0], [0.0, 0.0]]

    Source: Sanger (1989), Neural Networks 2:459.
    """

    learning_rate: float = param(default=0.01, low=0)

    reads: ClassVar[Reads | None] = "responses"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta (y x' - tril(y y') W)."""
        y = activity.post
        if weights.size > _SMALL:
            explained = jnp.tril(contract(y, y)) @ weights
            return memory, self.learning_rate * (contract(y, activity.pre) - explained)
        left = activity.pre - _running_sums(y, weights)
        return memory, self.learning_rate * (y[:, None] * left)


def _running_sums(y: Array, weights: Array) -> Array:
    """Return the sum of y_l W_l over l <= i, for each row i, (out, in).

    A sum is split into the blocks before row i and the rows within its block. With blocks of about
    sqrt(out) rows, each part has few terms, and all of them compile to one element-wise loop.
    """
    out, in_ = weights.shape
    size = max(1, round(math.sqrt(out)))
    count = -(-out // size)
    missing = count * size - out
    rows = jnp.pad(weights, ((0, missing), (0, 0))).reshape(count, size, in_)
    answers = jnp.pad(y, (0, missing)).reshape(count, size, 1)
    totals = (answers * rows).sum(axis=1)
    block, row = jnp.arange(count)[:, None], jnp.arange(size)[:, None]
    before = jnp.zeros_like(totals)
    for k in range(count - 1):
        before += jnp.where(block > k, totals[k], 0)
    sums = before[:, None]
    for k in range(size):
        sums += jnp.where(row >= k, answers[:, k : k + 1], 0) * rows[:, k : k + 1]
    return sums.reshape(count * size, in_)[:out]
