"""The adaptive exponential integrate-and-fire neuron."""

import math
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.neurons.spiking import Refractory, check_below, decayed
from canns.typing import Array, PyTree, param, pytree

__all__ = ["ADEX_PATTERNS", "AdEx", "AdExState"]


class AdExState(NamedTuple):
    """State of :class:`AdEx`, each (out,).

    Args:
        v: Membrane potential in mV.
        w: Adaptation current in pA.
        current: Synaptic current in pA.
        refractory: Steps left of the refractory period.
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

    State: ClassVar[type[PyTree]] = AdExState

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

    def threshold(self, state: AdExState) -> float | Array:
        """Return V_peak."""
        return self.V_peak

    def integrate(self, state: AdExState, weights: Array, x: Array) -> AdExState:
        """Return the state at the end of the step."""
        current = state.current + weights @ x
        later = current * decayed(self.dt, self.tau_syn)
        held = state.refractory > 0
        dv, dw = self._slopes(state.v, state.w, current, held)
        ahead = self._slopes(state.v + self.dt * dv, state.w + self.dt * dw, later, held)
        v = state.v + self.dt / 2 * (dv + ahead[0])
        w = state.w + self.dt / 2 * (dw + ahead[1])
        return state._replace(v=jnp.minimum(v, self.V_peak), w=w, current=later)

    def reset(self, state: AdExState, fires: Array) -> AdExState:
        """Return the state with v at V_reset, and w grown by b."""
        after: AdExState = super().reset(state, fires)
        return after._replace(w=state.w + jnp.where(fires, self.b, 0.0))

    def _slopes(self, v: Array, w: Array, current: Array, held: Array) -> tuple[Array, Array]:
        # Only the trial step of Heun's method can pass V_peak, and the exponential might overflow.
        v = jnp.minimum(v, self.V_peak)
        upstroke = self.g_L * self.Delta_T * jnp.exp((v - self.V_T) / self.Delta_T)
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
