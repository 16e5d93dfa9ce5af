"""The Potts network: neurons with Q states that have no order."""

from typing import ClassVar

import jax
import jax.numpy as jnp

from canns._validation import check_size
from canns.dynamics.code import Code, Symbols
from canns.dynamics.jump import before_jump
from canns.dynamics.network import Network
from canns.dynamics.networks.order import ORDERS, UpdateOrder, draw_order
from canns.typing import Array, epsilon, pytree, static

__all__ = ["Potts"]


@pytree
class Potts(Network):
    r"""The network of neurons with states 0 to Q - 1, coupled by the patterns that it stores.

    .. math::
        J_{ij}^{kl} = \frac{1}{Q^2 N} \sum_\mu u_{\xi_i^\mu, k}\, u_{\xi_j^\mu, l} \quad (i \ne j),
        \qquad u_{k,l} = Q \delta_{kl} - 1

    .. math::
        E = -\tfrac12 \sum_{i \ne j} \sum_{k,l} J_{ij}^{kl}\, u_{s_i,k}\, u_{s_j,l}
          = -\tfrac12 \sum_i h_i^{s_i}, \qquad
        h_i^k = \frac1N \sum_\mu u_{\xi_i^\mu, k} \sum_{j \ne i} u_{\xi_j^\mu, s_j}

    A neuron takes the state k of the largest field. At a tie it keeps its state if that is among
    the largest, and else takes the first of them. Asynchronous updates never raise E; synchronous
    ones may end in a 2-cycle. With Q = 2, and states 0 and 1 for -1 and +1, it is the network of
    :class:`~canns.dynamics.Hopfield` with Hebb's weights, divided by N.

    Weights are the patterns themselves, (P, N), as whole numbers. J would have :math:`(NQ)^2`
    entries; from the patterns a field costs 4PNQ operations, and a neuron of an asynchronous sweep
    6PQ. States are (B, N). In both, -1 is an unknown state: it contributes nothing, and a neuron
    leaves it at its first update.

    Args:
        num_states: Q, at least 2.
        asynchronous: Sweep neuron by neuron instead of all at once.
        update_order: Of an asynchronous sweep, "random" or "cyclic"; ``order=`` is an alias.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import recall
        >>> patterns = jnp.array([[0.0, 1.0, 2.0, 2.0, 1.0]])
        >>> cue = jnp.array([[0.0, 1.0, 2.0, 0.0, -1.0]])
        >>> recall(Potts(3), patterns, cue, key=jax.random.key(0)).states[0].tolist()
        [0.0, 1.0, 2.0, 2.0, 1.0]

    Source: Kanter (1988), Phys. Rev. A 37:2739.
    """

    num_states: int = static()
    asynchronous: bool = static(default=False)
    update_order: UpdateOrder = static(default="random", choices=ORDERS)

    _aliases: ClassVar[dict[str, str]] = {"order": "update_order"}

    def validate(self) -> None:
        """Check the number of states, the flag and the order."""
        super().validate()
        check_size("num_states", self.num_states, low=2)

    @property
    def code(self) -> Code:
        """The states 0 to Q - 1, and -1 for unknown."""
        return Symbols(self.num_states)

    @property
    def random(self) -> bool:
        """True if a step draws an order."""
        return self.asynchronous and self.update_order == "random"

    @property
    def splits_by_cue(self) -> bool:
        """True: all cues share the order."""
        return True

    @property
    def may_cycle(self) -> bool:
        """True if the dynamics can alternate between two states for ever."""
        return not self.random

    def prepare(self, weights: Array) -> Array:
        """Return the largest difference that rounding may make between equal fields, a scalar.

        It is eight rounding units of the sum of a field's terms, for orthogonal patterns.
        """
        size = jnp.sqrt(jnp.asarray(len(weights), weights.dtype))
        return 8 * epsilon(weights.dtype) * (self.num_states - 1) ** 2 * size

    def local_field(self, weights: Array, states: Array) -> Array:
        """Return the field of each state k of each neuron, (B, N, Q)."""
        code, own = self._code(weights), self._shares(states)
        overlaps = jnp.einsum("pik,bik->bp", code, own)
        field = jnp.einsum("bp,pik->bik", overlaps, code)
        return (field - self._own_field(weights, own)) / states.shape[1]

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given its field, (B,)."""
        return -0.5 * jnp.sum(self._shares(states) * field, axis=(1, 2))

    def step(
        self,
        weights: Array,
        tolerance: Array,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
    ) -> Array:
        """Return the states, (B, N), after one synchronous update or one asynchronous sweep."""
        if not self.asynchronous:
            return self._respond(states, field, tolerance)
        size = states.shape[1]
        sequence = draw_order(self.update_order, key, size).in_turn()
        code = jnp.swapaxes(self._code(weights), 0, 1)

        def visit(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            states, overlaps = carry
            i = sequence[k]
            before = states[:, i]
            own = self._shares(before) @ code[i].T
            field = (overlaps - own) @ code[i] / size
            after = self._respond(before, field, tolerance)
            if clamped is not None:
                after = jnp.where(clamped[:, i], before, after)
            overlaps = overlaps - own + self._shares(after) @ code[i].T
            return states.at[:, i].set(after), overlaps

        overlaps = jnp.einsum("ipk,bik->bp", code, self._shares(states))
        moved: Array = jax.lax.fori_loop(0, size, visit, (states, overlaps))[0]
        return moved

    def _shares(self, states: Array) -> Array:
        """Return the one-hot code of each neuron's state, (..., Q); zeros if it is unknown."""
        # Fields and energies depend on states through this code only, which jumps.
        instead = "Its states have no order. For a derivative take ModernHopfield."
        known = before_jump(states, "Potts", instead)
        return (known[..., None] == jnp.arange(self.num_states)).astype(states.dtype)

    def _code(self, states: Array) -> Array:
        """Return u of each neuron's state and each k, (..., Q)."""
        known = (states >= 0).astype(states.dtype)
        return self.num_states * self._shares(states) - known[..., None]

    def _own_field(self, weights: Array, own: Array) -> Array:
        """Return the part of each neuron's fields that is due to its own state.

        It is the sum over patterns of u(xi, k) u(xi, s), from counts of the patterns in each state.
        """
        q = self.num_states
        counts = jnp.sum(self._shares(weights), axis=0)
        known = jnp.sum(own, axis=-1, keepdims=True)
        total = jnp.sum(counts, axis=-1, keepdims=True)
        same = q * own * counts
        return q * same - q * counts * known - jnp.sum(same, -1, keepdims=True) + total * known

    def _respond(self, states: Array, field: Array, tolerance: Array) -> Array:
        largest = field >= jnp.max(field, axis=-1, keepdims=True) - tolerance
        keeps = jnp.sum(self._shares(states) * largest, axis=-1) > 0
        return jnp.where(keeps, states, jnp.argmax(largest, axis=-1).astype(states.dtype))
