"""Neurons held at a sequence: each pattern is presented with the one before it."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.signal import Signal, Signals
from canns.typing import Array, PyTree, pytree

__all__ = ["Successive", "SuccessiveState"]


class SuccessiveState(NamedTuple):
    """State of :class:`Successive`: the previous pattern, (N,)."""

    previous: Array


@pytree
class Successive(Neuron):
    r"""Neurons held at successive patterns: pre is the previous pattern, post the present one.

    Hebb's rule then stores the sequence, :math:`W = \sum_\mu \xi^{\mu+1} (\xi^\mu)^T`, and parallel
    updates replay it. Zeros precede the first pattern. For a cycle, present the first one again
    at the end.

    Example:
        >>> import jax.numpy as jnp
        >>> patterns = jnp.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        >>> neuron = Successive()
        >>> state, activity = neuron.step(neuron.init(jnp.eye(2)), jnp.eye(2), patterns)
        >>> activity.pre.tolist(), state.previous.tolist()
        ([[0.0, 0.0], [1.0, -1.0], [1.0, 1.0]], [-1.0, 1.0])

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Hopfield (1982), PNAS 79:2554.
    """

    State: ClassVar[type[PyTree]] = SuccessiveState
    clamped: ClassVar[bool] = True
    square: ClassVar[bool] = True
    emits: ClassVar[Signal | None] = "held"

    def signals(self, weights: PyTree) -> Signals:
        """Return that the weights lead from neuron to neuron, all held at the samples."""
        return Signals("held", "held", role="lateral")

    def init(self, weights: Array) -> SuccessiveState:
        """Return a state without a pattern: zeros."""
        return SuccessiveState(jnp.zeros(weights.shape[1], weights.dtype))

    def step(
        self, state: SuccessiveState, weights: Array, x: Array
    ) -> tuple[SuccessiveState, Activity]:
        """Return ``x`` with the previous pattern; ``x`` may be a whole sequence, (T, N)."""
        rows = x.reshape(-1, x.shape[-1])
        pre = jnp.concatenate([state.previous[None], rows[:-1]]).reshape(x.shape)
        return SuccessiveState(rows[-1]), Activity(pre=pre, post=x)
