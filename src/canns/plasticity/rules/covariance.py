"""The covariance rule, for patterns of any coding level."""

from typing import ClassVar

from canns.dynamics import Activity
from canns.plasticity.rule import Kept, Memory, Reads, Rule, Shown, each_by
from canns.plasticity.rules.hebbian import UNBOUNDED, product
from canns.typing import AnyArray, Array, FloatArray, param, pytree

__all__ = ["Covariance"]


@pytree
class Covariance(Rule):
    r"""The covariance rule, :math:`\Delta W = \eta\, (y - f)(x - f)^T`.

    It stores patterns of 0 and 1, of mean f, without the common field that their mean would
    produce. The usual learning rate is :math:`\eta = 1/(N f (1 - f))`.

    Args:
        learning_rate: Eta.
        coding_level: f, the mean activity: in [0, 1] for neurons of 0 and 1, in [-1, 1] for neurons
            of -1 and 1.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, 0.0]), post=jnp.array([1.0, 0.0]))
        >>> Covariance(1.0, coding_level=0.5).step((), jnp.zeros((2, 2)), activity)[1].tolist()
        [[0.25, -0.25], [-0.25, 0.25]]

    Source: Tsodyks & Feigelman (1988), Europhys. Lett. 6:101; Sejnowski (1977), J. Math. Biol.
    4:303.
    """

    learning_rate: float = param(default=1.0, low=0)
    coding_level: float = param(default=0.5)

    shown: ClassVar[Shown] = "summed"
    centres: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "anything"

    @property
    def padding_value(self) -> float:
        """The mean activity f: an input at f has no effect."""
        return self.coding_level

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta (y - f)(x - f)'."""
        f = self.coding_level
        centred = activity._replace(pre=activity.pre - f, post=activity.post - f)
        return memory, product(self.learning_rate, centred)

    def as_patterns(self, patterns: AnyArray) -> Kept:
        """Return eta for each pattern, and f."""
        return Kept(each_by(self.learning_rate, patterns), float(self.coding_level))

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message of all product rules: there is no bound."""
        return UNBOUNDED
