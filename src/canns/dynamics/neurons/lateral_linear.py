"""Linear neurons with lateral connections, at their resting point."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import Signal, Signals
from canns.typing import Array, PyTree, pytree

__all__ = ["LateralLinear", "LateralWeights"]


class LateralWeights(NamedTuple):
    """Weights of :class:`LateralLinear`: feed-forward W, (out, in), and lateral M, (out, out)."""

    W: Array
    lateral: Array


@pytree
class LateralLinear(Neuron):
    r"""Linear neurons, driven by the input and by each other.

    .. math:: y = W x + M y = (1 - M)^{-1} W x

    If the eigenvalues of :math:`(M + M^T)/2` are below 1, the network comes to rest at this y, and
    the equation is solved for it. Otherwise y is NaN, which learning reports as a divergence: a
    network with symmetric M would not come to rest. Lateral weights without self-connections that
    learn by the anti-Hebbian rule become constant when the outputs are uncorrelated.

    Example:
        >>> import jax.numpy as jnp
        >>> weights = LateralWeights(jnp.eye(2), jnp.array([[0.0, -0.5], [-0.5, 0.0]]))
        >>> _, activity = LateralLinear().step(NoState(), weights, jnp.array([3.0, 0.0]))
        >>> activity.post.round(3).tolist()
        [4.0, -2.0]

    Source: Foldiak (1989), Proc. Int. Joint Conf. Neural Netw. I:401; Barlow & Foldiak (1989), in
    The Computing Neuron, ch. 4.
    """

    Parts: ClassVar[type[PyTree]] = LateralWeights
    emits: ClassVar[Signal | None] = "graded"
    provides: ClassVar[tuple[str, ...]] = ("parts",)

    def signals(self, weights: PyTree) -> Signals:
        """Return that the second part leads from the outputs."""
        lateral = Signals("graded", "graded", role="lateral")
        return Signals("input", "graded", parts=(Signals("input", "graded"), lateral))

    def silence(self, weights: LateralWeights) -> tuple[Array, Array]:
        """Return zeros for input and output."""
        pre, post = super().silence(weights.W)
        return pre, post

    def draw(self, key: Array, input_size: int, output_size: int) -> LateralWeights:
        """Return Gaussian forward weights, and lateral ones of zero."""
        forward = super().draw(key, input_size, output_size)
        return LateralWeights(forward, jnp.zeros((output_size, output_size)))

    def init(self, weights: LateralWeights) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: LateralWeights, x: Array) -> tuple[NoState, Activity]:
        """Return the outputs at rest."""
        drive, lateral = weights.W @ x, weights.lateral
        # The solver needs at least float32.
        wide = jnp.promote_types(drive.dtype, jnp.float32)
        system = jnp.eye(len(drive), dtype=wide) - lateral.astype(wide)
        factor = jnp.linalg.cholesky(system)  # of its symmetric part
        y = jnp.linalg.solve(system, drive.astype(wide))
        y = jnp.where(jnp.isfinite(factor).all(), y, jnp.nan).astype(drive.dtype)
        return state, Activity(x, y, parts=(Activity(x, y), Activity(y, y)))
