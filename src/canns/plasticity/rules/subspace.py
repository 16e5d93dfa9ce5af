"""Oja's subspace rule, and its weighted form, which finds the principal components."""

from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Reads, contract
from canns.plasticity.rules.oja import PrincipalRule
from canns.plasticity.rules.principal import principal_bound
from canns.typing import Array, FloatArray, param, pytree

__all__ = ["OjaSubspace", "WeightedSubspace"]


@pytree
class OjaSubspace(PrincipalRule):
    r"""Oja's subspace rule.

    .. math:: \Delta W = \eta\, y (x - W^T y)^T

    The rows of k linear neurons converge to an orthonormal basis of the space that the k leading
    eigenvectors of the input correlation span, so that :math:`W W^T = I` and :math:`W^T W`
    projects onto it. The basis depends on the initial weights. The fixed point is locally stable
    for :math:`\eta \lambda_1 < 1`.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 1.0]), post=jnp.array([1.0, 1.0]))
        >>> OjaSubspace(1.0).step((), 2 * jnp.eye(2), activity)[1].tolist()
        [[-1.0, -1.0], [-1.0, -1.0]]

    Source: Oja (1989), Int. J. Neural Syst. 1:61; Williams (1985), Feature discovery through
    error-correction learning, ICS report 8501.
    """

    learning_rate: float = param(default=0.01, low=0)

    reads: ClassVar[Reads | None] = "responses"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta y (x - W' y)'."""
        y = activity.post
        return memory, self.learning_rate * contract(y, activity.pre - y @ weights)


@pytree
class WeightedSubspace(PrincipalRule):
    r"""The weighted subspace rule: the subspace rule with a different factor for each neuron.

    .. math::
        \Delta w_j = \eta\, y_j \Big(x - \theta_j \sum_i y_i w_i\Big), \qquad
        \theta_j = 1 + (j - 1)\, \delta

    Only the principal components in order are stable: :math:`w_j = \pm e_j / \sqrt{\theta_j}`, with
    :math:`e_1` the leading eigenvector of the input correlation. Neurons i and j get
    into order at a rate of about :math:`\eta (\lambda_i - \lambda_j)(\theta_j/\theta_i - 1)`. The
    fixed point is locally stable for :math:`\eta \lambda_1 (r + 1/r) < 2`, where r is the last
    theta.

    Args:
        learning_rate: Eta.
        theta_step: Delta, the difference between successive thetas, above 0.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 1.0]), post=jnp.array([1.0, 1.0]))
        >>> WeightedSubspace(1.0, theta_step=1.0).step((), jnp.eye(2), activity)[1].tolist()
        [[0.0, 0.0], [-1.0, -1.0]]

    Source: Oja, Ogawa & Wangviwattana (1992), IEICE Trans. Inf. Syst. E75-D:366.
    """

    learning_rate: float = param(default=0.01, low=0)
    theta_step: float = param(default=0.2, low=0, open_low=True)

    reads: ClassVar[Reads | None] = "responses"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta y (x - theta W' y)', row by row."""
        y = activity.post
        theta = 1 + self.theta_step * jnp.arange(len(y), dtype=y.dtype)
        explained = contract(theta * y, y @ weights)
        return memory, self.learning_rate * (contract(y, activity.pre) - explained)

    def share_of_bound(self, outputs: int) -> float:
        """Return 2/(r + 1/r), by which unequal thetas lower the bound."""
        last = 1 + self.theta_step * (outputs - 1)
        return 2 / (last + 1 / last)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return eta lambda_1 < 1 in numbers, and by how much unequal thetas lower it."""
        return (
            f"{principal_bound(inputs)} Multiply the bound by 2/(r + 1/r), with r the theta of "
            "the last neuron."
        )
