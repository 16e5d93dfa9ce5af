"""Sanger's rule, the generalised Hebbian algorithm: ordered principal components."""

from typing import Any

import jax.numpy as jnp
from numpy.typing import NDArray

from canns.dynamics import Activity
from canns.plasticity._oja import principal_bound
from canns.plasticity._rule import Memory, Rule, contract
from canns.typing import Array, param, pytree

__all__ = ["Sanger"]


@pytree
class Sanger(Rule):
    r"""Sanger's rule (generalised Hebbian algorithm).

    .. math:: \Delta W = \eta\,(y x^T - \mathrm{tril}(y y^T)\, W)

    Neuron i learns what neurons 1..i leave unexplained, so the rows converge to the
    eigenvectors of the input correlation in order of their eigenvalues.

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

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta (y x' - tril(y y') W)."""
        y = activity.post
        explained = jnp.tril(contract(y, y)) @ weights
        return memory, self.learning_rate * (contract(y, activity.pre) - explained)

    def stability_bound(self, inputs: NDArray[Any]) -> str:
        """Return eta lambda_1 < 1 in numbers, the bound of the first neuron."""
        return principal_bound(inputs)
