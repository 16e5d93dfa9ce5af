"""The adaptive exponential integrate-and-fire neuron."""

import math
from typing import ClassVar, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import is_traced
from canns.dynamics.neurons.spiking import Refractory, check_below, decayed
from canns.dynamics.signal import PotentialKind
from canns.typing import Array, PyTree, param, pytree

__all__ = ["ADEX_PATTERNS", "AdEx", "AdExState"]

Threshold: TypeAlias = float | Array  # a number for all neurons, or (out,)


class AdExState(NamedTuple):
    """State of :class:`AdEx`, each (out,).

    Args:
        v: Membrane potential in mV.
        w: Adaptation current in pA.
        current: Synaptic current in pA.
        refractory: Steps left of the spike and of the refractory period after it.
    """

    v: Array
    w: Array
    current: Array
    refractory: Array


@pytree
class AdEx(Refractory):
    r"""Integrate-and-fire with an exponential upstroke and an adaptation current.

    .. math::
        C \dot v = -g_L (v - E_L) + g_L \Delta_T e^{(v - V_T)/\Delta_T} - w + I + \mathrm{drive},
        \qquad \tau_w \dot w = a (v - E_L) - w

    When v reaches V_peak, the neuron fires, v is reset, and w grows by b. The synaptic current I
    jumps by the weight at each spike, and decays. v and w advance by Heun's method, of second
    order in dt; a spike falls on the grid. :data:`ADEX_PATTERNS` has parameter sets by name.

    A spike may have a width, for rules that read the potential: then v is at V_spike for the steps
    of t_spike, beginning with the one in which the neuron fires. The reset follows at their end.

    Args:
        C: Capacitance in pF.
        g_L: Leak conductance in nS.
        E_L: Resting potential in mV, without adaptation.
        V_T: Threshold in mV, at which the exponential outgrows the leak.
        Delta_T: Slope factor in mV.
        a: Subthreshold adaptation in nS.
        b: Growth of the adaptation current per spike in pA.
        tau_w: Time constant of the adaptation in ms.
        V_reset: Potential in mV after a spike.
        V_peak: Potential in mV at which a spike is counted, well above V_T.
        tau_syn: Time constant of the synaptic current in ms.
        t_ref: Refractory period in ms.
        drive: Constant current in pA.
        dt: Length of a step in ms, far below C/g_L.
        t_spike: Width of a spike in ms, rounded to whole steps; 0 for a reset within its step.
        V_spike: Potential in mV during a spike of some width.

    Example:
        >>> import jax.numpy as jnp
        >>> neuron, weights = AdEx(), jnp.array([[1000.0]])
        >>> state, activity = neuron.step(neuron.init(weights), weights, jnp.array([1.0]))
        >>> round(float(activity.potential[0]), 2), float(activity.post[0])
        (-70.25, 0.0)

    Source: Brette & Gerstner (2005), J. Neurophysiol. 94:3637, whose numbers are the defaults;
    Naud, Marcille, Clopath & Gerstner (2008), Biol. Cybern. 99:335.
    """

    C: float = param(default=281.0, low=0, open_low=True)
    g_L: float = param(default=30.0, low=0, open_low=True)  # noqa: N815
    E_L: float = param(default=-70.6)
    V_T: float = param(default=-50.4)
    Delta_T: float = param(default=2.0, low=0, open_low=True)
    a: float = param(default=4.0)
    b: float = param(default=80.5, low=0)
    tau_w: float = param(default=144.0, low=0, open_low=True)
    V_reset: float = param(default=-70.6)
    V_peak: float = param(default=0.0)
    tau_syn: float = param(default=5.0, low=0, open_low=True)
    t_ref: float = param(default=0.0, low=0)
    drive: float = param(default=0.0)
    dt: float = param(default=0.1, low=0, open_low=True)
    t_spike: float = param(default=0.0, low=0)
    V_spike: float = param(default=30.0)

    drives_only: ClassVar[bool] = True
    State: ClassVar[type[PyTree]] = AdExState

    @property
    def potential_kind(self) -> PotentialKind:  # type: ignore[override]  # depends on the width
        """A membrane's; without spikes, if they have no width."""
        narrow = not is_traced(self.t_spike) and np.all(np.asarray(self.t_spike) == 0)
        return "subthreshold" if narrow else "membrane"

    def validate(self) -> None:
        """Check the intervals, and that V_T and V_reset are below V_peak."""
        super(Refractory, self).validate()
        check_below("V_T", self.V_T, "V_peak", self.V_peak)
        check_below("V_reset", self.V_reset, "V_peak", self.V_peak)

    @property
    def rheobase(self) -> float:
        r"""The least constant drive in pA, raised slowly from rest, that makes the neuron fire.

        .. math::
            (g_L + a)\big[V_T - E_L - \Delta_T + \Delta_T \ln(1 + k)\big]
            + \Delta_T g_L \big(\tfrac{a}{g_L} - k\big), \qquad
            k = \min\big(\tfrac{a}{g_L}, \tfrac{C}{g_L \tau_w}\big)

        At this drive the fixed point vanishes, or, if adaptation is slow and strong, loses its
        stability first. It holds for a > -g_L.

        Source: Touboul & Brette (2008), Biol. Cybern. 99:319; Naud et al. (2008).
        """
        k = min(self.a / self.g_L, self.C / (self.g_L * self.tau_w))
        way = self.V_T - self.E_L + self.Delta_T * (math.log1p(k) - 1)
        return (self.g_L + self.a) * way + self.Delta_T * (self.a - self.g_L * k)

    def draw(self, key: Array, input_size: int, output_size: int) -> Array:
        """Return weights uniform in [0, 50) pA."""
        return jax.random.uniform(key, (output_size, input_size), maxval=50.0)

    def init(self, weights: Array) -> AdExState:
        """Return the state at E_L, without currents."""
        zeros = jnp.zeros(weights.shape[0], weights.dtype)
        return AdExState(v=zeros + self.E_L, w=zeros, current=zeros, refractory=zeros)

    def threshold(self, state: PyTree) -> float | Array:
        """Return V_peak."""
        return self.V_peak

    def integrate(self, state: PyTree, weights: Array, x: Array) -> PyTree:
        """Return the state at the end of the step."""
        current = state.current + weights @ x
        later = current * decayed(self.dt, self.tau_syn)
        after = self.advance(state, (current, later), (self.V_T, self.V_T))
        return after._replace(current=later)

    def advance(
        self, state: PyTree, currents: tuple[Array, Array], thresholds: tuple[Threshold, Threshold]
    ) -> PyTree:
        """Return the state with v and w after a step of Heun's method.

        Args:
            state: The state.
            currents: The current at the beginning and at the end of the step, in pA.
            thresholds: V_T at these times, in mV.
        """
        held = state.refractory > 0
        dv, dw = self._slopes(state.v, state.w, currents[0], thresholds[0], held)
        ahead = state.v + self.dt * dv, state.w + self.dt * dw
        later = self._slopes(*ahead, currents[1], thresholds[1], held)
        v = jnp.minimum(state.v + self.dt / 2 * (dv + later[0]), self.V_peak)
        w = state.w + self.dt / 2 * (dw + later[1])
        return state._replace(
            v=jnp.where(held, state.v, v), w=jnp.where(self._in_spike(state), state.w, w)
        )

    def potential(self, state: PyTree) -> Array:
        """Return v, or V_spike from the step in which the neuron fires to the end of its spike."""
        begins = (self._steps(self.t_spike) > 0) & (self.excess(state) >= 0)
        return jnp.where(begins, self.V_spike, state.v).astype(state.v.dtype)

    def reset(self, state: PyTree, fires: Array) -> PyTree:
        """Return the state with spikes begun, and after those that end now v reset and w grown."""
        width, pause = self._steps(self.t_spike), self._steps(self.t_ref)
        ends = self.ends(state, fires)
        left = jnp.where(
            fires, jnp.maximum(width - 1, 0) + pause, jnp.maximum(state.refractory - 1, 0)
        )
        v = jnp.where(ends, self.V_reset, jnp.where(fires, self.V_spike, state.v))
        return state._replace(
            v=v.astype(state.v.dtype),
            w=state.w + jnp.where(ends, self.b, 0.0),
            refractory=left.astype(state.v.dtype),
        )

    def ends(self, state: PyTree, fires: Array) -> Array:
        """Return which neurons come to the end of their spike in this step, (out,)."""
        last = self._in_spike(state) & (state.refractory == self._steps(self.t_ref) + 1)
        return jnp.where(fires, self._steps(self.t_spike) <= 1, last)

    def hyperpolarize(self, state: PyTree, silenced: Array, potential: float | Array) -> PyTree:
        """Return the state with v at ``potential``, save of neurons that are in their spike."""
        return super().hyperpolarize(state, silenced & ~self._in_spike(state), potential)

    def _in_spike(self, state: PyTree) -> Array:
        """Whether a spike begun in an earlier step goes on, (out,)."""
        left: Array = state.refractory
        return (self._steps(self.t_spike) > 1) & (left > self._steps(self.t_ref))

    def _steps(self, duration: float) -> Array:
        return jnp.round(jnp.asarray(duration / self.dt))

    def _slopes(
        self, v: Array, w: Array, current: Array, V_T: Threshold, held: Array
    ) -> tuple[Array, Array]:
        # Only the trial step of Heun's method can pass V_peak, and the exponential might overflow.
        v = jnp.minimum(v, self.V_peak)
        upstroke = self.g_L * self.Delta_T * jnp.exp((v - V_T) / self.Delta_T)
        dv = (upstroke - self.g_L * (v - self.E_L) - w + current + self.drive) / self.C
        return jnp.where(held, 0.0, dv), (self.a * (v - self.E_L) - w) / self.tau_w


def _of_table(tau_m: float, a: float, tau_w: float, b: float, V_reset: float) -> AdEx:
    """Return a neuron with a membrane resistance of 500 megohm."""
    return AdEx(2 * tau_m, 2.0, -70.0, -50.0, 2.0, a, b, tau_w, V_reset)


ADEX_PATTERNS: dict[str, AdEx] = {
    "tonic": _of_table(20.0, 0.0, 30.0, 60.0, -55.0),
    "adapting": _of_table(20.0, 0.0, 100.0, 5.0, -55.0),
    "initial burst": _of_table(5.0, 0.5, 100.0, 7.0, -51.0),
    "bursting": _of_table(5.0, -0.5, 100.0, 7.0, -46.0),
}
"""Firing patterns for a step to a constant drive of 65 pA: Gerstner, Kistler, Naud & Paninski
(2014), Neuronal Dynamics, table 6.1."""
