"""The AdaTron algorithm: the perceptron of optimal stability."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._validation import check_size, is_traced
from canns.dynamics import Activity, before_jump
from canns.plasticity.rule import targets, widen
from canns.plasticity.rules.stabilities import NO_DERIVATIVE, PerceptronRule, couple, self_gram
from canns.typing import Array, param, pytree

__all__ = ["AdaTron"]


_BLOCK = 2**26  # numbers that one round reads, about


class _Fixed(NamedTuple):
    x: Array
    y: Array
    gram: Array
    own: Array


class _State(NamedTuple):
    sweep: Array
    mu: Array  # the next pattern to visit
    strengths: Array  # b = a y
    own_part: Array  # sum_mu b x, the part of the fields that is due to self-couplings
    moved: Array  # largest change of K a in this sweep so far
    moved_before: Array  # largest change of K a in the sweep before


@pytree
class AdaTron(PerceptronRule):
    r"""AdaTron: the weights of the largest possible stability.

    .. math::
        W_{ij} = \frac{1}{N} \sum_\mu a_i^\mu y_i^\mu x_j^\mu \;(j \ne i), \qquad
        a_i^\mu \leftarrow \max\left(0,\; a_i^\mu + \gamma \frac{1 - y_i^\mu h_i^\mu}{K_i^\mu}
        \right), \qquad K_i^\mu = \frac{1}{N} \sum_{j \ne i} (x_j^\mu)^2

    The algorithm visits pattern after pattern, all neurons at once, until no :math:`K a` changes by
    more than the tolerance in a sweep. It converges exponentially to the shortest weights with all
    :math:`y_i^\mu h_i^\mu \ge 1`, which have the largest :math:`\kappa_i`: each neuron is a
    hard-margin support vector machine. The new weights replace the old ones. If no weights store
    the patterns, the strengths grow until ``max_sweeps``. The training record holds ``kappa``,
    (N,); see :func:`stabilities`.

    Args:
        learning_rate: Gamma, in [0, 2).
        max_sweeps: Maximal number of passes over the patterns.
        tolerance: Largest error in :math:`y h` at which the algorithm stops.

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
        if not is_traced(self.max_sweeps):
            check_size("max_sweeps", self.max_sweeps, low=0)

    def load(self, num_patterns: int, size: int) -> tuple[int, int]:
        """Return the maximal number of rounds, and how many numbers one round reads."""
        block = _visits(num_patterns, size)
        return int(self.max_sweeps) * -(-num_patterns // block), 2 * block * num_patterns * size

    def begin(self, weights: Array, activity: Activity) -> tuple[_Fixed, _State]:
        """Return the patterns, and strengths of zero."""
        pre, post = before_jump((activity.pre, activity.post), "AdaTron", NO_DERIVATIVE)
        x, y = widen(pre), targets(widen(post))
        fixed = _Fixed(x, y, x @ x.T / x.shape[1], self_gram(x))
        zero, far = jnp.zeros((), x.dtype), jnp.array(jnp.inf, x.dtype)
        start = _State(
            jnp.int32(0), jnp.int32(0), jnp.zeros_like(x), jnp.zeros_like(x[0]), zero, far
        )
        return fixed, start

    def unfinished(self, state: _State) -> Array:
        """Whether a sweep is under way, or another is needed and allowed."""
        more = (state.sweep < self.max_sweeps) & (state.moved_before > self.tolerance)
        return (state.mu > 0) | more

    def round(self, fixed: _Fixed, state: _State) -> _State:
        """Visit the next patterns: a whole sweep, or part of one if there are many patterns."""
        x, y, gram, own = fixed
        num_patterns, size = x.shape
        rate = before_jump(self.learning_rate, "AdaTron", NO_DERIVATIVE)
        per_field = jnp.where(own == 0, 0.0, rate / own)

        def visit(mu: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
            b, own_part, moved = carry
            field = gram[mu] @ b - x[mu] * own_part / size
            before = b[mu] * y[mu]
            after = jnp.maximum(0.0, before + per_field[mu] * (1 - y[mu] * field))
            change = (after - before) * y[mu]
            moved = jnp.maximum(moved, jnp.abs(change * own[mu]).max())
            return b.at[mu].add(change), own_part + x[mu] * change, moved

        # Summed anew in each sweep, so that rounding errors do not accumulate.
        own_part = jnp.where(state.mu == 0, jnp.sum(x * state.strengths, axis=0), state.own_part)
        stop = jnp.minimum(state.mu + _visits(num_patterns, size), num_patterns)
        first = state.strengths, own_part, state.moved
        b, own_part, moved = jax.lax.fori_loop(state.mu, stop, visit, first)
        whole = stop == num_patterns
        return _State(
            state.sweep + whole,
            jnp.where(whole, 0, stop),
            b,
            own_part,
            jnp.where(whole, 0.0, moved),
            jnp.where(whole, moved, state.moved_before),
        )

    def finish(self, fixed: _Fixed, state: _State, weights: Array) -> Array:
        """Return the new weights minus the old ones."""
        return couple(state.strengths, fixed.x).astype(weights.dtype) - weights


def _visits(num_patterns: int, size: int) -> int:
    """Return how many patterns a round visits."""
    return min(num_patterns, max(1, _BLOCK // (num_patterns * size)))
