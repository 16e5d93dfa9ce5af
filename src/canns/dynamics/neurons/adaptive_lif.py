"""The leaky integrate-and-fire neuron whose threshold rises with each of its spikes."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns.dynamics.neurons.current_lif import CurrentLIF
from canns.dynamics.neurons.spiking import decayed
from canns.typing import Array, PyTree, param, pytree

__all__ = ["AdaptiveLIF", "AdaptiveLIFState"]


class AdaptiveLIFState(NamedTuple):
    """State of :class:`AdaptiveLIF`, each (out,).

    Args:
        v: Membrane potential in mV.
        current: Synaptic current times the membrane resistance, in mV.
        refractory: Steps left of the refractory period.
        theta: How far the threshold is above V_th, in mV.
    """

    v: Array
    current: Array
    refractory: Array
    theta: Array


@pytree
class AdaptiveLIF(CurrentLIF):
    r"""A :class:`CurrentLIF` whose threshold is raised by each of its spikes.

    .. math::
        s = [v \ge V_{th} + \theta], \qquad
        \tau_\theta \dot\theta = -\theta + \tau_\theta\, \theta_+ \sum_k \delta(t - t_k)

    At a regular interval T between spikes the threshold is
    :math:`V_{th} + \theta_+ / (e^{T/\tau_\theta} - 1)` when the neuron fires. With a time constant
    of hours the threshold is a homeostasis, with one of 100 ms it adapts the rate.

    Args:
        theta_plus: Rise of the threshold per spike, in mV.
        tau_theta: Time constant of the threshold's decay to V_th, in ms.

    The other arguments are those of :class:`CurrentLIF`.

    Example:
        >>> import jax.numpy as jnp
        >>> lif, weights = AdaptiveLIF(drive=1000.0, theta_plus=0.5), jnp.zeros((1, 1))
        >>> state, activity = lif.step(lif.init(weights), weights, jnp.zeros(1))
        >>> float(activity.post[0]), float(state.theta[0])
        (1.0, 0.5)

    Source: Diehl & Cook (2015), Front. Comput. Neurosci. 9:99; Bellec et al. (2018), Adv. Neural
    Inf. Process. Syst. 31.
    """

    theta_plus: float = param(default=0.05, low=0)
    tau_theta: float = param(default=1e7, low=0, open_low=True)

    State: ClassVar[type[PyTree]] = AdaptiveLIFState

    def init(self, weights: Array) -> PyTree:
        """Return the state at rest, with the threshold at V_th."""
        v, current, refractory = super().init(weights)
        return AdaptiveLIFState(v, current, refractory, theta=jnp.zeros_like(v))

    def threshold(self, state: PyTree) -> Array:
        """Return V_th + theta, (out,)."""
        threshold: Array = self.V_th + state.theta
        return threshold

    def integrate(self, state: PyTree, weights: Array, x: Array) -> PyTree:
        """Return the state at the end of the step."""
        after = super().integrate(state, weights, x)
        return after._replace(theta=state.theta * decayed(self.dt, self.tau_theta))

    def reset(self, state: PyTree, fires: Array) -> PyTree:
        """Return the state with v at V_reset and the threshold raised."""
        after = super().reset(state, fires)
        return after._replace(theta=state.theta + jnp.where(fires, self.theta_plus, 0.0))
