"""The MinOver algorithm: learn the worst pattern, again and again."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.dynamics import Activity
from canns.plasticity.projections import ZeroDiagonal
from canns.plasticity.rule import Memory, targets, widen
from canns.plasticity.rules.stabilities import PerceptronRule, couple, self_gram
from canns.typing import Array, param, pytree

__all__ = ["MinOver"]


class _Carry(NamedTuple):
    step: Array
    fields: Array
    strengths: Array


@pytree
class MinOver(PerceptronRule):
    r"""MinOver: each neuron adds its pattern of least overlap until all are stable.

    .. math::
        \Delta W_{ij} = \frac{\eta}{N} y_i^\nu x_j^\nu \;(j \ne i), \qquad
        \nu = \arg\min_\mu y_i^\mu h_i^\mu, \qquad \text{until } y_i^\mu h_i^\mu \ge 1
        \;\forall \mu

    with :math:`h_i = \sum_{j \ne i} W_{ij} x_j`. Where weights with a positive stability exist it
    stops, and its stability :math:`\kappa_i` approaches the largest possible one as eta goes to 0:
    it is at least :math:`\kappa_{max}/(2 + \eta)`. It goes on from the present weights. The
    training record holds ``kappa``, (N,); see :func:`stabilities`.

    Args:
        learning_rate: Eta; 1/c in the paper's terms, where the steps are 1/N and the margin is c.
        max_steps: The most patterns that a neuron adds; about
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
        check_size("max_steps", self.max_steps, low=0)

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return what all steps add."""
        x, y = widen(activity.pre), targets(widen(activity.post))
        size, neurons = x.shape[1], jnp.arange(x.shape[1])
        gram = x @ x.T / size

        def unfinished(carry: _Carry) -> Array:
            return (carry.step < self.max_steps) & (carry.fields.min() < 1)

        def add_worst(carry: _Carry) -> _Carry:
            worst = jnp.argmin(carry.fields, axis=0)
            due = carry.fields[worst, neurons] < 1
            added = jnp.where(due, self.learning_rate * y[worst, neurons], 0.0)
            gains = gram[:, worst] - x * x[worst, neurons] / size
            fields = carry.fields + y * gains * added
            return _Carry(carry.step + 1, fields, carry.strengths.at[worst, neurons].add(added))

        fields = y * (x @ ZeroDiagonal()(widen(weights)).T)
        fields = jnp.where(self_gram(x) == 0, jnp.inf, fields)
        first = _Carry(jnp.int32(0), fields, jnp.zeros_like(x))
        end: _Carry = jax.lax.while_loop(unfinished, add_worst, first)
        return memory, couple(end.strengths, x).astype(weights.dtype)
