"""Binary neurons with lateral inhibition and thresholds that adapt, after Foldiak."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import Role, Signal, Signals
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["LateralThreshold", "ThresholdWeights"]


class ThresholdWeights(NamedTuple):
    """Weights of :class:`LateralThreshold`.

    Args:
        W: Feed-forward weights q, (out, in).
        lateral: W, (out, out), not positive, without self-connections.
        threshold: T, (out,).
    """

    W: PyTree
    lateral: PyTree
    threshold: PyTree


_OWN: tuple[Role, ...] = ("lateral", "threshold")


@pytree
class LateralThreshold(Neuron):
    r"""Binary neurons that inhibit each other until they settle.

    .. math::
        \dot y^*_i = f\Big(\sum_j q_{ij} x_j + \sum_j w_{ij} y^*_j - t_i\Big) - y^*_i, \qquad
        f(u) = \frac{1}{1 + e^{-\lambda u}}, \qquad y_i = [y^*_i > \tfrac12]

    The relaxation starts at :math:`y^* = 0` and uses Euler's method. With symmetric W the neurons
    come to rest. Euler's method certainly does so for :math:`dt < 2 / (1 + \lambda \|W\| / 4)`,
    with :math:`\|W\|` the largest absolute eigenvalue. A larger dt often works, because only
    half-active neurons have the slope :math:`\lambda / 4`.

    Args:
        slope: Lambda, of the logistic function.
        dt: Length of a step of relaxation, in units of the time constant of a neuron.
        relaxation_steps: Number of steps of relaxation. It selects code.

    Example:
        >>> import jax.numpy as jnp
        >>> inhibition = jnp.array([[0.0, -3.0], [-3.0, 0.0]])
        >>> weights = ThresholdWeights(jnp.eye(2), inhibition, jnp.full(2, 0.5))
        >>> x = jnp.array([1.0, 2.0])
        >>> LateralThreshold().step(NoState(), weights, x)[1].post.tolist()
        [0.0, 1.0]

    Source: Foldiak (1990), Biol. Cybern. 64:165.
    """

    slope: float = param(default=10.0, low=0, open_low=True)
    dt: float = param(default=0.1, low=0, high=1, open_low=True)
    relaxation_steps: int = static(default=100)

    Parts: ClassVar[type[PyTree]] = ThresholdWeights
    emits: ClassVar[Signal | None] = "binary"
    provides: ClassVar[tuple[str, ...]] = ("parts",)

    @property
    def time_step(self) -> None:
        """None: dt is a step of the relaxation, of which each sample has many."""

    def validate(self) -> None:
        """Check the intervals and the number of steps."""
        super().validate()
        check_size("relaxation_steps", self.relaxation_steps)

    def signals(self, weights: PyTree) -> Signals:
        """Return that the second part leads from the outputs, and the third holds thresholds."""
        own = [Signals("binary", "binary", role=role) for role in _OWN]
        return Signals("input", "binary", parts=(Signals("input", "binary"), *own))

    def silence(self, weights: ThresholdWeights) -> tuple[Array, Array]:
        """Return zeros for input and output."""
        pre, post = super().silence(weights.W)
        return pre, post

    def draw(self, key: Array, input_size: int, output_size: int) -> ThresholdWeights:
        """Return uniform forward weights, each row scaled to unit norm; all others are zero."""
        forward = jax.random.uniform(key, (output_size, input_size))
        forward = forward / jnp.linalg.norm(forward, axis=1, keepdims=True)
        return ThresholdWeights(
            forward, jnp.zeros((output_size, output_size)), jnp.zeros(output_size)
        )

    def init(self, weights: ThresholdWeights) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: ThresholdWeights, x: Array) -> tuple[NoState, Activity]:
        """Let the neurons settle, and round their activity."""
        drive = weights.W @ x - weights.threshold

        def relax(_: Array, y: Array) -> Array:
            goal = jax.nn.sigmoid(self.slope * (drive + weights.lateral @ y))
            return y + self.dt * (goal - y)

        settled = jax.lax.fori_loop(0, self.relaxation_steps, relax, jnp.zeros_like(drive))
        y = (before_spike(settled, self) > 0.5).astype(drive.dtype)
        return state, Activity(x, y, parts=(Activity(x, y), Activity(y, y), Activity(y, y)))
