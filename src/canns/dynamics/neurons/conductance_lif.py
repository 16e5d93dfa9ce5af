"""The leaky integrate-and-fire neuron with excitatory and inhibitory conductances."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.neurons.spiking import decayed, rise
from canns.dynamics.neurons.two_kinds import ExcitatoryInhibitory, TwoKinds
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["ConductanceLIF", "ConductanceLIFState"]


class ConductanceLIFState(NamedTuple):
    """State of :class:`ConductanceLIF`, each (out,).

    Args:
        v: Membrane potential in mV.
        g_e: Excitatory conductance, in units of the leak conductance.
        g_i: Inhibitory conductance, in units of the leak conductance.
        refractory: Steps left of the refractory period.
    """

    v: Array
    g_e: Array
    g_i: Array
    refractory: Array


@pytree
class ConductanceLIF(TwoKinds):
    r"""Leaky integrate-and-fire whose synapses open conductances.

    .. math::
        \tau_m \dot v = E_L - v + g_e (E_e - v) + g_i (E_i - v) + \mathrm{drive}, \qquad
        \tau_{e,i}\, \dot g_{e,i} = -g_{e,i}

    A spike adds its weight to the conductance, in units of the leak conductance. The last
    inputs in x are the inhibitory ones. At constant conductances v goes to
    :math:`(E_L + g_e E_e + g_i E_i + drive) / (1 + g_e + g_i)`. Firing, refractoriness and the
    order within a step are those of :class:`CurrentLIF`.

    Conductances decay exactly. A step of v uses their exact mean over the step: it is of second
    order in dt, and exact if they do not change.

    A rate r comes out as about :math:`r / (1 + r\, dt / 2)` or a little less; see
    :class:`CurrentLIF`. In the network of Song, Miller & Abbott, whose rates settle over many
    minutes, steps of 1 and 0.5 ms agree: after 800 to 1000 s, at inputs of 10 Hz, the outputs are
    12.7 (standard error 0.2, 4 seeds) and 13.2 Hz; at 20 Hz 10.7 and 10.5.

    Args:
        tau_m: Time constant of the membrane in ms.
        tau_e: Time constant of the excitatory conductance in ms.
        tau_i: Time constant of the inhibitory conductance in ms.
        E_L: Resting potential in mV.
        E_e: Reversal potential of excitation in mV.
        E_i: Reversal potential of inhibition in mV.
        V_th: Potential in mV at which a neuron fires.
        V_reset: Potential in mV after a spike.
        t_ref: Refractory period in ms.
        drive: Constant input in mV.
        dt: Length of a step in ms.
        inhibitory: Number of inhibitory inputs, at the end of x.

    Example:
        >>> import jax.numpy as jnp
        >>> lif = ConductanceLIF(inhibitory=1)
        >>> weights = ExcitatoryInhibitory(jnp.full((1, 2), 0.1), jnp.full((1, 1), 0.1))
        >>> state, activity = lif.step(lif.init(weights), weights, jnp.array([1.0, 1.0, 0.0]))
        >>> round(float(activity.potential[0]), 2), [part.pre.tolist() for part in activity.parts]
        (-69.38, [[1.0, 1.0], [0.0]])

    Source: Song, Miller & Abbott (2000), Nat. Neurosci. 3:919, whose numbers are the defaults.
    """

    tau_m: float = param(default=20.0, low=0, open_low=True)
    tau_e: float = param(default=5.0, low=0, open_low=True)
    tau_i: float = param(default=5.0, low=0, open_low=True)
    E_L: float = param(default=-70.0)
    E_e: float = param(default=0.0)
    E_i: float = param(default=-70.0)
    V_th: float = param(default=-54.0)
    V_reset: float = param(default=-60.0)
    t_ref: float = param(default=0.0, low=0)
    drive: float = param(default=0.0)
    dt: float = param(default=1.0, low=0, open_low=True)
    inhibitory: int = static(default=0)

    State: ClassVar[type[PyTree]] = ConductanceLIFState

    def draw(self, key: Array, input_size: int, output_size: int) -> ExcitatoryInhibitory:
        """Return excitatory weights uniform in [0, 0.015), and inhibitory ones of 0.05."""
        excitatory = self._count_excitatory(input_size)
        drawn = jax.random.uniform(key, (output_size, excitatory), maxval=0.015)
        return ExcitatoryInhibitory(drawn, jnp.full((output_size, self.inhibitory), 0.05))

    def init(self, weights: ExcitatoryInhibitory) -> ConductanceLIFState:
        """Return the state at rest: v at E_L, and no conductance."""
        zeros = jnp.zeros(len(weights.excitatory), weights.excitatory.dtype)
        return ConductanceLIFState(v=zeros + self.E_L, g_e=zeros, g_i=zeros, refractory=zeros)

    def integrate(
        self, state: ConductanceLIFState, weights: ExcitatoryInhibitory, x: Array
    ) -> ConductanceLIFState:
        """Return the state at the end of the step."""
        before_e, before_i = self._split(x)
        g_e = state.g_e + weights.excitatory @ before_e
        g_i = state.g_i + weights.inhibitory @ before_i
        mean_e = g_e * rise(self.dt, self.tau_e) * (self.tau_e / self.dt)
        mean_i = g_i * rise(self.dt, self.tau_i) * (self.tau_i / self.dt)
        total = 1 + mean_e + mean_i
        steady = (self.E_L + self.drive + mean_e * self.E_e + mean_i * self.E_i) / total
        v = state.v + (steady - state.v) * rise(self.dt * total, self.tau_m)
        return state._replace(
            v=jnp.where(state.refractory > 0, state.v, v),
            g_e=g_e * decayed(self.dt, self.tau_e),
            g_i=g_i * decayed(self.dt, self.tau_i),
        )
