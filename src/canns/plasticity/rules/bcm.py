"""The Bienenstock-Cooper-Munro rule with a sliding threshold."""

from abc import abstractmethod
from typing import ClassVar

import jax.numpy as jnp

from canns._explain import explained
from canns.dynamics import Activity, Linear, Neuron
from canns.plasticity.rule import Memory, Reads, Rule, contract
from canns.plasticity.rules.selection import (
    check_selection,
    largest_selective_rate,
    pattern_rates,
    selective_rate,
)
from canns.typing import AnyArray, Array, FloatArray, PyTree, param, pytree

__all__ = ["BCM", "slide_threshold"]


@explained
def slide_threshold(theta: Array, y: Array, tau: float) -> Array:
    r"""Return the threshold after one step, :math:`\theta + (y^2 - \theta)/\tau`.

    Args:
        theta: Modification threshold, (out,).
        y: Postsynaptic activity, (out,).
        tau: Time constant in steps, at least 1.

    Example:
        >>> import jax.numpy as jnp
        >>> slide_threshold(jnp.array([1.0]), jnp.array([3.0]), 4.0).tolist()
        [3.0]
    """
    return theta + (y**2 - theta) / tau


class SelectiveRule(Rule):
    """A rule with a sliding threshold: bound, good rate and fit data follow from its slowness."""

    learning_rate: float

    bounded_for: ClassVar[tuple[type[Neuron], ...]] = (Linear,)

    @property
    @abstractmethod
    def slowness(self) -> float:
        """What ``eta |x|^2`` is multiplied by in the bound for a single pattern x."""

    @property
    def scale(self) -> float:
        """The response to a single pattern at the fixed point."""
        return 1.0

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return the rate above which no pattern has a stable response."""
        return largest_selective_rate(inputs, self.slowness, self.scale)

    def check_data(self, weights: PyTree, inputs: AnyArray, neuron: Neuron, power: float) -> None:
        """Raise beyond the bound; warn if only some responses are stable."""
        name = type(self).__name__
        check_selection(name, self.learning_rate, inputs, self.slowness, self.scale)

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return the rate of ``learning_rate="auto"``."""
        return selective_rate(inputs, self.slowness)


@pytree
class BCM(SelectiveRule):
    r"""The BCM rule in the form of Intrator and Cooper.

    .. math::
        \Delta W = \eta\, y (y - \theta)\, x^T, \qquad
        \theta \leftarrow \theta + (y^2 - \theta)/\tau

    The weight change uses the threshold before this step. With K linearly independent,
    equiprobable patterns, a neuron at a stable fixed point responds to only one of them, with
    :math:`y = \theta = K`. For a single pattern the fixed point is stable if and only if
    :math:`\eta |x|^2 < 1/(\tau + 1)`.

    Args:
        learning_rate: Eta.
        threshold_tau: Time constant of the threshold in steps, at least 1.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0]), post=jnp.array([2.0]))
        >>> (theta,), delta = BCM(0.1, 4.0).step((jnp.array([1.0]),), jnp.zeros((1, 1)), activity)
        >>> round(float(delta[0, 0]), 6), float(theta[0])
        (0.2, 1.75)

    Source: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32; Intrator & Cooper (1992),
    Neural Networks 5:3; stability: Udeigwe, Munro & Ermentrout (2017), J. Math. Neurosci. 7:7.
    """

    learning_rate: float = param(default=0.01, low=0)
    threshold_tau: float = param(default=100.0, low=1)

    memory_attrs: ClassVar[tuple[str, ...]] = ("theta",)
    remedy: ClassVar[str] = "Build a LinearLayer with use_bcm_threshold=True."

    reads: ClassVar[Reads | None] = "responses"

    @property
    def slowness(self) -> float:
        """Tau + 1."""
        return self.threshold_tau + 1

    def init(self, weights: Array) -> Memory:
        """Return a threshold of 0.1 for each neuron."""
        return (jnp.full(weights.shape[0], 0.1, weights.dtype),)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the updated threshold and eta y (y - theta) x'."""
        (theta,), y = memory, activity.post
        delta = self.learning_rate * contract(y * (y - theta), activity.pre)
        return (slide_threshold(theta, y, self.threshold_tau),), delta

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return ``eta |x|^2 < 1/(tau + 1)`` in numbers, for the longest input."""
        bound = min(pattern_rates(inputs, self.slowness))
        return (
            "A pattern's response is stable for learning_rate < 1/((threshold_tau + 1) max|x|^2) "
            f"= {bound:.3g}; from far off, a faster threshold (smaller tau) helps too."
        )


@pytree
class LawCooperBCM(BCM):
    r"""The BCM rule in the form of Law and Cooper: the rate falls as the threshold rises.

    .. math::
        \Delta W = \eta\, y (y - \theta)\, x^T / \theta, \qquad
        \theta \leftarrow \theta + (y^2 - \theta)/\tau

    The fixed points, and for a single pattern their stability bound, are the same as for
    :class:`BCM`; on the way there, large responses change the weights by less. A neuron whose
    threshold is zero has never responded, and learns nothing.

    Args:
        learning_rate: Eta.
        threshold_tau: Time constant of the threshold in steps, at least 1.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0]), post=jnp.array([2.0]))
        >>> rule = LawCooperBCM(0.25, 4.0)
        >>> (theta,), delta = rule.step((jnp.array([0.5]),), jnp.zeros((1, 1)), activity)
        >>> float(delta[0, 0]), float(theta[0])
        (1.5, 1.375)

    Source: Law & Cooper (1994), PNAS 91:7797.
    """

    own_memory: ClassVar[bool] = True
    remedy: ClassVar[str] = ""

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the updated threshold and eta y (y - theta) x' / theta."""
        (theta,), y = memory, activity.post
        answered = jnp.where(theta == 0, 0.0, y / jnp.where(theta == 0, 1.0, theta))
        delta = self.learning_rate * contract(answered * (y - theta), activity.pre)
        return (slide_threshold(theta, y, self.threshold_tau),), delta


