"""The AdaTron algorithm: the perceptron of optimal stability."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.dynamics import Activity
from canns.plasticity.rule import Memory, targets, widen
from canns.plasticity.rules.stabilities import PerceptronRule, couple, self_gram
from canns.typing import Array, param, pytree

__all__ = ["AdaTron"]


class _Carry(NamedTuple):
    sweep: Array
    strengths: Array
    moved: Array


@pytree
class AdaTron(PerceptronRule):
    r"""AdaTron: the weights of the largest stability that any weights can have.

    .. math::
        W_{ij} = \frac{1}{N} \sum_\mu a_i^\mu y_i^\mu x_j^\mu \;(j \ne i), \qquad
        a_i^\mu \leftarrow \max\left(0,\; a_i^\mu + \gamma \frac{1 - y_i^\mu h_i^\mu}{K_i^\mu}
        \right), \qquad K_i^\mu = \frac{1}{N} \sum_{j \ne i} (x_j^\mu)^2

    pattern after pattern, all neurons at once, until no :math:`K a` of a sweep moves by more than
    the tolerance. It converges exponentially to the shortest weights with all
    :math:`y_i^\mu h_i^\mu \ge 1`, those of the largest :math:`\kappa_i`: the hard-margin support
    vector machine of each neuron. The weights are set: what was stored before is replaced. Where
    no weights store the patterns, the strengths grow until ``max_sweeps``. The training record
    holds ``kappa``, (N,); see :func:`stabilities`.

    Args:
        learning_rate: Gamma, in [0, 2).
        max_sweeps: The most passes over the patterns.
        tolerance: Largest error in :math:`y h` that counts as none.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Clamped
        >>> from canns.plasticity import learn, Setup
        >>> patterns = jnp.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0]])
        >>> after = learn(Setup(AdaTron(), Clamped()), jnp.zeros((3, 3)), patterns)
        >>> after.weights[1:].round(3).tolist()
        [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]

    Source: Anlauf & Biehl (1989), Europhys. Lett. 10:687.
    """

    learning_rate: float = param(default=1.0, low=0, high=2, open_high=True)
    max_sweeps: int = param(default=1000, low=0)
    tolerance: float = param(default=1e-4, low=0)

    def validate(self) -> None:
        """Check the intervals and the count."""
        super().validate()
        check_size("max_sweeps", self.max_sweeps, low=0)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return what sets the weights."""
        x, y = widen(activity.pre), targets(widen(activity.post))
        size = x.shape[1]
        gram, own = x @ x.T / size, self_gram(x)
        per_field = jnp.where(own == 0, 0.0, self.learning_rate / own)

        def visit(mu: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
            # b = a y, and its part in the self-couplings, which the Gram matrix counts in.
            b, own_part, moved = carry
            field = gram[mu] @ b - x[mu] * own_part / size
            before = b[mu] * y[mu]
            after = jnp.maximum(0.0, before + per_field[mu] * (1 - y[mu] * field))
            change = (after - before) * y[mu]
            moved = jnp.maximum(moved, jnp.abs(change * own[mu]).max())
            return b.at[mu].add(change), own_part + x[mu] * change, moved

        def unfinished(carry: _Carry) -> Array:
            return (carry.sweep < self.max_sweeps) & (carry.moved > self.tolerance)

        def sweep(carry: _Carry) -> _Carry:
            b = carry.strengths
            first = (b, jnp.sum(x * b, axis=0), jnp.zeros((), x.dtype))
            b, _, moved = jax.lax.fori_loop(0, len(x), visit, first)
            return _Carry(carry.sweep + 1, b, moved)

        first = _Carry(jnp.int32(0), jnp.zeros_like(x), jnp.array(jnp.inf, x.dtype))
        end: _Carry = jax.lax.while_loop(unfinished, sweep, first)
        return memory, couple(end.strengths, x).astype(weights.dtype) - weights
