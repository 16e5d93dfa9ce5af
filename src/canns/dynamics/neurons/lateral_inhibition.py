"""Competition of spiking neurons: a spike inhibits all other neurons for some time."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.neurons.spiking import Spiking
from canns.dynamics.neurons.wrapper import Wrapper
from canns.errors import ValidationError
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["LateralInhibition", "LateralInhibitionState"]


class LateralInhibitionState(NamedTuple):
    """State of :class:`LateralInhibition`.

    Args:
        neuron: The state of the wrapped neuron.
        inhibited: Steps for which each neuron is still inhibited, (out,).
    """

    neuron: PyTree
    inhibited: Array


@pytree
class LateralInhibition(Wrapper):
    r"""A layer of spiking neurons in which a spike holds all other neurons at a low potential.

    .. math::
        s_k = [v_k \ge \theta_k], \qquad
        v_i(t) = V_{inh} \text{ for } 0 < t - t_k \le T_{inh},\; i \ne k

    The inhibition begins with the spike, and a further spike renews it. It stands for one
    inhibitory neuron per excitatory neuron, which fires at each of its spikes, and whose strong
    synapses lead to all other neurons. Synaptic currents and thresholds go on while a neuron is
    inhibited. Unlike :class:`FirstSpikeWins`, whose inhibition lasts for one moment, neurons cannot
    catch up for ``duration``, so that one neuron fires several times before another one does.

    Args:
        neuron: The neuron, such as :class:`AdaptiveLIF`.
        V_inh: Potential at which the other neurons are held, in the unit of their potential.
        duration: T_inh in ms, rounded to whole steps; 0 for the moment of the spike only.
        together: Whether neurons that reach their thresholds in the same step all fire, and inhibit
            each other. If not, the one farthest above its threshold is the first, at a tie the one
            of lowest index, and the others do not fire.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import CurrentLIF
        >>> layer = LateralInhibition(CurrentLIF(), V_inh=-75.0, duration=2.0)
        >>> weights = jnp.array([[500.0], [600.0], [0.0]])
        >>> state, activity = layer.step(layer.init(weights), weights, jnp.ones(1))
        >>> activity.post.tolist(), state.inhibited.tolist()
        ([0.0, 1.0, 0.0], [2.0, 0.0, 2.0])
        >>> layer.step(state, weights, jnp.zeros(1))[0].neuron.v.tolist()[0]
        -75.0

    Source: Diehl & Cook (2015), Front. Comput. Neurosci. 9:99.
    """

    neuron: Neuron
    V_inh: float = param(default=-75.0)
    duration: float = param(default=10.0, low=0)
    together: bool = static(default=False)

    State: ClassVar[type[PyTree]] = LateralInhibitionState

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the neuron
        """The fields that the neuron provides."""
        return self.neuron.provides

    @property
    def time_step(self) -> float | None:
        """The time step of the neuron."""
        return self.neuron.time_step

    @property
    def state_names(self) -> PyTree:
        """The names of the neuron's state, and "inhibited"."""
        return self.State(self.neuron.state_names, "inhibited")

    def validate(self) -> None:
        """Check that the neuron integrates and fires in steps of dt, and its hyperparameters."""
        if not isinstance(self.neuron, Spiking) or self.neuron.time_step is None:
            expected = "one that integrates and fires in steps of dt, such as CurrentLIF"
            raise ValidationError("neuron", expected, repr(self.neuron))
        super().validate()

    def init(self, weights: PyTree) -> LateralInhibitionState:
        """Return the neuron's state at rest, without inhibition."""
        rest = jnp.zeros_like(self.neuron.silence(weights)[1])
        return LateralInhibitionState(self.neuron.init(weights), rest)

    def seeded(self, state: PyTree, key: Array) -> PyTree:
        """Return the state with the neuron's random seed set from a JAX key."""
        return state._replace(neuron=self.neuron.seeded(state.neuron, key))

    def step(self, state: PyTree, weights: PyTree, x: Array) -> tuple[PyTree, Activity]:
        """Integrate ``x``, (in,), let neurons that are not inhibited fire, and inhibit the others.

        The potential that it shows is the one before the spike.
        """
        neuron = self.neuron
        assert isinstance(neuron, Spiking), "see validate"
        dt = neuron.time_step
        assert dt is not None, "see validate"
        held = state.inhibited > 0
        inner = neuron.integrate(state.neuron, weights, x)
        inner = neuron.hyperpolarize(inner, held, self.V_inh)
        excess = jnp.where(held, -jnp.inf, before_spike(neuron.excess(inner), self))
        potential = neuron.potential(inner)
        fires = excess >= 0
        if not self.together:
            fires &= jnp.arange(len(excess)) == jnp.argmax(excess)
        inner = neuron.reset(inner, fires)
        # A neuron is inhibited if any other one fires.
        others = jnp.sum(fires) > fires
        inner = neuron.hyperpolarize(inner, others, self.V_inh)
        steps = jnp.round(jnp.asarray(self.duration / dt))
        left = jnp.where(others, steps, jnp.maximum(state.inhibited - 1, 0))
        after = LateralInhibitionState(inner, left.astype(potential.dtype))
        return after, self.show(x, fires.astype(potential.dtype), potential)
