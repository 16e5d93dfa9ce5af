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


_ROUND = 2**26  # numbers that one round reads, about
_BLOCK = 16  # patterns whose fields are taken in one matrix product


class _Fixed(NamedTuple):
    x: Array  # with zero rows up to whole blocks, which change nothing
    y: Array
    gram: Array
    own: Array


class _State(NamedTuple):
    sweep: Array
    mu: Array  # the next pattern to visit, at which a block begins
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
        rows = _in_blocks(num_patterns)
        visits = _visits(rows, size)
        return int(self.max_sweeps) * -(-rows // visits), 2 * visits * rows * size

    def begin(self, weights: Array, activity: Activity) -> tuple[_Fixed, _State]:
        """Return the patterns, and strengths of zero."""
        pre, post = before_jump((activity.pre, activity.post), "AdaTron", NO_DERIVATIVE)
        more = (0, _in_blocks(len(pre)) - len(pre)), (0, 0)
        x, y = jnp.pad(widen(pre), more), targets(jnp.pad(widen(post), more))
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
        """Visit the next patterns: a whole sweep, or some blocks of one if there are many.

        The changes within a block add to its fields one by one, those before it in one product.
        """
        x, y, gram, own = fixed
        rows, size = x.shape
        rate = before_jump(self.learning_rate, "AdaTron", NO_DERIVATIVE)
        per_field = jnp.where(own == 0, 0.0, rate / own)

        def visit_block(block: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
            b, own_part, moved = carry
            first = block * _BLOCK

            def of_block(matrix: Array, axis: int = 0) -> Array:
                return jax.lax.dynamic_slice_in_dim(matrix, first, _BLOCK, axis)

            overlaps = of_block(gram)
            fields, overlaps = overlaps @ b, of_block(overlaps, axis=1)
            xs, ys, gains, owns, before = map(of_block, (x, y, per_field, own, b))

            def visit(k: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
                changes, own_part, moved = carry
                field = fields[k] + overlaps[k] @ changes - xs[k] * own_part / size
                strength = before[k] * ys[k]
                after = jnp.maximum(0.0, strength + gains[k] * (1 - ys[k] * field))
                change = (after - strength) * ys[k]
                moved = jnp.maximum(moved, jnp.abs(change * owns[k]).max())
                return changes.at[k].set(change), own_part + xs[k] * change, moved

            inner = jnp.zeros_like(xs), own_part, moved
            changes, own_part, moved = jax.lax.fori_loop(0, _BLOCK, visit, inner)
            b = jax.lax.dynamic_update_slice_in_dim(b, before + changes, first, 0)
            return b, own_part, moved

        # Summed anew in each sweep, so that rounding errors do not accumulate.
        own_part = jnp.where(state.mu == 0, jnp.sum(x * state.strengths, axis=0), state.own_part)
        stop = jnp.minimum(state.mu + _visits(rows, size), rows)
        start = state.strengths, own_part, state.moved
        blocks = state.mu // _BLOCK, stop // _BLOCK
        b, own_part, moved = jax.lax.fori_loop(*blocks, visit_block, start)
        whole = stop == rows
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


def _in_blocks(num_patterns: int) -> int:
    """Return the number of patterns, raised to whole blocks."""
    return -(-num_patterns // _BLOCK) * _BLOCK


def _visits(rows: int, size: int) -> int:
    """Return how many patterns a round visits, in whole blocks."""
    return min(rows, _BLOCK * max(1, _ROUND // (_BLOCK * rows * size)))
