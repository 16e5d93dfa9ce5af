"""Competition of spiking neurons: the first one to fire silences the others."""

import jax.numpy as jnp

from canns.dynamics.jump import before_spike
from canns.dynamics.neuron import Activity, Neuron
from canns.dynamics.neurons.spiking import Spiking
from canns.dynamics.neurons.wrapper import Wrapper
from canns.errors import ValidationError
from canns.typing import Array, PyTree, param, pytree

__all__ = ["FirstSpikeWins"]


@pytree
class FirstSpikeWins(Wrapper):
    r"""A layer of spiking neurons in which a spike sets all other neurons to a low potential.

    .. math::
        k = \arg\max_i (v_i - \theta_i), \qquad s_k = [v_k \ge \theta_k], \qquad
        v_i \leftarrow V_{inh} \text{ for } i \ne k \text{ if } s_k = 1

    At most one neuron fires per step. If several reach their thresholds in the same step, the one
    farthest above its threshold counts as first; at a tie, the one of lowest index. From V_inh the
    potential follows the neuron's equations.

    Args:
        neuron: The neuron, such as :class:`CurrentLIF` or :class:`SRM`.
        V_inh: Potential that the other neurons are set to, in the unit of their potential.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import CurrentLIF
        >>> layer = FirstSpikeWins(CurrentLIF(), V_inh=-75.0)
        >>> weights = jnp.array([[500.0], [600.0], [0.0]])
        >>> state, activity = layer.step(layer.init(weights), weights, jnp.ones(1))
        >>> activity.post.tolist(), state.v.tolist()
        ([0.0, 1.0, 0.0], [-75.0, -60.0, -75.0])

    Source: Masquelier, Guyonneau & Thorpe (2009), Neural Comput. 21:1259 (competition of STDP
    neurons); Thorpe (1990), in Parallel Processing in Neural Systems and Computers.
    """

    neuron: Neuron
    V_inh: float = param(default=-70.0)

    @property
    def provides(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the neuron
        """The fields that the neuron provides."""
        return self.neuron.provides

    def validate(self) -> None:
        """Check that the neuron integrates and fires, and check its hyperparameters."""
        if not isinstance(self.neuron, Spiking):
            expected = "one that integrates and fires, such as CurrentLIF"
            raise ValidationError("neuron", expected, repr(self.neuron))
        super().validate()

    def step(self, state: PyTree, weights: PyTree, x: Array) -> tuple[PyTree, Activity]:
        """Integrate ``x``, (in,), let the first neuron fire, and inhibit the others."""
        neuron = self.neuron
        assert isinstance(neuron, Spiking), "see validate"
        state = neuron.integrate(state, weights, x)
        excess, potential = before_spike(neuron.excess(state), self), neuron.potential(state)
        first = jnp.arange(len(excess)) == jnp.argmax(excess)
        fires = first & (excess >= 0)
        after = neuron.hyperpolarize(
            neuron.reset(state, fires), jnp.any(fires) & ~first, self.V_inh
        )
        return after, self.show(x, fires.astype(potential.dtype), potential)
