"""Willshaw's associative net: a neuron fires if every active input reaches it."""

import jax.numpy as jnp

from canns.dynamics.code import BITS, Code
from canns.dynamics.couplings.matrix import field_of
from canns.dynamics.jump import before_jump
from canns.dynamics.network import Network
from canns.typing import Array, pytree

__all__ = ["Willshaw", "inputs_of", "replace_outputs"]


def inputs_of(states: Array, num_outputs: int) -> Array:
    """Return the inputs in ``states``: x of rows (x, y), or all of rows s."""
    front = states.shape[1] - num_outputs
    return states[:, :front] if front else states


def replace_outputs(states: Array, outputs: Array) -> Array:
    """Return rows (x, y) with new ``outputs`` y, or the new states s."""
    front = states.shape[1] - outputs.shape[1]
    return jnp.concatenate([states[:, :front], outputs], axis=1)


@pytree
class Willshaw(Network):
    r"""Neurons of states 0 and 1 that fire if every active input reaches them.

    The synapses are binary, and the threshold is the number of active inputs.

    .. math:: y_i \leftarrow [\, \textstyle\sum_j W_{ij} x_j \ge \sum_j x_j \,]

    With weights (M, N) and states of both layers, (B, N + M), inputs first, the inputs x are
    held and one update recalls the outputs y. With square weights and states s, (B, N), all
    neurons are inputs and outputs at once, x = y = s, and synchronous updates go on.

    The energy counts the synapses that are missing between active neurons,

    .. math:: E(x, y) = y^T (1 - W) x - \tfrac12 \sum_i y_i, \qquad
        E(s) = \min_u \big[ u^T (1 - W) s - \tfrac12 \sum_i (u_i + s_i) \big]

    The minimum is at the update u of s, so :math:`-2 E(s)` is the number of active neurons in s
    plus that in u. An update never raises E(x, y), nor E(s) if weights are symmetric. After two
    updates s either rests or alternates between two states. At rest, the active neurons are just
    those that every active neuron reaches.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import trajectory
        >>> pattern = jnp.array([1.0, 1.0, 0.0])
        >>> cue = jnp.array([[1.0, 0.0, 0.0]])
        >>> weights = jnp.outer(pattern, pattern)
        >>> path = trajectory(Willshaw(), weights, cue, key=jax.random.key(0), num_iter=2)
        >>> path[:, 0].tolist()
        [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]

    Source: Willshaw, Buneman & Longuet-Higgins (1969), Nature 222:960.
    """

    @property
    def code(self) -> Code:
        """0 and 1."""
        return BITS

    @property
    def may_cycle(self) -> bool:
        """True: two states may alternate."""
        return True

    def local_field(self, weights: Array, states: Array) -> Array:
        """Return ``W x`` of each row of ``states``, (B, M)."""
        return field_of(weights, inputs_of(states, weights.shape[0]))

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given ``W x``, (B,)."""
        size = field.shape[1]
        surplus = _missing(states, field) - 0.5
        if states.shape[1] > size:
            return jnp.sum(states[:, -size:] * surplus, axis=-1)
        return jnp.sum(jnp.minimum(surplus, 0.0), axis=-1) - 0.5 * jnp.sum(states, axis=-1)

    def step(
        self,
        weights: Array,
        prepared: tuple[()],
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
    ) -> Array:
        """Return the states after one update of all outputs."""
        instead = "For a derivative take McCullochPitts(activation='sigmoid')."
        reached = before_jump(_missing(states, field), "Willshaw", instead) < 0.5
        return replace_outputs(states, reached.astype(states.dtype))


def _missing(states: Array, field: Array) -> Array:
    """Return how many active inputs do not reach each output, (B, M)."""
    return jnp.sum(inputs_of(states, field.shape[1]), axis=-1, keepdims=True) - field
