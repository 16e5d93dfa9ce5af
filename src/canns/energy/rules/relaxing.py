"""The base of rules whose phases are relaxations, which they watch for rest."""

from typing import ClassVar, NamedTuple

import jax.numpy as jnp

from canns.energy.network import EnergyNetwork
from canns.energy.networks.layered import LayeredNetwork, LayeredWeights, Relaxed
from canns.energy.rule import EnergyRule
from canns.plasticity.learning import dtype_of
from canns.typing import Array

__all__ = ["RelaxingRule", "Speed"]


class Speed(NamedTuple):
    """Memory of a rule whose phases relax.

    Args:
        mean: Of the last mini-batch, the mean over the samples of the speed of the fastest unit at
            the end of a relaxation; of two relaxations the larger one.
    """

    mean: Array

    @classmethod
    def of(cls, *relaxed: Relaxed) -> "Speed":
        """Return the speed at the end of these relaxations."""
        return cls(jnp.stack([phase.speed.mean() for phase in relaxed]).max())


class RelaxingRule(EnergyRule):
    """A rule from input to target, whose phases are relaxations of a layered network."""

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (LayeredNetwork,)
    needs_targets: ClassVar[bool] = True
    watches: ClassVar[str] = "squared_error"

    def init(
        self, network: EnergyNetwork, weights: LayeredWeights, batch_size: int, key: Array
    ) -> Speed:
        """Return a speed of zero."""
        return Speed(jnp.zeros((), dtype_of(weights)))

    def review(self, network: EnergyNetwork, weights: LayeredWeights, memory: Speed) -> None:
        """Warn if the relaxations of the last mini-batch did not come to rest."""
        assert isinstance(network, LayeredNetwork)
        network.warn_unsettled(weights, float(memory.mean), "The last relaxation of training")
