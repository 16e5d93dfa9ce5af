"""Binary neurons with lateral inhibition and thresholds that adapt, after Foldiak."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

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


_BOLD = 1000  # steps whose length follows from the slopes that the neurons have at present
_OWN: tuple[Role, ...] = ("lateral", "threshold")


@pytree
class LateralThreshold(Neuron):
    r"""Binary neurons that inhibit each other until they settle.

    .. math::
        \dot y^*_i = f\Big(\sum_j q_{ij} x_j + \sum_j w_{ij} y^*_j - t_i\Big) - y^*_i, \qquad
        f(u) = \frac{1}{1 + e^{-\lambda u}}, \qquad y_i = [y^*_i > \tfrac12]

    The relaxation starts at :math:`y^* = 0` and takes steps of Euler's method, of the length

    .. math:: h = \min\Big(dt, \frac{1}{1 + \max_i f'(u_i) \sum_j |w_{ij}|}\Big),

    at which neurons do not overshoot each other, until all are at rest to a tolerance:
    :math:`\max_i |f(u_i) - y^*_i| \le \tau`. After 1000 steps the slope f' is taken as
    :math:`\lambda / 4`, its largest. If W is symmetric, each such step lowers the energy
    :math:`-\frac12 y^T W y - (q x - t)^T y + \sum_i \int^{y_i} f^{-1}`, as any step below
    :math:`2 / (1 + \lambda \|W\| / 4)` does, so the neurons come to rest. A close contest may end
    otherwise than in continuous time, which a smaller dt follows more closely. If the neurons have
    not come to rest after all steps, as those of asymmetric W might cycle, y is NaN, which learning
    reports as a divergence.

    Args:
        slope: Lambda, of the logistic function.
        dt: Largest length of a step of relaxation, in units of the time constant of a neuron.
        relaxation_steps: Largest number of steps of relaxation. It selects code.
        tolerance: Tau. Not below the rounding of the field counts.

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
    relaxation_steps: int = static(default=100_000)
    tolerance: float = param(default=1e-5, low=0, open_low=True)

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
        wide = jnp.promote_types(drive.dtype, jnp.float32)  # half precision does not come to rest
        settled = self._settle(drive.astype(wide), weights.lateral.astype(wide))
        settled = before_spike(settled, self)
        y = jnp.where(jnp.isnan(settled), jnp.nan, settled > 0.5).astype(drive.dtype)
        return state, Activity(x, y, parts=(Activity(x, y), Activity(y, y), Activity(y, y)))

    def _settle(self, drive: Array, lateral: Array) -> Array:
        """Return the activity at rest, (out,), or NaN if there is no rest."""
        size, steepest = jnp.abs(lateral).sum(axis=1), self.slope / 4
        safe = 1 / (1 + steepest * size.max())
        scale = jnp.abs(drive).max() + size.max()
        tolerance = jnp.maximum(self.tolerance, steepest * float(np.finfo(drive.dtype).eps) * scale)

        def pull(y: Array) -> tuple[Array, Array]:
            """Return where the neurons are pulled, and the step at which none overshoots."""
            goal = jax.nn.sigmoid(self.slope * (drive + lateral @ y))
            return goal - y, 1 / (1 + (self.slope * goal * (1 - goal) * size).max())

        def moves(carry: tuple[Array, Array, Array, Array]) -> Array:
            count, _, pulled, _ = carry
            return (jnp.abs(pulled).max() > tolerance) & (count < self.relaxation_steps)

        def relax(carry: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
            count, y, pulled, step = carry
            y = y + jnp.minimum(self.dt, jnp.where(count < _BOLD, step, safe)) * pulled
            return count + 1, y, *pull(y)

        rest = jnp.zeros_like(drive)
        _, y, pulled, _ = jax.lax.while_loop(moves, relax, (jnp.int32(0), rest, *pull(rest)))
        # Not the other way round: the comparison with NaN is False.
        return jnp.where(jnp.abs(pulled).max() <= tolerance, y, jnp.nan)
