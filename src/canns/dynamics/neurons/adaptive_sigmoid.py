"""Sigmoid neurons whose gain and bias can be learnt."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import Signal, Signals
from canns.typing import Array, PyTree, pytree

__all__ = ["AdaptiveSigmoid", "SigmoidWeights"]


class SigmoidWeights(NamedTuple):
    """Weights of :class:`AdaptiveSigmoid`: W (out, in), gain (out,) and bias (out,)."""

    W: Array
    gain: Array
    bias: Array


@pytree
class AdaptiveSigmoid(Neuron):
    r"""Sigmoid neurons, :math:`y = 1/(1 + e^{-(a h + b)})` with :math:`h = W x`.

    The presynaptic activity of the weights is x, of the gain h, of the bias 1; all have post y.

    Example:
        >>> import jax.numpy as jnp
        >>> weights = SigmoidWeights(jnp.array([[2.0]]), jnp.array([1.0]), jnp.array([-2.0]))
        >>> _, activity = AdaptiveSigmoid().step(NoState(), weights, jnp.array([1.0]))
        >>> float(activity.post[0])
        0.5

    Source: Triesch (2005), ICANN, Lect. Notes Comput. Sci. 3696:65.
    """

    Parts: ClassVar[type[PyTree] | None] = SigmoidWeights
    emits: ClassVar[Signal | None] = "rates"
    provides: ClassVar[tuple[str, ...]] = ("parts",)

    def signals(self, weights: PyTree) -> Signals:
        """Return that the second part holds gains, and the third biases."""
        forward, gain = Signals("input", "rates"), Signals("graded", "rates", role="gain")
        bias = Signals("rates", "rates", role="bias")
        return Signals("input", "rates", parts=(forward, gain, bias))

    def silence(self, weights: SigmoidWeights) -> tuple[PyTree, PyTree]:
        """Return zeros for input and output."""
        return super().silence(weights[0])

    def draw(self, key: Array, input_size: int, output_size: int) -> SigmoidWeights:
        """Return Gaussian weights of standard deviation 0.1, gains of 1 and biases of 0."""
        weights = super().draw(key, input_size, output_size)
        ones = jnp.ones(output_size, weights.dtype)
        return SigmoidWeights(weights, ones, jnp.zeros_like(ones))

    def init(self, weights: SigmoidWeights) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: SigmoidWeights, x: Array) -> tuple[NoState, Activity]:
        """Return the activity for the input ``x``."""
        forward, gain, bias = weights
        h = forward @ x
        y = jax.nn.sigmoid(gain * h + bias)
        parts = Activity(x, y), Activity(h, y), Activity(jnp.ones_like(h), y)
        return state, Activity(x, y, parts=parts)
