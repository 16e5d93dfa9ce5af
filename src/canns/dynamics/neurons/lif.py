"""The discrete leaky integrate-and-fire neuron with pre- and postsynaptic traces."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.signal import PotentialKind, Signal
from canns.typing import Array, PyTree, param, pytree

__all__ = ["LIF", "LIFState"]


class LIFState(NamedTuple):
    """State of :class:`LIF`: potential (out,), traces (in,) and (out,)."""

    v: Array
    trace_pre: Array
    trace_post: Array


@pytree
class LIF(Neuron):
    r"""Leaky integrate-and-fire in discrete time.

    .. math::
        v \leftarrow \lambda^{dt} v + W x, \qquad
        s = [v \ge \theta], \qquad v \leftarrow v_{reset} \text{ if } s = 1

    Each trace decays by its factor to the power ``dt``, then adds the activity of this step. ``x``
    is the charge of one step (a spike adds ``W`` at once), so ``dt`` does not scale it.

    Args:
        threshold: Potential at which a neuron fires.
        v_reset: Potential after a spike.
        leak: Share of the potential kept over one unit of time, in [0, 1].
        trace_pre_decay: Share of the presynaptic trace kept over one unit of time.
        trace_post_decay: Share of the postsynaptic trace kept over one unit of time.
        dt: Length of a step in that unit of time.

    Example:
        >>> import jax.numpy as jnp
        >>> lif, weights = LIF(), jnp.ones((1, 1))
        >>> state, activity = lif.step(lif.init(weights), weights, jnp.array([1.0]))
        >>> float(activity.post[0]), float(state.v[0])
        (1.0, 0.0)

    Source: Lapicque (1907), J. Physiol. Pathol. Gen.; Gerstner & Kistler (2002), Spiking
    Neuron Models, ch. 4 (traces: ch. 10).
    """

    threshold: float = param(default=1.0)
    v_reset: float = param(default=0.0)
    leak: float = param(default=0.9, low=0, high=1)
    trace_pre_decay: float = param(default=0.95, low=0, high=1)
    trace_post_decay: float = param(default=0.95, low=0, high=1)
    dt: float = param(default=1.0, low=0, open_low=True)

    drives_only: ClassVar[bool] = True
    State: ClassVar[type[PyTree]] = LIFState
    emits: ClassVar[Signal | None] = "spikes"
    potential_kind: ClassVar[PotentialKind | None] = "above_rest"
    provides: ClassVar[tuple[str, ...]] = (
        "trace_pre",
        "trace_post",
        "decay_pre",
        "decay_post",
        "potential",
    )

    @property
    def decays(self) -> tuple[float, float]:
        """Shares of the pre- and the postsynaptic trace that are left after a step."""
        return self.trace_pre_decay**self.dt, self.trace_post_decay**self.dt

    def draw(self, key: Array, input_size: int, output_size: int) -> Array:
        """Return weights uniform in [0, 0.1): non-negative, within the bounds of STDP."""
        return jax.random.uniform(key, (output_size, input_size), maxval=0.1)

    def init(self, weights: Array) -> LIFState:
        """Return the state at rest: potential and traces at zero."""
        out, in_ = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        return LIFState(v=out, trace_pre=in_, trace_post=out)

    def step(self, state: LIFState, weights: Array, x: Array) -> tuple[LIFState, Activity]:
        """Integrate ``x``, fire, reset, and advance the traces."""
        decay_pre, decay_post = self.decays
        past_pre, past_post = decay_pre * state.trace_pre, decay_post * state.trace_post
        v = self.leak**self.dt * state.v + weights @ x
        potential, threshold = before_spike((v, self.threshold), self)
        fires = potential >= threshold
        spike = fires.astype(v.dtype)
        after = LIFState(
            v=jnp.where(fires, self.v_reset, v),
            trace_pre=past_pre + x,
            trace_post=past_post + spike,
        )
        shown = Activity(x, spike, past_pre, past_post, potential=v)
        return after, shown._replace(
            decay_pre=jnp.asarray(decay_pre, v.dtype), decay_post=jnp.asarray(decay_post, v.dtype)
        )
