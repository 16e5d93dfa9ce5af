"""The adaptive exponential neuron with a moving threshold and a depolarizing afterpotential."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns.dynamics.neurons.adex import AdEx
from canns.dynamics.neurons.spiking import decayed, rise
from canns.typing import Array, PyTree, param, pytree

__all__ = ["ClopathAdEx", "ClopathAdExState"]


class ClopathAdExState(NamedTuple):
    """State of :class:`ClopathAdEx`, each (out,).

    Args:
        v: Membrane potential in mV.
        w: Adaptation current in pA.
        current: Synaptic current in pA.
        refractory: Steps left of the spike and of the refractory period after it.
        z: Current of the afterpotential in pA.
        V_T: Threshold in mV.
    """

    v: Array
    w: Array
    current: Array
    refractory: Array
    z: Array
    V_T: Array


@pytree
class ClopathAdEx(AdEx):
    r"""An :class:`AdEx` whose spikes have a width, and leave a depolarization and a high threshold.

    .. math::
        C \dot v = -g_L (v - E_L) + g_L \Delta_T e^{(v - \theta)/\Delta_T} - w + z + I
        + \mathrm{drive}

    .. math::
        \tau_w \dot w = a (v - E_L) - w, \qquad
        \tau_z \dot z = -z, \qquad \tau_{V_T} \dot \theta = V_T - \theta

    At V_peak the neuron fires, and v stays at V_spike for t_spike. At the end of the spike
    v is set to V_reset, z to I_sp and the threshold :math:`\theta` to V_Tmax, and w grows by b. It
    is the neuron for the rule :class:`~canns.plasticity.Clopath`, which reads the potential.

    The defaults are the numbers of the authors' program. It holds a spike at 29.4 mV for 1 ms and
    at 32.862 mV for another, of which V_spike is the mean. With its b of 0.0805 pA, a thousandth of
    that of :class:`AdEx`, spikes hardly add to the adaptation.

    Args:
        I_sp: Current of the afterpotential after a spike, in pA.
        tau_z: Time constant of this current in ms.
        V_Tmax: Threshold after a spike in mV.
        tau_VT: Time constant with which the threshold returns to V_T, in ms.

    The other arguments are those of :class:`AdEx`.

    Example:
        >>> import jax.numpy as jnp
        >>> neuron, weights, seen = ClopathAdEx(tau_syn=0.05, dt=1.0), jnp.full((1, 1), 1e6), []
        >>> state = neuron.init(weights)
        >>> for x in (1.0, 0.0, 0.0, 0.0):
        ...     state, activity = neuron.step(state, weights, jnp.array([x]))
        ...     seen.append((float(activity.post[0]), round(float(activity.potential[0]), 1)))
        >>> seen
        [(1.0, 31.1), (0.0, 31.1), (0.0, -50.3), (0.0, -51.1)]

    Source: Clopath, Büsing, Vasilaki & Gerstner (2010), Nat. Neurosci. 13:344, and the authors'
    program, ModelDB 144566 (width of the spike, reset); Badel et al. (2008), J. Neurophysiol.
    99:656 (threshold).
    """

    b: float = param(default=0.0805, low=0)
    V_reset: float = param(default=-49.5016)
    V_peak: float = param(default=20.0)
    t_spike: float = param(default=2.0, low=0)
    V_spike: float = param(default=31.131)
    I_sp: float = param(default=400.0)
    tau_z: float = param(default=40.0, low=0, open_low=True)
    V_Tmax: float = param(default=-30.4)
    tau_VT: float = param(default=50.0, low=0, open_low=True)  # noqa: N815

    drives_only: ClassVar[bool] = True
    State: ClassVar[type[PyTree]] = ClopathAdExState

    def init(self, weights: Array) -> PyTree:
        """Return the state at E_L, without currents, and with the threshold at V_T."""
        rest = super().init(weights)
        return ClopathAdExState(*rest, z=rest.w, V_T=rest.w + self.V_T)

    def integrate(self, state: PyTree, weights: Array, x: Array) -> PyTree:
        """Return the state at the end of the step."""
        current = state.current + weights @ x
        later = current * decayed(self.dt, self.tau_syn)
        z = state.z * decayed(self.dt, self.tau_z)
        V_T = state.V_T + rise(self.dt, self.tau_VT) * (self.V_T - state.V_T)
        after = self.advance(state, (current + state.z, later + z), (state.V_T, V_T))
        return after._replace(current=later, z=z, V_T=V_T)

    def reset(self, state: PyTree, fires: Array) -> PyTree:
        """Return the state with spikes begun, and all variables set after those that end now."""
        ends = self.ends(state, fires)
        after = super().reset(state, fires)
        return after._replace(
            z=jnp.where(ends, self.I_sp, state.z).astype(state.z.dtype),
            V_T=jnp.where(ends, self.V_Tmax, state.V_T).astype(state.V_T.dtype),
        )
