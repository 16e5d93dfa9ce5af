"""The MinOver algorithm: learn the worst pattern, repeatedly."""

from typing import NamedTuple

import jax.numpy as jnp

from canns._validation import check_size, is_traced
from canns.dynamics import Activity, before_jump
from canns.plasticity.projections import ZeroDiagonal
from canns.plasticity.rule import targets, widen
from canns.plasticity.rules.stabilities import NO_DERIVATIVE, PerceptronRule, couple, self_gram
from canns.typing import Array, param, pytree

__all__ = ["MinOver"]


class _Fixed(NamedTuple):
    x: Array
    y: Array
    gram: Array


class _State(NamedTuple):
    step: Array
    fields: Array
    strengths: Array


@pytree
class MinOver(PerceptronRule):
    r"""MinOver: each neuron adds its least stable pattern until all are stable.

    .. math::
        \Delta W_{ij} = \frac{\eta}{N} y_i^\nu x_j^\nu \;(j \ne i), \qquad
        \nu = \arg\min_\mu y_i^\mu h_i^\mu, \qquad \text{until } y_i^\mu h_i^\mu \ge 1
        \;\forall \mu

    with :math:`h_i = \sum_{j \ne i} W_{ij} x_j`. If weights with a positive stability exist, the
    algorithm stops. The stability :math:`\kappa_i` is then at least
    :math:`\kappa_{max}/(2 + \eta)`, and approaches :math:`\kappa_{max}`, the largest possible one,
    as eta goes to 0. The algorithm starts from the present weights. The training record holds
    ``kappa``, (N,); see :func:`stabilities`.

    Args:
        learning_rate: Eta; 1/c in the paper, which has steps of 1/N and a margin of c.
        max_steps: Maximal number of patterns that a neuron adds; about
            :math:`N (2/\eta + 1)/\kappa_{max}^2` are enough.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Clamped
        >>> from canns.plasticity import learn, Setup
        >>> patterns = jnp.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0]])
        >>> weights = learn(Setup(MinOver(), Clamped()), jnp.zeros((3, 3)), patterns).weights
        >>> jnp.sign(weights).tolist()
        [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]

    Source: Krauth & Mezard (1987), J. Phys. A 20:L745.
    """

    learning_rate: float = param(default=0.1, low=0)
    max_steps: int = param(default=10_000, low=0)

    def validate(self) -> None:
        """Check the interval and the count."""
        super().validate()
        if not is_traced(self.max_steps):
            check_size("max_steps", self.max_steps, low=0)

    def load(self, num_patterns: int, size: int) -> tuple[int, int]:
        """Return the maximal number of steps, and how many numbers one step reads."""
        return int(self.max_steps), 5 * num_patterns * size

    def begin(self, weights: Array, activity: Activity) -> tuple[_Fixed, _State]:
        """Return the patterns, and the fields at the present weights."""
        pre, post, weights = before_jump(
            (activity.pre, activity.post, weights), "MinOver", NO_DERIVATIVE
        )
        x, y = widen(pre), targets(widen(post))
        fields = y * (x @ ZeroDiagonal()(widen(weights)).T)
        fields = jnp.where(self_gram(x) == 0, jnp.inf, fields)
        gram = x @ x.T / x.shape[1]
        return _Fixed(x, y, gram), _State(jnp.int32(0), fields, jnp.zeros_like(x))

    def unfinished(self, state: _State) -> Array:
        """Whether a neuron still has a pattern to add."""
        return (state.step < self.max_steps) & (state.fields.min() < 1)

    def round(self, fixed: _Fixed, state: _State) -> _State:
        """Let each neuron add its least stable pattern."""
        x, y, gram = fixed
        size, neurons = x.shape[1], jnp.arange(x.shape[1])
        rate = before_jump(self.learning_rate, "MinOver", NO_DERIVATIVE)
        worst = jnp.argmin(state.fields, axis=0)
        due = state.fields[worst, neurons] < 1
        added = jnp.where(due, rate * y[worst, neurons], 0.0)
        gains = gram[:, worst] - x * x[worst, neurons] / size
        fields = state.fields + y * gains * added
        return _State(state.step + 1, fields, state.strengths.at[worst, neurons].add(added))

    def finish(self, fixed: _Fixed, state: _State, weights: Array) -> Array:
        """Return the sum of the changes of all steps."""
        return couple(state.strengths, fixed.x).astype(weights.dtype)
