"""Oja's rule: each neuron learns the first principal component."""

from typing import ClassVar

import numpy as np

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.typing import Array, FloatArray, param, pytree

__all__ = ["Oja", "principal_bound"]


@pytree
class Oja(Rule):
    r"""Oja's single-unit rule; each neuron learns independently.

    .. math:: \Delta W_{ij} = \eta\,(y_i x_j - y_i^2 W_{ij})

    A linear neuron's weights converge to the leading eigenvector of the input correlation,
    with unit norm; this fixed point is locally stable for :math:`\eta \lambda_1 < 1`. At constant
    eta and Gaussian input the weight along eigenvector j fluctuates with variance
    :math:`\eta \lambda_1 \lambda_j / (2(\lambda_1 - \lambda_j))`.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 0.0]), post=jnp.array([1.0]))
        >>> weights = jnp.array([[1.0, 1.0]])
        >>> Oja(learning_rate=0.5).step((), weights, activity)[1].tolist()
        [[0.0, -0.5]]

    Source: Oja (1982), J. Math. Biol. 15:267.
    """

    learning_rate: float = param(default=0.01, low=0)

    reads: ClassVar[Reads | None] = "responses"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta (y x' - y^2 W)."""
        y = activity.post
        decay = (y**2)[:, None] * weights
        return memory, self.learning_rate * (contract(y, activity.pre) - decay)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return eta lambda_1 < 1 in numbers."""
        return principal_bound(inputs)


def principal_bound(inputs: FloatArray) -> str:
    """Return the bound eta lambda_1 < 1 for the correlation of ``inputs``, (T, in)."""
    scale = np.linalg.norm(inputs, 2) ** 2 / len(inputs)
    return (
        "The rule is stable for learning_rate < 1/lambda_1, with lambda_1 the largest eigenvalue "
        f"of the input correlation: here below {1 / scale:.3g}."
    )
