"""The score of neurons that fire at random; with a reward it is a policy gradient."""

from typing import ClassVar

import jax

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, PotentialRead, Reads, Rule, contract
from canns.typing import Array, param, pytree

__all__ = ["Score"]


@pytree
class Score(Rule):
    r"""The gradient of the log-probability of the output of neurons that fire at random.

    .. math:: \Delta W = \eta\, \beta\, (y - \sigma(\beta u))\, x^T

    It is for neurons that fire (y = 1) with the probability :math:`\sigma(\beta u)`, the logistic
    function of the potential u = W x, and otherwise are silent (y = 0). By itself the rule changes
    the weights by zero on average. Within :class:`RewardModulated` it is REINFORCE: the mean change
    is eta times the gradient of the expected reward, however the reward is computed. With a long
    eligibility the reward may come many steps later.

    Args:
        learning_rate: Eta.
        beta: Steepness of the firing probability, per unit of u.

    Example:
        >>> import jax.numpy as jnp
        >>> fired = Activity(jnp.array([1.0, 2.0]), jnp.ones(1), potential=jnp.zeros(1))
        >>> Score(1.0).step((), jnp.zeros((1, 2)), fired)[1].tolist()
        [[0.5, 1.0]]

    Source: Williams (1992), Mach. Learn. 8:229; with eligibility, Baxter & Bartlett (2001),
    J. Artif. Intell. Res. 15:319.
    """

    learning_rate: float = param(default=0.01, low=0)
    beta: float = param(default=1.0, low=0)

    needs: ClassVar[tuple[str, ...]] = ("potential",)
    remedy: ClassVar[str] = "Train a layer of neurons that have a potential."

    reads: ClassVar[Reads | None] = "chance"
    reads_potential: ClassVar[PotentialRead | None] = "field"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta beta (y - sigma(beta u)) x'."""
        assert activity.potential is not None, "see needs"
        surprise = activity.post - jax.nn.sigmoid(self.beta * activity.potential)
        return memory, self.learning_rate * self.beta * contract(surprise, activity.pre)
