"""An asynchronous sweep over couplings that are kept as patterns."""

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.couplings.bits import WORD
from canns.typing import Array

if TYPE_CHECKING:
    from canns.dynamics.couplings.stored_patterns import StoredPatterns

__all__ = ["StoredSweep", "sweep_from"]


class StoredSweep(NamedTuple):
    """An asynchronous sweep over stored patterns, with the weighted overlaps kept up to date.

    A neuron costs O(P), whether it only reads its field or moves; O(P^2) to move if K is a matrix.

    Args:
        couplings: The couplings, with their patterns transposed, a neuron (or 32) a row.
        weighted: :math:`K Y s` for each state s, (B, P).
    """

    couplings: "StoredPatterns"
    weighted: Array

    def field(self, states: Array, i: Array) -> Array:
        """Return the field of neuron ``i`` for each row of ``states``, (B,)."""
        stored = self.couplings
        heard = self._own(i) if stored.post is None else stored.post[i]
        return stored.scale * (self.weighted @ heard) - stored.diagonal[i] * states[:, i]

    def after(self, i: Array, change: Array) -> "StoredSweep":
        """Return the sweep after neuron ``i`` changed by ``change``, (B,)."""
        strengths = self.couplings.strengths

        def moved(weighted: Array) -> Array:
            own = self._own(i)
            if strengths.ndim > 0:
                own = strengths * own if strengths.ndim == 1 else strengths @ own
            return weighted + change[:, None] * own

        # Near a stored pattern hardly any neuron moves.
        some = jnp.any(change != 0)
        return self._replace(weighted=jax.lax.cond(some, moved, lambda k: k, self.weighted))

    def _own(self, i: Array) -> Array:
        """Return the i-th neuron of every pattern, centred, (P,)."""
        stored, dtype = self.couplings, self.couplings.diagonal.dtype
        centre = 0 if stored.centre is None else stored.centre
        if not stored.packed:
            return stored.patterns[i].astype(dtype) - centre
        bit = (stored.patterns[i // WORD] >> (i % WORD).astype(jnp.uint32)) & 1
        return 2 * bit.astype(dtype) - 1 - centre


def sweep_from(couplings: "StoredPatterns", states: Array) -> StoredSweep:
    """Return the sweep from ``states``, (B, N)."""
    weighted = couplings.weigh(couplings.overlaps(states))
    post = None if couplings.post is None else couplings.post.T
    return StoredSweep(couplings._replace(patterns=couplings.patterns.T, post=post), weighted)
