"""The rule of neurons that do not learn."""

from typing import ClassVar

from canns.dynamics import Activity
from canns.plasticity.rule import Memory, Rule, Side
from canns.typing import PyTree, pytree

__all__ = ["Fixed"]


@pytree
class Fixed(Rule):
    """No learning: the weights stay as they are."""

    local: ClassVar[tuple[Side, ...] | None] = ()

    def check_weights(self, weights: PyTree) -> None:
        """Accept any weights."""

    def step(self, memory: Memory, weights: PyTree, activity: Activity) -> tuple[Memory, PyTree]:
        """Return None for no change, because adding zeros would cost time."""
        return memory, None
