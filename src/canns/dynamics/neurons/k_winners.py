"""k-winners-take-all: the k neurons with the largest fields are active."""

import jax.numpy as jnp

from canns._validation import is_traced
from canns.dynamics.code import BITS, Code
from canns.dynamics.couplings.matrix import Couplings, Sparse, StoredPatterns, field_of, rounding_of
from canns.dynamics.jump import before_jump
from canns.dynamics.network import Network
from canns.dynamics.networks.willshaw import inputs_of, replace_outputs
from canns.errors import ValidationError
from canns.typing import Array, param, pytree

__all__ = ["KWinners"]


@pytree
class KWinners(Network):
    r"""Neurons of states 0 and 1; the k with the largest fields are active.

    .. math:: y \leftarrow \arg\max_{u \in \{0,1\}^M,\ |u| = k} u^T W x

    Weights and states are those of :class:`Willshaw`: either the inputs x are held and y is
    recalled, or x = y = s. At equal fields active neurons win before others, then those of lower
    index.

    .. math:: E(x, y) = -y^T W x, \qquad E(s) = -\tfrac12 \max_{|u| = k} u^T W s

    At rest E(s) is the energy :math:`-\tfrac12 s^T W s`. With symmetric weights an update of a
    state with k active neurons never raises it, so that a recall ends at rest or in a 2-cycle.

    Args:
        winners: K, a whole number; if it exceeds the number of neurons, all are active.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import update_once
        >>> weights = jnp.array([[0.0, 3.0, 1.0], [3.0, 0.0, 2.0], [1.0, 2.0, 0.0]])
        >>> state = jnp.array([0.0, 0.0, 1.0])
        >>> update_once(KWinners(2), weights, state, jax.random.key(0)).tolist()
        [1.0, 1.0, 0.0]

    Source: Majani, Erlanson & Abu-Mostafa (1989), Adv. Neural Inf. Process. Syst. 1:634.
    """

    winners: float = param(default=1.0, low=1)

    @property
    def code(self) -> Code:
        """0 and 1."""
        return BITS

    def validate(self) -> None:
        """Check that k is a whole number, and positive."""
        super().validate()
        if not is_traced(self.winners) and not float(self.winners).is_integer():
            raise ValidationError("winners", "a whole number", repr(self.winners))

    @property
    def may_cycle(self) -> bool:
        """True: two states of equal energy may alternate."""
        return True

    def prepare(self, weights: Couplings) -> Array:
        """Return the largest difference between two fields that rounding may make."""
        return jnp.max(rounding_of(weights))

    def local_field(self, weights: Couplings, states: Array) -> Array:
        """Return ``W x`` of each row of ``states``, (B, M)."""
        if isinstance(weights, StoredPatterns | Sparse):  # these are square
            return field_of(weights, states)
        return field_of(weights, inputs_of(states, weights.shape[0]))

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given ``W x``, (B,)."""
        size = field.shape[1]
        if states.shape[1] > size:
            return -jnp.sum(states[:, -size:] * field, axis=-1)
        place = jnp.arange(size) >= size - self.winners
        return -0.5 * jnp.sum(jnp.where(place, jnp.sort(field, axis=-1), 0.0), axis=-1)

    def step(
        self,
        weights: Couplings,
        tolerance: Array,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
    ) -> Array:
        """Return the states after one update of all outputs."""
        instead = "For a derivative take SoftWinners, or McCullochPitts(activation='sigmoid')."
        field = before_jump(field, "KWinners", instead)
        active = states[:, -field.shape[1] :] > 0
        chosen = self._choose(field, active, tolerance)
        return replace_outputs(states, chosen.astype(states.dtype))

    def _choose(self, field: Array, active: Array, tolerance: Array) -> Array:
        """Return which neurons win, (B, M)."""
        place = jnp.round(field.shape[1] - self.winners).astype(int)
        last = jnp.take(jnp.sort(field, axis=-1), place, axis=-1, mode="clip")[:, None]
        chosen = field > last + tolerance
        tied = jnp.abs(field - last) <= tolerance
        for group in (tied & active, tied & ~active):
            room = self.winners - jnp.sum(chosen, axis=-1, keepdims=True)
            chosen |= group & (jnp.cumsum(group, axis=-1) <= room)
        return chosen
