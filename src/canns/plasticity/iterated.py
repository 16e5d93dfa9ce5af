"""Rules that learn a whole data set by iterating over it."""

from abc import abstractmethod
from typing import ClassVar

import jax

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Rule, Shown
from canns.typing import Array, PyTree

__all__ = ["Iterated"]


class Iterated(Rule):
    """A rule whose one step is an iteration in rounds; a long run can be stopped between rounds.

    A subclass defines one round; :meth:`step` runs them all.
    """

    shown: ClassVar[Shown] = "whole"
    padding_value: ClassVar[float] = 0.0

    @abstractmethod
    def load(self, num_patterns: int, size: int) -> tuple[int, int]:
        """Return the maximal number of rounds, and how many numbers one round reads."""

    @abstractmethod
    def begin(self, weights: Array, activity: Activity) -> tuple[PyTree, PyTree]:
        """Return the data that all rounds share, and the state before the first round."""

    @abstractmethod
    def unfinished(self, state: PyTree) -> Array:
        """Whether another round is needed."""

    @abstractmethod
    def round(self, fixed: PyTree, state: PyTree) -> PyTree:
        """Return the state after one more round."""

    @abstractmethod
    def finish(self, fixed: PyTree, state: PyTree, weights: Array) -> Array:
        """Return the weight change, (out, in), that follows from the last state."""

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the change after all rounds."""
        fixed, state = self.begin(weights, activity)
        end = jax.lax.while_loop(self.unfinished, lambda state: self.round(fixed, state), state)
        return memory, self.finish(fixed, end, weights)
