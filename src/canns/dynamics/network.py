"""The network protocol: what the recall driver asks of a recurrent network's dynamics."""

from abc import abstractmethod
from typing import Self

import jax.numpy as jnp

from canns.errors import ValidationError
from canns.typing import Array, Parameters, PyTree

__all__ = ["Network"]


class Network(Parameters):
    """The dynamics of a recurrent network: hyperparameters and one pure update.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`). States have a leading batch
    axis, (B, N). Weights are whatever the network computes its field from: a matrix, stored
    patterns, or a tuple of arrays.
    """

    @property
    def random(self) -> bool:
        """True where an update draws random numbers."""
        return False

    @property
    def may_cycle(self) -> bool:
        """True where the dynamics can alternate between two states for ever."""
        return False

    @property
    def settles(self) -> bool:
        """True where a state that an update left unchanged will stay."""
        return True

    @property
    def splits_by_cue(self) -> bool:
        """True if a batch may be run in parts, with the same result.

        So it may if nothing is random, or if the random numbers come from
        :mod:`canns.dynamics.networks.noise`, which knows of parts.
        """
        return not self.random

    def prepare(self, weights: PyTree) -> PyTree:
        """Return what :meth:`step` needs to know of the weights, computed once a recall."""
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
            prepared: What :meth:`prepare` returned.
            states: (B, N).
            field: Their local field.
            key: Randomness of this update.
            clamped: Which neurons hold their state, (B, N); None for none. The driver puts
                them back after the update, so only a network that updates neuron by neuron has
                to heed it, for the others must not see them move.
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
        """Return the states after one update, with those that stay put back, and their field.

        Arguments as of :meth:`step`, and ``stays``: which neurons do not move, the clamped ones
        and those of cues that have stopped, (B, N) or (B, 1).
        """
        moved = self.step(weights, prepared, states, field, key, clamped)
        after = jnp.where(stays, states, moved)
        return after, self.local_field(weights, after)
