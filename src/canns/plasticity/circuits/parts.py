"""What a circuit consists of: populations, spikes from outside, and pathways between them."""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import check_real, float_dtype
from canns.dynamics import Neuron, Synapses
from canns.errors import ValidationError
from canns.plasticity.circuits.inputs import Inputs
from canns.plasticity.projections import Projection
from canns.plasticity.rule import Rule
from canns.typing import Array, Parameters, param, pytree, static

__all__ = ["KINDS", "Background", "Kind", "Pathway", "Population"]

Kind = Literal["excitatory", "inhibitory"]
KINDS: tuple[Kind, ...] = ("excitatory", "inhibitory")
_MOST = 100.0  # spikes of a background in a step: a table has so many entries


@pytree
class Background(Parameters):
    """Spikes from outside of the circuit, independent for each neuron.

    Args:
        cumulative: P(count <= k) of the spikes that a neuron receives in a step, (K,).
        weight: Strength of each.
        kind: "excitatory" or "inhibitory".
    """

    cumulative: Array
    weight: float = param(low=0)
    kind: Kind = static(default="excitatory", choices=KINDS)

    @classmethod
    def of_rate(
        cls, rate: float, weight: float, dt: float, kind: Kind = "excitatory"
    ) -> "Background":
        """Return the background of a Poisson process.

        Args:
            rate: Spikes that each neuron receives in a second.
            weight: Strength of each.
            dt: Length of a step in ms.
            kind: "excitatory" or "inhibitory".

        Raises:
            ValidationError: If a step would hold more than 100 spikes.

        Example:
            >>> table = Background.of_rate(10_000.0, 0.1, dt=0.1).cumulative  # 1 spike a step
            >>> [round(float(share), 3) for share in table[:2]]
            [0.368, 0.736]
        """
        from scipy.stats import poisson

        mean = check_real("rate", rate, low=0) * dt / 1000.0
        if mean > _MOST:
            expected = f"at most {1000 * _MOST / dt:g} Hz, {_MOST:g} spikes in each step"
            remedy = "Take fewer and stronger spikes, or a smaller dt."
            raise ValidationError("rate", expected, f"{rate:g} Hz", remedy)
        last = int(poisson.isf(2.0**-26, mean))  # beyond what a uniform float32 can tell
        table = poisson.cdf(np.arange(last + 1), mean)
        return cls(jnp.asarray(table, float_dtype()), check_real("weight", weight, low=0), kind)

    def draw(self, key: Array, size: int) -> Array:
        """Return the input of each neuron in a step, (size,)."""
        drawn = jax.random.uniform(key, (size,), self.cumulative.dtype)
        counts = (drawn[:, None] > self.cumulative).sum(axis=1)
        return self.weight * counts.astype(self.cumulative.dtype)


@pytree
class Population(Parameters):
    """Neurons of one kind, or inputs.

    Args:
        neuron: A spiking neuron, or inputs such as :class:`PoissonInputs`.
        backgrounds: Spikes from outside that each neuron receives.
        size: Number of neurons.
    """

    neuron: Neuron | Inputs
    backgrounds: tuple[Background, ...] = ()
    size: int = static(default=1)


@pytree
class Pathway(Parameters):
    """Synapses from one population to another.

    Args:
        synapses: The strengths, (target, source), at least 0: the kind decides the sign.
        rule: The rule by which they learn, with its time step; None for fixed strengths.
        project: The constraint of strengths that learn; None for fixed ones.
        source: Position of the population that sends.
        target: Position of the population that receives.
        kind: "excitatory" or "inhibitory".
        delay: Steps from the end of the step of a spike to the begin of that in which it acts. For
            synapses that learn there may be several: the inputs of the synapses are then the
            sources once for each delay, so that input k N + j is source j with delay k.
        lags: The delay of each synapse, in the layout of its weight, at most ``delay``; None if all
            are ``delay``. Only for fixed strengths.
    """

    synapses: Synapses
    rule: Rule | None = None
    project: Projection | None = None
    lags: Array | None = None
    source: int = static(default=0)
    target: int = static(default=0)
    kind: Kind = static(default="excitatory", choices=KINDS)
    delay: int | tuple[int, ...] = static(default=0)

    @property
    def delays(self) -> tuple[int, ...]:
        """The delays with which its inputs see the spikes of the source."""
        if self.lags is not None:
            return (0,)  # spikes are visited at once, and what they add waits
        return self.delay if isinstance(self.delay, tuple) else (self.delay,)

    @property
    def longest(self) -> int:
        """The longest delay."""
        return max(self.delay) if isinstance(self.delay, tuple) else self.delay
