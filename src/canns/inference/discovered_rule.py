"""What a search by function finds: the rule, and what it makes networks do."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from canns.inference.rule_files import RuleResult
from canns.plasticity import Rule
from canns.typing import AnyArray

if TYPE_CHECKING:
    import pandas

__all__ = ["DiscoveredRule"]


@dataclass(frozen=True, eq=False, repr=False)
class DiscoveredRule(RuleResult):
    """A learning rule that was found by what it makes networks do.

    Args:
        rule: The rule, ready to train with.
        labels: What each of its numbers is: a term, or the name of a hyperparameter.
        coefficients: The numbers, (P,).
        losses: The least loss so far after each block of steps, (S,); infinite while the runs of
            the search are still shorter than the tasks.
        loss: The mean loss over the tasks of the search.
        held_out: The loss of each task that was held out, (E,).
        no_plasticity: The same if nothing is learnt, (E,).
        conditions: What the search was made with, by name.
    """

    rule: Rule
    labels: tuple[str, ...]
    coefficients: AnyArray
    losses: AnyArray
    loss: float
    held_out: AnyArray
    no_plasticity: AnyArray
    conditions: Mapping[str, str | float | bool]

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "coefficients": ("coefficient",),
        "losses": ("step",),
        "held_out": ("task",),
        "no_plasticity": ("task",),
    }
    coords: ClassVar[Mapping[str, str]] = {"coefficient": "labels"}
    rows: ClassVar[tuple[str, ...]] = ("coefficient",)

    def to_dataframe(self) -> "pandas.DataFrame":
        """Return a table of the numbers."""
        import pandas

        index = pandas.Index(self.labels, name="coefficient")
        return pandas.DataFrame({"value": self.coefficients}, index)

    def summary(self) -> str:
        """Return the rule and its losses."""
        formula = getattr(self.rule, "formula", None)
        lines = [formula() if formula is not None else repr(self.rule)]
        lines.append(f"Loss {self.loss:.4g} by {self.conditions['method']}")
        held, still = float(np.mean(self.held_out)), float(np.mean(self.no_plasticity))
        lines.append(f"Tasks held out: {held:.4g}; without learning: {still:.4g}")
        return "\n".join(lines)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the loss over the steps of the search."""
        steps = np.flatnonzero(np.isfinite(self.losses)) + 1
        config = config or pictures.PlotConfig(title="Search for a rule", xlabel="Step")
        return pictures.learning_curves(
            {"Least loss": self.losses[steps - 1]}, steps, config, ax=ax
        )
