"""Kohonen's self-organising map: a winner's neighbours on a grid learn with it."""

import math
from typing import ClassVar

import jax.numpy as jnp
import numpy as np

from canns._validation import check_size
from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule
from canns.plasticity.rules.instar import AVERAGE, AVERAGING_RATE
from canns.typing import AnyArray, Array, FloatArray, IntArray, PyTree, param, pytree, static

__all__ = ["Kohonen"]


@pytree
class Kohonen(Rule):
    r"""The self-organising map.

    .. math::
        \Delta w_i = \eta\, e^{-a n} h_i\,(x - w_i), \qquad
        h_i = \exp\Big(-\frac{|r_i - r_c|^2}{2 \sigma^2}\Big), \qquad
        \sigma = \sigma_0\, e^{-b n}

    c is the neuron with the largest activity, and :math:`r_i` the position of neuron i on a grid of
    unit spacing. n is the number of samples before this one, which the rule counts; in float32 the
    count is exact up to :math:`2^{24}`. Use the rule with :class:`~canns.dynamics.WinnerTakeAll`
    and the match "distance". At a width of zero only the winner learns, by :class:`Instar`. At the
    fixed point :math:`\sum_c h_{ic} P_c (m_c - w_i) = 0`, with :math:`P_c` the probability that c
    wins and :math:`m_c` the mean of the inputs for which c wins.

    Args:
        learning_rate: Eta, in [0, 1].
        width: Sigma_0, in units of the grid.
        rate_decay: a, per sample; 0 for a constant rate.
        width_decay: b, per sample; 0 for a constant width.
        shape: Side lengths of the grid, in row-major order; None for a chain. A new shape compiles
            a new program.

    Example:
        >>> import jax.numpy as jnp
        >>> activity = Activity(pre=jnp.array([1.0]), post=jnp.array([1.0, 0.0, 0.0]))
        >>> rule, weights = Kohonen(0.5, width=1.0), jnp.zeros((3, 1))
        >>> _, delta = rule.step(rule.init(weights), weights, activity)
        >>> [round(float(change), 4) for change in delta[:, 0]]
        [0.5, 0.3033, 0.0677]

    Source: Kohonen (1982), Biol. Cybern. 43:59.
    """

    learning_rate: float = param(default=0.1, low=0, high=1)
    width: float = param(default=1.0, low=0)
    rate_decay: float = param(default=0.0, low=0)
    width_decay: float = param(default=0.0, low=0)
    shape: tuple[int, ...] | None = static(default=None)

    memory_attrs: ClassVar[tuple[str, ...]] = ("kohonen_samples",)
    own_memory: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "nearest"

    def validate(self) -> None:
        """Check the intervals and the grid."""
        super().validate()
        if self.shape is None:
            return
        if not isinstance(self.shape, tuple) or not self.shape:
            raise ValidationError("shape", "a tuple of lengths, or None", repr(self.shape))
        for length in self.shape:
            check_size("shape", length)

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the grid does not have one place for each neuron."""
        super().check_weights(weights)
        if self.shape is not None and math.prod(self.shape) != len(weights):
            got = f"{self.shape}, of {math.prod(self.shape)}"
            raise ValidationError("shape", f"a grid of {len(weights)} neurons", got)

    def init(self, weights: Array) -> Memory:
        """Return the number of samples seen, 0."""
        return (jnp.zeros((), weights.dtype),)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the number of samples seen, and eta h (x - w)."""
        (samples,) = memory
        width = self.width * jnp.exp(-self.width_decay * samples)
        rate = self.learning_rate * jnp.exp(-self.rate_decay * samples)
        places = jnp.asarray(_places(self.shape or (len(weights),)), weights.dtype)
        winner = jnp.argmax(activity.post)
        apart = jnp.sum((places - places[winner]) ** 2, axis=1)
        # The winner separately: at a width of zero its exponent would be 0/0.
        near = jnp.where(apart == 0, 1.0, jnp.exp(-apart / (2 * width**2)))
        delta = rate * near[:, None] * (activity.pre - weights)
        return (samples + 1,), delta.astype(weights.dtype)

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return the rate of an average over the last 100 samples, whatever their scale."""
        return AVERAGING_RATE

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the bound, which is that of a running average."""
        return AVERAGE


def _places(shape: tuple[int, ...]) -> IntArray:
    """Return the place of each neuron on the grid, (N, len(shape))."""
    return np.stack(np.unravel_index(np.arange(math.prod(shape)), shape), axis=1)
