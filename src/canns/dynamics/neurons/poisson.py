"""Neurons that fire at random, at a rate set by their input."""

from typing import ClassVar, Literal

import jax.numpy as jnp

from canns._validation import check_choice
from canns.dynamics.neurons.random_spikes import RandomSpikes, RandomSpikesState
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["ESCAPES", "Escape", "Poisson", "PoissonState"]

Escape = Literal["linear", "exponential"]
ESCAPES: tuple[Escape, ...] = ("linear", "exponential")


class PoissonState(RandomSpikesState):
    """State of :class:`Poisson`.

    Args:
        seed: Seed of the random numbers to come: eight bytes, (8,), stored as floats of the
            weights' type, each of which holds a byte exactly.
    """


@pytree
class Poisson(RandomSpikes):
    r"""Neurons without memory that fire at random and independently.

    .. math:: u = W x, \qquad P(s = 1) = 1 - e^{-r(u)\, dt}

    The rate r (Hz) is :math:`[u]_+` (linear: u is a rate in Hz), or the escape rate
    :math:`r_0\, e^{(u - \theta)/\Delta}` (exponential: u is a potential). At a constant input the
    count over T steps has the mean T P and the Fano factor 1 - P.

    The initial state always has the same seed; :meth:`seeded` sets another. A layer does so from
    ``brainstate.random`` whenever it is built or reset.

    Args:
        rate: r_0 in Hz, the rate at the threshold; for "exponential" only.
        threshold: Theta; for "exponential" only.
        width: Delta, over which the rate grows e-fold; for "exponential" only.
        dt: Length of a step in ms.
        escape: "linear" or "exponential".

    Example:
        >>> import jax, jax.numpy as jnp
        >>> neuron, weights = Poisson(), jnp.array([[1e6], [0.0]])
        >>> state = neuron.seeded(neuron.init(weights), jax.random.key(1))
        >>> neuron.step(state, weights, jnp.ones(1))[1].post.tolist()
        [1.0, 0.0]

    Source: Gerstner & Kistler (2002), Spiking Neuron Models, ch. 5 (escape rates); Dayan & Abbott
    (2001), Theoretical Neuroscience, section 1.4.
    """

    rate: float = param(default=10.0, low=0)
    threshold: float = param(default=1.0)
    width: float = param(default=0.1, low=0, open_low=True)
    dt: float = param(default=1.0, low=0, open_low=True)
    escape: Escape = static(default="linear")

    State: ClassVar[type[PyTree]] = PoissonState

    def validate(self) -> None:
        """Check the intervals and the name."""
        super().validate()
        check_choice("escape", self.escape, ESCAPES)

    def chance(self, potential: Array) -> Array:
        """Return the probability of a spike in one step at the potential u, of any shape."""
        if self.escape == "linear":
            rate = jnp.maximum(potential, 0.0)
        else:
            rate = self.rate * jnp.exp((potential - self.threshold) / self.width)
        return -jnp.expm1(-rate * self.dt / 1000)
