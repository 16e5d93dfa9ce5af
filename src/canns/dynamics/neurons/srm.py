"""The spike response neuron for pattern detection by STDP."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns.dynamics.neurons.spiking import Spiking, check_below, decayed
from canns.dynamics.signal import PotentialKind
from canns.typing import Array, PyTree, param, pytree

__all__ = ["SRM", "SRMState"]


class SRMState(NamedTuple):
    """State of :class:`SRM`, each (out,).

    Args:
        slow: The part of the potential that decays with tau_m, divided by K.
        fast: The negative of the part that decays with tau_s, divided by K.
        pulse: Number of steps for which the pulse of the neuron's own spike stays above zero.
    """

    slow: Array
    fast: Array
    pulse: Array


@pytree
class SRM(Spiking):
    r"""The spike response model: a sum of kernels over the spikes since the neuron's last one.

    .. math::
        v(t) = \eta(t - t_i) + \sum_{t_j > t_i} w_j\, \varepsilon(t - t_j)
        - \alpha T \sum_{t_k > t_i} \varepsilon(t - t_k)

    .. math::
        \varepsilon(s) = K (e^{-s/\tau_m} - e^{-s/\tau_s}), \qquad
        \eta(s) = T \big[K_1 e^{-s/\tau_m} - K_2 (e^{-s/\tau_m} - e^{-s/\tau_s})\big]

    K scales the kernel to a maximum of 1, so that a weight is the height of the potential that a
    spike causes. :math:`t_j` are input spikes. :math:`t_i` is the neuron's own last spike, which
    erases the effects of earlier ones. :math:`t_k` are the spikes of the layer's other neurons,
    which inhibit it. The neuron fires when v reaches T, but not while :math:`\eta > 0`: the pulse
    of its own spike lasts
    :math:`\ln\frac{K_2}{K_2 - K_1} \tau_m \tau_s / (\tau_m - \tau_s)`, 2.3 ms. Two state variables
    decay and jump. This is exact at any dt, except that spikes fall on the grid.

    Args:
        T: Threshold, in the unit of the weights.
        tau_m: Time constant of the membrane in ms.
        tau_s: Time constant of the synapses in ms, below tau_m.
        K1: Height of the pulse of a spike, in units of T.
        K2: Strength of the negative after-potential, in units of T.
        inhibition: Alpha, the height of the inhibition by another neuron's spike, in units of T.
        dt: Length of a step in ms.

    Example:
        >>> import jax.numpy as jnp
        >>> neuron, weights = SRM(T=1.0), jnp.array([[4.0]])
        >>> state, activity = neuron.step(neuron.init(weights), weights, jnp.array([1.0]))
        >>> float(activity.post[0]), round(float(activity.potential[0]), 3), float(state.pulse[0])
        (1.0, 1.985, 2.0)

    Source: Masquelier, Guyonneau & Thorpe (2008), PLoS ONE 3:e1377; with inhibition (alpha = 0.25)
    Masquelier, Guyonneau & Thorpe (2009), Neural Comput. 21:1259.
    """

    T: float = param(default=500.0, low=0, open_low=True)
    tau_m: float = param(default=10.0, low=0, open_low=True)
    tau_s: float = param(default=2.5, low=0, open_low=True)
    K1: float = param(default=2.0, low=0)
    K2: float = param(default=4.0, low=0)
    inhibition: float = param(default=0.0, low=0)
    dt: float = param(default=1.0, low=0, open_low=True)

    drives_only: ClassVar[bool] = True
    State: ClassVar[type[PyTree]] = SRMState
    potential_kind: ClassVar[PotentialKind | None] = "above_rest"

    def validate(self) -> None:
        """Check the intervals, and that tau_s is below tau_m, and K1 below K2."""
        super().validate()
        check_below("tau_s", self.tau_s, "tau_m", self.tau_m)
        check_below("K1", self.K1, "K2", self.K2)

    def draw(self, key: Array, input_size: int, output_size: int) -> Array:
        """Return weights of 0.475 each."""
        return jnp.full((output_size, input_size), 0.475)

    def init(self, weights: Array) -> SRMState:
        """Return the state of a neuron that has never fired: zeros."""
        zeros = jnp.zeros(weights.shape[0], weights.dtype)
        return SRMState(zeros, zeros, zeros)

    def integrate(self, state: SRMState, weights: Array, x: Array) -> SRMState:
        """Return the state at the end of the step."""
        jump = weights @ x
        return state._replace(
            slow=(state.slow + jump) * decayed(self.dt, self.tau_m),
            fast=(state.fast + jump) * decayed(self.dt, self.tau_s),
        )

    def potential(self, state: SRMState) -> Array:
        """Return K (slow - fast)."""
        potential: Array = self._K() * (state.slow - state.fast)
        return potential

    def excess(self, state: SRMState) -> Array:
        """Return v - T, or -inf during the pulse of the neuron's last spike."""
        return jnp.where(state.pulse > 0, -jnp.inf, self.potential(state) - self.T)

    def reset(self, state: SRMState, fires: Array) -> SRMState:
        """Return the state with after-potentials in place of the past, and the others inhibited."""
        spikes = fires.astype(state.slow.dtype)
        height = self.T / self._K()
        taken = self.inhibition * self.T * (jnp.sum(spikes) - spikes)
        lasts = -jnp.log1p(-self.K1 / self.K2) / (1 / self.tau_s - 1 / self.tau_m)
        steps = jnp.maximum(jnp.ceil(lasts / self.dt) - 1, 0)
        return SRMState(
            slow=jnp.where(fires, height * (self.K1 - self.K2), state.slow) - taken,
            fast=jnp.where(fires, -height * self.K2, state.fast) - taken,
            pulse=jnp.where(fires, steps, jnp.maximum(state.pulse - 1, 0)).astype(spikes.dtype),
        )

    def hyperpolarize(self, state: SRMState, silenced: Array, potential: float | Array) -> SRMState:
        """Return the state with v at ``potential``, from which it decays with tau_m."""
        return state._replace(
            slow=jnp.where(silenced, potential / self._K(), state.slow),
            fast=jnp.where(silenced, 0.0, state.fast),
        )

    def _K(self) -> Array:
        ratio = jnp.asarray(self.tau_m / self.tau_s)
        peak = ratio ** (-1 / (ratio - 1)) - ratio ** (-ratio / (ratio - 1))
        return 1 / peak
