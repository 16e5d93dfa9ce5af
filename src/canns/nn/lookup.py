"""A layer that looks rows up in a learnt memory."""

import jax.numpy as jnp

from canns._brainstate import brainstate
from canns._validation import check_size
from canns.nn.module import HopfieldModule, draw_rows
from canns.typing import Array, ArrayLike

__all__ = ["HopfieldLookup"]


class HopfieldLookup(HopfieldModule):
    r"""Retrieval from a learnt memory of prototypes.

    .. math:: Z = \mathrm{retrieve}(R,\; K,\; V)

    Args:
        in_size: Features of a state.
        num_patterns: Number of stored patterns, each a key and a value.
        out_size: Features of a value; None for ``in_size``.
        num_heads: Number of heads; divides ``in_size`` and ``out_size``.
        num_steps: Updates of the states.
        beta: Inverse temperature; None for :math:`1/\sqrt{D/H}`.
        learn_beta: Learn a beta of each head.
        dropout: Share of the associations dropped in training, in [0, 1).
        seed: Seed of the memory; None draws from ``brainstate.random``.

    Attributes:
        keys: K, (num_patterns, in_size).
        values: V, (num_patterns, out_size).

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> lookup = HopfieldLookup(4, 10, out_size=2, seed=0)
        >>> lookup(jnp.ones((3, 4))).shape
        (3, 2)

    Source: Ramsauer et al. (2021), ICLR, arXiv:2008.02217.
    """

    def __init__(
        self,
        in_size: int,
        num_patterns: int,
        *,
        out_size: int | None = None,
        num_heads: int = 1,
        num_steps: int = 1,
        beta: float | None = None,
        learn_beta: bool = False,
        dropout: float = 0.0,
        seed: int | Array | None = None,
    ) -> None:
        size, count = check_size("in_size", in_size), check_size("num_patterns", num_patterns)
        out = size if out_size is None else check_size("out_size", out_size)
        super().__init__(size, num_heads, num_steps, beta, learn_beta, dropout)
        keys, values = draw_rows(seed, (size, count), (out, count))
        self.keys, self.values = brainstate.ParamState(keys.T), brainstate.ParamState(values.T)

    def update(self, states: ArrayLike, mask: ArrayLike | None = None) -> Array:
        """Return the values that the states look up, (..., T, out).

        Args:
            states: R, (..., T, in_size).
            mask: Which patterns each state may see, (..., T, num_patterns); None for all.
        """
        return self.retrieve(jnp.asarray(states), self.keys.value, self.values.value, mask)
