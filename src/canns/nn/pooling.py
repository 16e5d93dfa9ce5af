"""A layer that pools a set of instances by learnt queries."""

import jax.numpy as jnp

from canns._brainstate import brainstate
from canns._validation import check_size
from canns.nn.module import HopfieldModule, draw_rows
from canns.typing import Array, ArrayLike

__all__ = ["HopfieldPooling"]


class HopfieldPooling(HopfieldModule):
    r"""Pooling of a bag of instances, of any number, by learnt queries.

    .. math:: Z = \mathrm{retrieve}(Q,\; Y W_K,\; Y W_V)

    A query learns what to look for, so a few instances that matter are found among many that do
    not; a mean over all would bury them. The order of the instances has no effect.

    Args:
        in_size: Features of an instance.
        hidden_size: Features of association and of the output; None for ``in_size``.
        num_queries: Number of queries, each of which gives a row.
        num_heads: Number of heads; divides ``hidden_size``.
        num_steps: Updates of the queries.
        beta: Inverse temperature; None for :math:`1/\sqrt{D/H}`.
        learn_beta: Learn a beta of each head.
        dropout: Share of the associations dropped in training, in [0, 1).
        seed: Seed of the weights; None draws from ``brainstate.random``.

    Attributes:
        queries: Q, (num_queries, hidden_size).
        W_K: Projection of the instances to keys, (in_size, hidden_size).
        W_V: Projection of the instances to values, (in_size, hidden_size).

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> pool = HopfieldPooling(4, 6, num_queries=2, seed=0)
        >>> pool(jnp.ones((3, 100, 4))).shape  # three bags of 100 instances
        (3, 2, 6)

    Source: Widrich et al. (2020), NeurIPS 33:18832; Ramsauer et al. (2021), ICLR,
    arXiv:2008.02217.
    """

    def __init__(
        self,
        in_size: int,
        hidden_size: int | None = None,
        *,
        num_queries: int = 1,
        num_heads: int = 1,
        num_steps: int = 1,
        beta: float | None = None,
        learn_beta: bool = False,
        dropout: float = 0.0,
        seed: int | Array | None = None,
    ) -> None:
        size = check_size("in_size", in_size)
        hidden = size if hidden_size is None else check_size("hidden_size", hidden_size)
        count = check_size("num_queries", num_queries)
        super().__init__(hidden, num_heads, num_steps, beta, learn_beta, dropout)
        queries, keys, values = draw_rows(seed, (hidden, count), (size, hidden), (size, hidden))
        self.queries = brainstate.ParamState(queries.T)
        self.W_K, self.W_V = brainstate.ParamState(keys), brainstate.ParamState(values)

    def update(self, instances: ArrayLike, mask: ArrayLike | None = None) -> Array:
        """Return a row for each query, (..., num_queries, hidden).

        Args:
            instances: Y, (..., S, in_size).
            mask: Which instances are there, (..., S), in bags of different sizes; None for all.
        """
        rows = jnp.asarray(instances)
        seen = None if mask is None else jnp.expand_dims(jnp.asarray(mask), -2)
        keys, values = rows @ self.W_K.value, rows @ self.W_V.value
        return self.retrieve(self.queries.value, keys, values, seen)
