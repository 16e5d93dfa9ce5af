"""The network protocol: what the recall loop needs of a recurrent network's dynamics."""

from abc import abstractmethod
from typing import Self

import jax.numpy as jnp

from canns.dynamics.code import ANY, Code
from canns.errors import ValidationError
from canns.typing import Array, Parameters, PyTree

__all__ = ["Network"]


class Network(Parameters):
    """The dynamics of a recurrent network: hyperparameters and one pure update.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`). States have a leading batch
    axis, (B, N). The network computes its field from the weights: a matrix, stored patterns, or a
    tuple of arrays.
    """

    @property
    def code(self) -> Code:
        """The values that the neurons take; cues of other values are refused."""
        return ANY

    @property
    def random(self) -> bool:
        """True if an update draws random numbers."""
        return False

    @property
    def may_cycle(self) -> bool:
        """True if the dynamics can alternate between two states for ever."""
        return False

    @property
    def settles(self) -> bool:
        """True if a state that one update leaves unchanged never changes again."""
        return True

    @property
    def splits_by_cue(self) -> bool:
        """True if a batch can be run in parts, with the same result.

        It can if nothing is random, or if the random numbers come from
        :mod:`canns.dynamics.networks.noise`, which draws the same ones for a part of a batch.
        """
        return not self.random

    def prepare(self, weights: PyTree) -> PyTree:
        """Return what :meth:`step` needs to know of the weights; computed once per recall."""
        return ()

    def at_temperature(self, temperature: float | Array) -> Self:
        """Return the same network at another temperature."""
        raise ValidationError(
            "temperatures",
            f"None for {type(self).__name__}",
            "a schedule",
            "These dynamics have no temperature.",
        )

    @abstractmethod
    def local_field(self, weights: PyTree, states: Array) -> Array:
        """Return the local field of each state, with a leading axis B."""

    @abstractmethod
    def energy(self, states: Array, field: Array) -> Array:
        """Return the energy of each state, given its local field, (B,)."""

    @abstractmethod
    def step(
        self,
        weights: PyTree,
        prepared: PyTree,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
    ) -> Array:
        """Return the states after one update.

        Args:
            weights: See the class.
            prepared: The result of :meth:`prepare`.
            states: (B, N).
            field: Their local field.
            key: Random key of this update.
            clamped: True for the neurons that hold their state, (B, N), or None. The recall loop
                restores them after the update. Only a network that updates neuron by neuron must
                read this, because its other neurons must not see the clamped ones move.
        """

    def advance(
        self,
        weights: PyTree,
        prepared: PyTree,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
        stays: Array,
    ) -> tuple[Array, Array]:
        """Return the states after one update, and their field; neurons in ``stays`` do not move.

        The arguments are those of :meth:`step`, and ``stays``, (B, N) or (B, 1): True for the
        clamped neurons, and for all neurons of a cue that has stopped.
        """
        moved = self.step(weights, prepared, states, field, key, clamped)
        after = jnp.where(stays, states, moved)
        return after, self.local_field(weights, after)
