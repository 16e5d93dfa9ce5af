"""The leaky integrate-and-fire neuron in ms and mV whose input moves the potential at once."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns.dynamics.neurons.spiking import Refractory, decayed
from canns.typing import Array, PyTree, param, pytree

__all__ = ["DeltaLIF", "DeltaLIFState"]


class DeltaLIFState(NamedTuple):
    """State of :class:`DeltaLIF`, each (out,).

    Args:
        v: Membrane potential in mV.
        refractory: Steps left of the refractory period.
    """

    v: Array
    refractory: Array


@pytree
class DeltaLIF(Refractory):
    r"""Leaky integrate-and-fire with synapses without a time course.

    .. math::
        \tau_m \dot v = -(v - E_L) + \mathrm{drive} + \tau_m \sum_k W x_k\, \delta(t - t_k)

    A spike of weight w moves the potential by w mV. A neuron fires when v reaches V_th. Then v is
    held at V_reset for the refractory period, which is rounded to whole steps, and input that
    arrives meanwhile is lost. Input arrives at the beginning of a step and decays within it. The
    steps are exact at any dt, except that spikes fall on the grid: see
    :class:`~canns.dynamics.CurrentLIF`.

    Args:
        tau_m: Time constant of the membrane in ms.
        E_L: Resting potential in mV.
        V_th: Potential in mV at which a neuron fires.
        V_reset: Potential in mV after a spike.
        t_ref: Refractory period in ms.
        drive: Constant input in mV: the steady potential it causes, above E_L.
        dt: Length of a step in ms.

    Example:
        >>> import jax.numpy as jnp
        >>> lif, weights = DeltaLIF(), jnp.full((1, 1), 5.0)
        >>> state, activity = lif.step(lif.init(weights), weights, jnp.array([1.0]))
        >>> round(float(activity.potential[0]), 3), float(activity.post[0])
        (4.975, 0.0)

    Source: Brunel (2000), J. Comput. Neurosci. 8:183, equation 1.
    """

    tau_m: float = param(default=20.0, low=0, open_low=True)
    E_L: float = param(default=0.0)
    V_th: float = param(default=20.0)
    V_reset: float = param(default=10.0)
    t_ref: float = param(default=2.0, low=0)
    drive: float = param(default=0.0)
    dt: float = param(default=0.1, low=0, open_low=True)

    drives_only: ClassVar[bool] = True
    State: ClassVar[type[PyTree]] = DeltaLIFState

    def draw(self, key: Array, input_size: int, output_size: int) -> Array:
        """Return weights uniform in [0, 1) mV."""
        return jax.random.uniform(key, (output_size, input_size), maxval=1.0)

    def init(self, weights: Array) -> PyTree:
        """Return the state at rest: v at E_L."""
        zeros = jnp.zeros(weights.shape[0], weights.dtype)
        return DeltaLIFState(v=zeros + self.E_L, refractory=zeros)

    def integrate(self, state: PyTree, weights: Array, x: Array) -> PyTree:
        """Return the state at the end of the step."""
        lasting = self.E_L + self.drive
        v = lasting + (state.v + weights @ x - lasting) * decayed(self.dt, self.tau_m)
        return state._replace(v=jnp.where(state.refractory > 0, state.v, v))
