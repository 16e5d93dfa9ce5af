"""A layer that associates two sets of rows."""

import jax.numpy as jnp

from canns._brainstate import brainstate
from canns._validation import check_size
from canns.nn.module import HopfieldModule, draw_rows
from canns.typing import Array, ArrayLike

__all__ = ["HopfieldLayer"]


class HopfieldLayer(HopfieldModule):
    r"""Retrieval of stored rows by state rows, with learnt projections.

    .. math::
        Z = \mathrm{retrieve}(R W_Q,\; Y W_K,\; Y W_V)\, W_O

    With one step it is multi-head attention; with several, the states settle among the stored rows
    before values are read out.

    Args:
        state_size: Features of the states R.
        stored_size: Features of the stored rows Y; None for ``state_size``.
        hidden_size: Features of association and of the values; None for ``state_size``.
        out_size: Features of the output; None for ``state_size``.
        num_heads: Number of heads; divides ``hidden_size``.
        num_steps: Updates of the states.
        beta: Inverse temperature; None for :math:`1/\sqrt{D/H}`.
        learn_beta: Learn a beta of each head.
        dropout: Share of the associations dropped in training, in [0, 1).
        seed: Seed of the weights; None draws from ``brainstate.random``.

    Attributes:
        W_Q: Projection of the states, a ``brainstate.ParamState``, (state_size, hidden_size).
        W_K: Projection of the stored rows to keys, (stored_size, hidden_size).
        W_V: Projection of the stored rows to values, (stored_size, hidden_size).
        W_O: Projection to the output, (hidden_size, out_size).

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> layer = HopfieldLayer(4, num_heads=2, seed=0)
        >>> layer(jnp.ones((3, 4)), jnp.eye(5, 4)).shape
        (3, 4)

    Source: Ramsauer et al. (2021), ICLR, arXiv:2008.02217.
    """

    def __init__(
        self,
        state_size: int,
        stored_size: int | None = None,
        *,
        hidden_size: int | None = None,
        out_size: int | None = None,
        num_heads: int = 1,
        num_steps: int = 1,
        beta: float | None = None,
        learn_beta: bool = False,
        dropout: float = 0.0,
        seed: int | Array | None = None,
    ) -> None:
        state = check_size("state_size", state_size)
        stored = state if stored_size is None else check_size("stored_size", stored_size)
        hidden = state if hidden_size is None else check_size("hidden_size", hidden_size)
        out = state if out_size is None else check_size("out_size", out_size)
        super().__init__(hidden, num_heads, num_steps, beta, learn_beta, dropout)
        shapes = (state, hidden), (stored, hidden), (stored, hidden), (hidden, out)
        self.W_Q, self.W_K, self.W_V, self.W_O = map(
            brainstate.ParamState, draw_rows(seed, *shapes)
        )

    def update(
        self, states: ArrayLike, stored: ArrayLike | None = None, mask: ArrayLike | None = None
    ) -> Array:
        """Return the output, (..., T, out).

        Args:
            states: R, (..., T, state_size).
            stored: Y, (..., S, stored_size); None for the states themselves.
            mask: Which stored rows each state may see, (..., T, S); None for all.
        """
        rows = jnp.asarray(states)
        others = rows if stored is None else jnp.asarray(stored)
        q, k, v = rows @ self.W_Q.value, others @ self.W_K.value, others @ self.W_V.value
        return self.retrieve(q, k, v, mask) @ self.W_O.value
