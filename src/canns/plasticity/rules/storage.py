"""Storage of a set of patterns in a recurrent network by a product rule."""

from typing import NamedTuple

import numpy as np

from canns._explain import explained
from canns.dynamics import Clamped
from canns.plasticity.learning.learn import learn
from canns.plasticity.learning.setup import Setup
from canns.plasticity.projections import Identity, Projection, ZeroDiagonal
from canns.plasticity.rule import Rule
from canns.plasticity.rules.hebbian import AntiHebbian, Hebbian
from canns.typing import AnyArray, Array

__all__ = ["Storage", "store_patterns"]


class Storage(NamedTuple):
    r"""How patterns are stored by a product rule.

    .. math:: W \pm \frac{\eta}{P} \sum_\mu (x^\mu - \rho)(x^\mu - \rho)^T, \qquad W_{ii} = 0

    Args:
        rule: Hebbian adds the patterns, AntiHebbian removes them.
        subtract_mean: Subtract rho, the mean over all entries of all patterns; otherwise rho = 0.
        zero_diagonal: Remove self-connections afterwards.
        normalize_by_patterns: Divide by the number of patterns P; otherwise by 1.
        learning_rate: Eta.
    """

    rule: type[Hebbian] | type[AntiHebbian] = Hebbian
    subtract_mean: bool = True
    zero_diagonal: bool = True
    normalize_by_patterns: bool = True
    learning_rate: float = 1.0

    def plan(self, patterns: AnyArray) -> tuple[Rule, Projection, AnyArray]:
        """Return the rule, the projection and the inputs that store ``patterns``, (P, N)."""
        if self.subtract_mean:
            patterns = patterns - patterns.mean(dtype=np.float64).astype(patterns.dtype)
        rate = self.learning_rate / (len(patterns) if self.normalize_by_patterns else 1)
        return self.rule(rate), ZeroDiagonal() if self.zero_diagonal else Identity(), patterns


@explained
def store_patterns(
    weights: Array,
    patterns: AnyArray,
    storage: Storage | None = None,
    *,
    compiled: bool = True,
) -> Array:
    r"""Return the weights after ``patterns`` are stored in them, or removed from them.

    Args:
        weights: W, (N, N).
        patterns: One pattern per row, (P, N).
        storage: How to store them; None for the default: centred, and divided by P.
        compiled: False runs the same code un-jitted.

    Returns:
        The new weights, (N, N).

    Example:
        >>> import jax.numpy as jnp, numpy as np
        >>> store_patterns(jnp.zeros((2, 2)), np.array([[1.0, -1.0]])).tolist()
        [[0.0, -1.0], [-1.0, 0.0]]

    Source: Hopfield (1982), PNAS 79:2554.
    """
    rule, project, inputs = (storage or Storage()).plan(patterns)
    after = learn(Setup(rule, Clamped(), project), weights, inputs, compiled=compiled)
    learnt: Array = after.weights
    return learnt
