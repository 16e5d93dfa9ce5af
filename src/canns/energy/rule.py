"""The protocol of rules that learn by energy: one pure step from a mini-batch to a change."""

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import jax

from canns._explain import explain_methods, explained
from canns.energy.network import EnergyNetwork
from canns.errors import ValidationError
from canns.typing import Array, Parameters, PyTree

__all__ = ["EnergyRule", "EnergyStep", "descend"]


class EnergyStep(NamedTuple):
    """What a rule makes of a mini-batch.

    Args:
        memory: The rule's memory afterwards.
        change: What to add to the weights, in their structure.
        loss: One number that the rule watches, such as the error of the reconstruction.
    """

    memory: PyTree
    change: PyTree
    loss: Array


class EnergyRule(Parameters):
    """A rule that learns by energy: hyperparameters and one pure step.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`). Its step finds the states of
    two phases, and follows :func:`~canns.energy.contrast`.

    Attributes:
        learns: The kinds of network that it can train.
        needs_targets: True if each sample has a target; False if targets are refused.
        watches: What the loss is, in words; the record lists it under this name.
    """

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (EnergyNetwork,)
    needs_targets: ClassVar[bool] = False
    watches: ClassVar[str] = "loss"

    learning_rate: float  # each rule declares it, with a default of its own

    def check(self, network: EnergyNetwork) -> None:
        """Raise if the rule cannot train this network."""
        self.validate()
        if not isinstance(network, self.learns):
            kinds = " or ".join(kind.__name__ for kind in self.learns)
            expected = f"a {kinds} for {type(self).__name__}"
            raise ValidationError("network", expected, f"a {type(network).__name__}")

    def init(self, network: EnergyNetwork, weights: PyTree, batch_size: int, key: Array) -> PyTree:
        """Return the memory at the start, a pytree of arrays of floats; () for none.

        Args:
            network: The network.
            weights: Its weights.
            batch_size: Number of samples in a mini-batch.
            key: Random key.
        """
        return ()

    def review(self, network: EnergyNetwork, weights: PyTree, memory: PyTree) -> None:
        """Warn of what the end of a run shows, such as relaxations that did not come to rest.

        Args:
            network: The network.
            weights: Its weights.
            memory: The rule's memory.
        """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        explain_methods(cls)

    @abstractmethod
    def step(
        self,
        network: EnergyNetwork,
        memory: PyTree,
        weights: PyTree,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the memory, the change of the weights and the loss of a mini-batch.

        Args:
            network: The network.
            memory: The rule's memory.
            weights: The network's weights.
            x: The samples, (B, in).
            target: Their targets, (B, out), or None.
            key: Random key of this step.
        """


@explained
def descend(rate: float | Array, contrast: PyTree) -> PyTree:
    """Return the change of the weights, ``-rate * contrast``.

    Example:
        >>> import jax.numpy as jnp
        >>> descend(0.5, (jnp.array([2.0]), jnp.array([-4.0])))[1].tolist()
        [2.0]
    """
    return jax.tree.map(lambda slope: -rate * slope, contrast)
