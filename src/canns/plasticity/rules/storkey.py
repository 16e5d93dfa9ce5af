"""Storkey's rule: local, incremental, and with a larger capacity than Hebb's."""

from typing import ClassVar, Literal

from canns._validation import check_size
from canns.dynamics import Activity
from canns.plasticity.projections import ZeroDiagonal
from canns.plasticity.rule import Memory, Rule, Target, contract
from canns.typing import Array, FloatArray, param, pytree, static

__all__ = ["Storkey"]


@pytree
class Storkey(Rule):
    r"""Storkey's rule, of first or second order.

    .. math::
        \Delta W_{ij} = \frac{\eta}{N} \left( \xi_i \xi_j - \xi_i h_{ji} - h_{ij} \xi_j
        \;[\, + h_{ij} h_{ji}] \right), \qquad h_{ij} = \sum_{k \ne i,j} W_{ik} \xi_k

    The last product is in the second-order rule only, whose change is
    :math:`(\xi_i - h_{ij})(\xi_j - h_{ji})`. Show each pattern once: the first-order rule removes
    a pattern that is shown a second time.

    Args:
        learning_rate: Eta.
        order: 1 or 2.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, -1.0]), post=jnp.array([1.0, -1.0]))
        >>> Storkey().step((), jnp.zeros((2, 2)), activity)[1].tolist()
        [[0.5, -0.5], [-0.5, 0.5]]

    Source: Storkey (1997), ICANN, LNCS 1327:451; Storkey & Valabregue (1999), Neural Networks
    12:869.
    """

    learning_rate: float = param(default=1.0, low=0)
    order: Literal[1, 2] = static(default=1)

    target: ClassVar[Target] = "self"

    def validate(self) -> None:
        """Check the interval and the order."""
        super().validate()
        check_size("order", self.order, low=1, high=2)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the change for one pattern, without an (N, N, N) sum."""
        xi = activity.post
        others = ZeroDiagonal()(weights)
        field = (others @ xi)[:, None] - others * xi
        crosstalk = field * xi
        delta = contract(xi, xi) - (crosstalk + crosstalk.T)
        if self.order == 2:
            delta = delta + field * field.T
        return memory, self.learning_rate / xi.size * delta

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound of one pattern shown again and again, ``eta |x|^2 < N``."""
        largest = float((inputs**2).sum(axis=1).max())
        bound = inputs.shape[1] / largest
        return f"A pattern shown again is stable for learning_rate < N/max|x|^2 = {bound:.3g}."
