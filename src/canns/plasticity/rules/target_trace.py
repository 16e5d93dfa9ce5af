"""STDP towards a target trace: each output spike learns which inputs have been active."""

from typing import ClassVar, Literal

import jax
import jax.numpy as jnp

from canns.dynamics import Activity
from canns.plasticity.dependence import power
from canns.plasticity.rule import Memory, Reads, Rule
from canns.plasticity.rules.traces import advance
from canns.plasticity.start_weights import warn_outside
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["TRACE_PAIRINGS", "TargetTraceSTDP", "TracePairing"]

TracePairing = Literal["all", "nearest"]
TRACE_PAIRINGS: tuple[TracePairing, ...] = ("all", "nearest")


@pytree
class TargetTraceSTDP(Rule):
    r"""STDP at output spikes, which strengthen active inputs and weaken silent ones.

    .. math::
        \Delta W_{ij} = \eta\, \big( (x_j - x_{tar})(w_{max} - W_{ij})^\mu\, s_i
        - A_{pre}\, y_i\, W_{ij}^\mu\, s_j \big)

    :math:`x_j` is a trace of the input's spikes, those of the step included, and :math:`y_i` one of
    the neuron's earlier spikes; both decay exponentially. An input whose trace is below
    :math:`x_{tar}` when the neuron fires is disconnected from it, so each neuron comes to respond
    to a subset of the inputs. With :math:`A_{pre} = 0` weights change at output spikes only,
    which is the rule the paper is built on; with :math:`x_{tar} = 0` and :math:`A_{pre} > 0` it
    is the paper's rule of pairs, in which input spikes weaken. Weights need bounds: below zero
    nothing holds them. For the paper's rule of triplets see
    :class:`TripletSTDP`.

    Args:
        learning_rate: Eta.
        x_tar: The trace at which an input neither gains nor loses.
        A_pre: Weakening at an input spike, as a share of eta.
        mu: The exponent; 0 for changes that do not depend on the weight.
        w_max: The largest weight; a weight outside [0, w_max] is treated as at the bound.
        tau_pre: Time constant of the trace of the inputs in ms.
        tau_post: Time constant of the trace of the outputs in ms.
        dt: Length of a step in ms; None for the time step of the neuron, or 1 ms if it has none.
        pairing: "all": each spike adds 1 to its trace. "nearest": it sets the trace to 1.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> rule = TargetTraceSTDP(0.5, x_tar=0.4, mu=1.0)
        >>> weights, spikes = jnp.array([[0.5, 0.5]]), Activity(jnp.array([1.0, 0.0]), jnp.ones(1))
        >>> _, change = rule.step(rule.init(weights), weights, spikes)
        >>> change.round(3).tolist()
        [[0.15000000596046448, -0.10000000149011612]]

    Source: Diehl & Cook (2015), Front. Comput. Neurosci. 9:99; Querlioz, Bichler, Dollfus & Gamrat
    (2013), IEEE Trans. Nanotechnol. 12:288.
    """

    learning_rate: float = param(default=0.01, low=0)
    x_tar: float = param(default=0.4, low=0)
    A_pre: float = param(default=0.0, low=0)
    mu: float = param(default=0.2, low=0)
    w_max: float = param(default=1.0, low=0, open_low=True)
    tau_pre: float = param(default=20.0, low=0, open_low=True)
    tau_post: float = param(default=20.0, low=0, open_low=True)
    dt: float | None = param(default=None, low=0, open_low=True)
    pairing: TracePairing = static(default="nearest", choices=TRACE_PAIRINGS)

    own_memory: ClassVar[bool] = True

    reads: ClassVar[Reads | None] = "spikes"
    reads_pre: ClassVar[Reads] = "spikes"

    @property
    def memory_attrs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The traces. Their names contain the pairing: the other pairing cannot use them."""
        return f"target_trace_pre_{self.pairing}", f"target_trace_post_{self.pairing}"

    @property
    def traces(self) -> tuple[str, ...]:  # type: ignore[override]
        """All of the memory."""
        return self.memory_attrs

    def check_weights(self, weights: PyTree) -> None:
        """Warn if weights are outside [0, w_max]."""
        super().check_weights(weights)
        effect = "which treats them as at the bound"
        warn_outside(weights, 0.0, self.w_max, type(self).__name__, effect)

    def init(self, weights: Array) -> Memory:
        """Return empty traces."""
        out, in_ = (jnp.zeros(size, weights.dtype) for size in weights.shape)
        return in_, out

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the traces after this step, and the change due to its spikes."""
        x, s = activity.pre, activity.post
        replaces = self.pairing == "nearest"
        pres, posts = (memory[0], x, self.dt, self.tau_pre), (memory[1], s, self.dt, self.tau_post)
        now, pre = advance(*pres, replaces=replaces, joins=True)
        earlier, post = advance(*posts, replaces=replaces, joins=False)
        kept = jnp.clip(weights, 0, self.w_max)

        def at_outputs() -> Array:
            gain = self.learning_rate * power(self.w_max - kept, self.mu)
            change: Array = gain * s[:, None] * (now - self.x_tar)
            return change

        def at_inputs() -> Array:
            loss: Array = (
                self.learning_rate * self.A_pre * power(kept, self.mu) * earlier[:, None] * x
            )
            return loss

        def nothing() -> Array:
            return jnp.zeros_like(weights)

        # Powers of all weights are what a step takes its time for, and few steps need them.
        gain = jax.lax.cond(jnp.any(s != 0), at_outputs, nothing)
        # Also for an A_pre of 0, at which the change has a slope in A_pre.
        return (pre, post), gain - jax.lax.cond(jnp.any(x != 0), at_inputs, nothing)
