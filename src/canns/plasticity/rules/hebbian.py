"""Hebb's rule and its opposite."""

from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics import Activity, Linear, Neuron
from canns.plasticity.rule import Kept, Memory, Reads, Rule, Shown, contract, each_by
from canns.plasticity.rules.principal import largest_principal_rate, spectrum
from canns.typing import AnyArray, Array, FloatArray, param, pytree

__all__ = ["UNBOUNDED", "AntiHebbian", "Hebbian", "product"]


def product(learning_rate: float, activity: Activity) -> Array:
    """Return eta y x', with sqrt(eta) in each factor.

    If eta multiplied the product, the compiler would fuse it with the sum W + eta y x' into one
    rounding, and removing a pattern again would leave a residue. If eta multiplied only one
    factor, rounding would make the weights between equal activities slightly asymmetric.
    """
    root = jnp.sqrt(learning_rate)
    return contract(root * activity.post, root * activity.pre)


UNBOUNDED = "A product rule has no stable point of its own; use Oja, or project onto unit rows."


@pytree
class Hebbian(Rule):
    r"""Hebb's rule, :math:`\Delta W = \eta\, y x^T`.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, -1.0]), post=jnp.array([2.0]))
        >>> Hebbian(learning_rate=0.5).step((), jnp.zeros((1, 2)), activity)[1].round(3).tolist()
        [[1.0, -1.0]]

    Source: Hebb (1949), The Organization of Behavior; Hopfield (1982), PNAS 79:2554.
    """

    learning_rate: float = param(default=1.0, low=0)

    shown: ClassVar[Shown] = "summed"
    padding_value: ClassVar[float] = 0.0

    reads: ClassVar[Reads | None] = "anything"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return eta y x'."""
        return memory, product(self.learning_rate, activity)

    def as_patterns(self, patterns: AnyArray) -> Kept:
        """Return eta for each pattern."""
        return Kept(each_by(self.learning_rate, patterns))

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message of all product rules: there is no bound."""
        return UNBOUNDED


@pytree
class AntiHebbian(Rule):
    r"""The anti-Hebbian rule, :math:`\Delta W = -\eta\, y x^T`: it unlearns or decorrelates.

    Args:
        learning_rate: Eta.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0, -1.0]), post=jnp.array([2.0]))
        >>> _, delta = AntiHebbian(learning_rate=0.5).step((), jnp.zeros((1, 2)), activity)
        >>> delta.round(3).tolist()
        [[-1.0, 1.0]]

    Source: Hopfield, Feinstein & Palmer (1983), Nature 304:158; Foldiak (1990), Biol.
    Cybern. 64:165.
    """

    learning_rate: float = param(default=1.0, low=0)

    shown: ClassVar[Shown] = "summed"
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (Linear,)
    padding_value: ClassVar[float] = 0.0

    reads: ClassVar[Reads | None] = "anything"

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return -eta y x'."""
        return memory, -product(self.learning_rate, activity)

    def as_patterns(self, patterns: AnyArray) -> Kept:
        """Return -eta for each pattern."""
        return Kept(each_by(-self.learning_rate, patterns))

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return 2/lambda_1: above it a linear neuron overshoots along the first component."""
        return 2 * largest_principal_rate(spectrum(inputs))

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound of the linear neuron, averaged over the samples and for each of them."""
        largest = float((inputs**2).sum(axis=1).max())
        return (
            f"For a linear neuron it is stable for learning_rate < 2/max|x|^2 = {2 / largest:.3g}, "
            f"and on average below 2/lambda_1 = {self.largest_rate(inputs):.3g}."
        )
