"""Competition by rank: the first neuron is active, the k-th has negative activity."""

from typing import ClassVar

import jax
import jax.numpy as jnp

from canns._explain import explained
from canns._precision import product
from canns._validation import check_size
from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import PotentialKind, Signal
from canns.errors import ValidationError
from canns.typing import Array, param, pytree, static

__all__ = ["RankedWinners", "rectified_power"]


@pytree
class RankedWinners(Neuron):
    r"""Neurons whose activity is a function of the rank of their input current.

    .. math::
        I_i = \sum_j |w_{ij}|^{p-1} \mathrm{sgn}(w_{ij})\, x_j, \qquad
        y_i = \begin{cases} 1 & \text{of rank } 1 \\ -\Delta & \text{of rank } k \\
        0 & \text{else} \end{cases}

    At equal currents the neuron of lower index has the lower rank. This activity is for learning;
    after it, :func:`rectified_power` gives the features of an input.

    Args:
        rank: K, from 2 to the number of neurons. It selects code.
        delta: Delta, the strength with which the neuron of that rank is repelled.
        p: Exponent of the norm that the rule of Krotov and Hopfield keeps at 1; at least 1.

    Example:
        >>> import jax.numpy as jnp
        >>> weights = jnp.array([[1.0], [-2.0], [3.0]])
        >>> _, activity = RankedWinners(p=3.0).step(NoState(), weights, jnp.array([2.0]))
        >>> activity.potential.tolist(), activity.post.round(3).tolist()
        ([2.0, -8.0, 18.0], [-0.4000000059604645, 0.0, 1.0])

    Source: Krotov & Hopfield (2019), PNAS 116:7723.
    """

    rank: int = static(default=2)
    delta: float = param(default=0.4, low=0)
    p: float = param(default=2.0, low=1)

    emits: ClassVar[Signal | None] = "ranked"
    potential_kind: ClassVar[PotentialKind | None] = "field"
    provides: ClassVar[tuple[str, ...]] = ("potential",)

    def validate(self) -> None:
        """Check the intervals and the rank."""
        super().validate()
        check_size("rank", self.rank, low=2)

    def draw(self, key: Array, input_size: int, output_size: int) -> Array:
        """Return Gaussian weights of standard deviation 1.

        Such rows give larger currents than trained rows, whose norm is 1. So neurons that have not
        learnt yet win before trained ones, and all of them learn.
        """
        return jax.random.normal(key, (output_size, input_size))

    def init(self, weights: Array) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: Array, x: Array) -> tuple[NoState, Activity]:
        """Rank the neurons; their potential is the current."""
        if self.rank > len(weights):
            raise ValidationError(
                "rank", f"at most {len(weights)}, the number of neurons", f"{self.rank}"
            )
        current = (jnp.sign(weights) * jnp.abs(weights) ** (self.p - 1)) @ x
        _, order = jax.lax.top_k(before_spike(current, self), self.rank)
        post = jnp.zeros_like(current).at[order[0]].set(1.0)
        return state, Activity(x, post.at[order[-1]].set(-self.delta), potential=current)


@explained
def rectified_power(weights: Array, inputs: Array, power: float = 4.5) -> Array:
    r"""Return the features of inputs under learnt weights, as the input of a read-out.

    .. math:: h = \max(W x, 0)^n

    Args:
        weights: W, (out, in).
        inputs: One sample, (in,), or one per row, (T, in).
        power: N, > 0; 1 for rectified fields. The paper takes 4.5 for digits of unit norm.

    Returns:
        The features, (out,) or (T, out).

    Example:
        >>> import jax.numpy as jnp
        >>> rectified_power(jnp.eye(2), jnp.array([[2.0, -1.0], [1.0, 3.0]]), 2.0).tolist()
        [[4.0, 0.0], [1.0, 9.0]]

    Source: Krotov & Hopfield (2019), PNAS 116:7723.
    """
    # In full precision, because the power magnifies rounding errors.
    field = product(jnp.asarray(inputs), jnp.asarray(weights).T)
    return jnp.maximum(field, 0.0) ** power
