"""The leaky integrate-and-fire neuron whose two kinds of synaptic current decay differently."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.neurons.spiking import decayed, rise, transfer
from canns.dynamics.neurons.two_kinds import ExcitatoryInhibitory, TwoKinds
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["DualCurrentLIF", "DualCurrentLIFState"]


class DualCurrentLIFState(NamedTuple):
    """State of :class:`DualCurrentLIF`, each (out,).

    Args:
        v: Membrane potential in mV.
        i_e: Excitatory current times the membrane resistance, in mV.
        i_i: Inhibitory current times the membrane resistance, in mV, at least 0.
        refractory: Steps left of the refractory period.
    """

    v: Array
    i_e: Array
    i_i: Array
    refractory: Array


@pytree
class DualCurrentLIF(TwoKinds):
    r"""Leaky integrate-and-fire with an excitatory and an inhibitory current.

    .. math::
        \tau_m \dot v = -(v - E_L) + I_e - I_i + \mathrm{drive}, \qquad
        \tau_{e,i}\, \dot I_{e,i} = -I_{e,i}

    A spike adds its weight, in mV, to the current. Both weights are strengths, at least 0:
    inhibition is subtracted. The last inputs in x are the inhibitory ones. Firing, refractoriness
    and the order within a step are those of :class:`CurrentLIF`, which has one time constant for
    all synapses; steps are exact at any dt, except that spikes fall on the grid.

    Args:
        tau_m: Time constant of the membrane in ms.
        tau_e: Time constant of the excitatory current in ms.
        tau_i: Time constant of the inhibitory current in ms.
        E_L: Resting potential in mV.
        V_th: Potential in mV at which a neuron fires.
        V_reset: Potential in mV after a spike.
        t_ref: Refractory period in ms.
        drive: Constant input in mV.
        dt: Length of a step in ms.
        inhibitory: Number of inhibitory inputs, at the end of x.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import ExcitatoryInhibitory
        >>> lif = DualCurrentLIF(E_L=-60.0, dt=1.0, inhibitory=1)
        >>> weights = ExcitatoryInhibitory(jnp.full((1, 1), 9.0), jnp.full((1, 1), 9.0))
        >>> state, activity = lif.step(lif.init(weights), weights, jnp.array([1.0, 0.0]))
        >>> round(float(activity.potential[0]), 3)
        -59.603

    Source: Brette et al. (2007), J. Comput. Neurosci. 23:349, benchmark 2, whose numbers are the
    defaults.
    """

    tau_m: float = param(default=20.0, low=0, open_low=True)
    tau_e: float = param(default=5.0, low=0, open_low=True)
    tau_i: float = param(default=10.0, low=0, open_low=True)
    E_L: float = param(default=-49.0)
    V_th: float = param(default=-50.0)
    V_reset: float = param(default=-60.0)
    t_ref: float = param(default=5.0, low=0)
    drive: float = param(default=0.0)
    dt: float = param(default=0.1, low=0, open_low=True)
    inhibitory: int = static(default=0)

    State: ClassVar[type[PyTree]] = DualCurrentLIFState

    def draw(self, key: Array, input_size: int, output_size: int) -> ExcitatoryInhibitory:
        """Return weights uniform in [0, 1) mV."""
        excitatory = self._count_excitatory(input_size)
        drawn = jax.random.uniform(key, (output_size, input_size))
        return ExcitatoryInhibitory(drawn[:, :excitatory], drawn[:, excitatory:])

    def init(self, weights: ExcitatoryInhibitory) -> DualCurrentLIFState:
        """Return the state at rest: v at E_L, and no current."""
        zeros = jnp.zeros(len(weights.excitatory), weights.excitatory.dtype)
        return DualCurrentLIFState(v=zeros + self.E_L, i_e=zeros, i_i=zeros, refractory=zeros)

    def integrate(
        self, state: DualCurrentLIFState, weights: ExcitatoryInhibitory, x: Array
    ) -> DualCurrentLIFState:
        """Return the state at the end of the step."""
        before_e, before_i = self._split(x)
        i_e = state.i_e + weights.excitatory @ before_e
        i_i = state.i_i + weights.inhibitory @ before_i
        lasting = (self.E_L + self.drive - state.v) * rise(self.dt, self.tau_m)
        excited = i_e * transfer(self.dt, self.tau_m, self.tau_e)
        inhibited = i_i * transfer(self.dt, self.tau_m, self.tau_i)
        return state._replace(
            v=jnp.where(state.refractory > 0, state.v, state.v + lasting + excited - inhibited),
            i_e=i_e * decayed(self.dt, self.tau_e),
            i_i=i_i * decayed(self.dt, self.tau_i),
        )
