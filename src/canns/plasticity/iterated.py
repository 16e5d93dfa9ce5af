"""Rules that learn a whole data set by going over it again and again."""

from abc import abstractmethod
from typing import Any, ClassVar

import jax

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Rule, Shown
from canns.typing import Array, PyTree

__all__ = ["Iterated"]


class Iterated(Rule):
    """A rule whose one step is an iteration, which a long run may stop between two rounds.

    A subclass defines the round instead of :meth:`step`, which makes all of them.
    """

    shown: ClassVar[Shown] = "whole"

    @abstractmethod
    def load(self, num_patterns: int, size: int) -> tuple[int, int]:
        """Return the most rounds, and how many numbers a round goes through."""

    @abstractmethod
    def begin(self, weights: Array, activity: Activity) -> tuple[Any, Any]:
        """Return what stays the same in all rounds, and the state before the first."""

    @abstractmethod
    def unfinished(self, state: PyTree) -> Array:
        """Whether there is another round."""

    @abstractmethod
    def round(self, fixed: PyTree, state: PyTree) -> Any:
        """Return the state after a round."""

    @abstractmethod
    def finish(self, fixed: PyTree, state: PyTree, weights: Array) -> Array:
        """Return the weight change, (out, in), that the last state stands for."""

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the change after all rounds."""
        fixed, state = self.begin(weights, activity)
        end = jax.lax.while_loop(self.unfinished, lambda state: self.round(fixed, state), state)
        return memory, self.finish(fixed, end, weights)
