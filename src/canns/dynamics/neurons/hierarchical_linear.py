"""Linear neurons, each inhibited by those before it."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import Signal, Signals
from canns.typing import Array, PyTree, pytree

__all__ = ["HierarchicalLinear", "HierarchicalWeights"]


class HierarchicalWeights(NamedTuple):
    """Weights of :class:`HierarchicalLinear`: feed-forward (out, in) and lateral (out, out)."""

    W: Array
    lateral: Array


@pytree
class HierarchicalLinear(Neuron):
    r"""Linear neurons, each of which inhibits those after it.

    .. math:: y_j = \sum_i W_{ji} x_i - \sum_{i < j} A_{ji} y_i

    Only the part of A, (out, out), below the diagonal is read, so the activity is computed exactly,
    without letting it settle. The network APEX trains both parts by Oja's rule,
    ``Parts((Oja(eta), Oja(eta)))``, with :class:`~canns.plasticity.StrictlyLower` for the lateral
    ones: the rows of W converge to the eigenvectors of the input correlation in order of their
    eigenvalues, and A to zero.

    Example:
        >>> import jax.numpy as jnp
        >>> weights = HierarchicalWeights(jnp.eye(2), jnp.ones((2, 2)))
        >>> _, activity = HierarchicalLinear().step(NoState(), weights, jnp.array([1.0, 3.0]))
        >>> activity.post.tolist()
        [1.0, 2.0]

    Source: Kung & Diamantaras (1990), Proc. ICASSP 2:861.
    """

    Parts: ClassVar[type[PyTree] | None] = HierarchicalWeights
    emits: ClassVar[Signal | None] = "graded"
    provides: ClassVar[tuple[str, ...]] = ("parts",)

    def signals(self, weights: PyTree) -> Signals:
        """Return that the second part leads from the outputs."""
        lateral = Signals("graded", "graded", role="lateral")
        return Signals("input", "graded", parts=(Signals("input", "graded"), lateral))

    def silence(self, weights: HierarchicalWeights) -> tuple[PyTree, PyTree]:
        """Return zeros for input and output."""
        return super().silence(weights[0])

    def draw(self, key: Array, input_size: int, output_size: int) -> HierarchicalWeights:
        """Return Gaussian feed-forward weights of standard deviation 0.1, and no lateral ones."""
        forward = super().draw(key, input_size, output_size)
        return HierarchicalWeights(forward, jnp.zeros((output_size, output_size), forward.dtype))

    def init(self, weights: HierarchicalWeights) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(
        self, state: NoState, weights: HierarchicalWeights, x: Array
    ) -> tuple[NoState, Activity]:
        """Return the activity y that solves ``y = W x - A y``."""
        forward, lateral = weights
        wide = jnp.promote_types(x.dtype, jnp.float32)  # the solver needs at least float32
        system = jnp.tril(lateral, -1).astype(wide)  # the solver takes the diagonal to be 1
        drive = (forward @ x).astype(wide)
        y = jax.scipy.linalg.solve_triangular(system, drive, lower=True, unit_diagonal=True)
        y = y.astype(x.dtype)
        return state, Activity(x, y, parts=(Activity(x, y), Activity(y, y)))