@pytree
class PowerBCM(SelectiveRule):
    r"""The BCM rule of 1982: the threshold is a power of the mean response.

    .. math::
        \Delta W = \eta\, y (y - \theta)\, x^T, \qquad
        \theta = (\bar y / y_0)^p\, \bar y, \qquad \bar y \leftarrow \bar y + (y - \bar y)/\tau

    The weight change uses the mean before this step, and its absolute value if it is negative.
    With K linearly independent, equiprobable patterns, a neuron at a stable fixed point responds
    to only one of them, with :math:`y = \theta = y_0 K^{1 + 1/p}`. For a single pattern the fixed
    point :math:`y = y_0` is stable if and only if :math:`\eta\, y_0 |x|^2 < 1/(\tau + p)`.

    Args:
        learning_rate: Eta.
        response_tau: Tau, the time constant of the mean response, in steps, at least 1.
        power: p, above 0.
        response_scale: y0, above 0.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0]), post=jnp.array([4.0]))
        >>> rule = PowerBCM(0.5, response_tau=2.0, power=1.0)
        >>> (mean,), delta = rule.step((jnp.array([1.5]),), jnp.zeros((1, 1)), activity)
        >>> float(delta[0, 0]), float(mean[0])
        (3.5, 2.75)

    Source: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32.
    """

    learning_rate: float = param(default=0.01, low=0)
    response_tau: float = param(default=100.0, low=1)
    power: float = param(default=2.0, low=0, open_low=True)
    response_scale: float = param(default=1.0, low=0, open_low=True)

    memory_attrs: ClassVar[tuple[str, ...]] = ("mean_response",)
    own_memory: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "responses"

    @property
    def slowness(self) -> float:
        """``(tau + p) y0``."""
        return (self.response_tau + self.power) * self.response_scale

    @property
    def scale(self) -> float:
        """The response y0."""
        return self.response_scale

    def init(self, weights: Array) -> Memory:
        """Return a mean response of 0.1 for each neuron."""
        return (jnp.full(weights.shape[0], 0.1, weights.dtype),)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the updated mean response and eta y (y - theta) x'."""
        (mean,), y = memory, activity.post
        size = jnp.abs(mean)
        theta = (size / self.response_scale) ** self.power * size
        delta = self.learning_rate * contract(y * (y - theta), activity.pre)
        return (mean + (y - mean) / self.response_tau,), delta

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return ``eta y0 |x|^2 < 1/(tau + p)`` in numbers, for the longest input."""
        bound = min(pattern_rates(inputs, self.slowness))
        return (
            "A pattern's response is stable for learning_rate < 1/((response_tau + power) "
            f"response_scale max|x|^2) = {bound:.3g}; from far off, a faster average (smaller "
            "response_tau) helps too."
        )
