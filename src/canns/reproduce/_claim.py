"""A number of a paper, beside the same number measured."""

import math
from dataclasses import dataclass
from typing import Literal

__all__ = ["Claim", "Sense"]

Sense = Literal["near", "at least", "at most"]


@dataclass(frozen=True)
class Claim:
    """What is claimed, what was measured, and how far apart they may be.

    Args:
        what: The quantity, in words.
        published: Its value in the paper, or what the paper's theory gives for this size.
        measured: Our value.
        tolerance: How far our value may be off, in its own unit.
        why: Where the tolerance comes from: statistics, finite size, the digits of the paper.
        sense: "near", or "at least" or "at most" for a bound on one side.

    Example:
        >>> Claim("alpha_c", 0.1379, 0.139, 0.006, "finite size").passed
        True
        >>> Claim("share recalled", 0.99, 0.95, 0.01, "statistics", "at least").passed
        False
    """

    what: str
    published: float
    measured: float
    tolerance: float
    why: str
    sense: Sense = "near"

    @property
    def passed(self) -> bool:
        """Whether our value agrees; NaN never does."""
        off = self.measured - self.published
        if self.sense == "at least":
            return off >= -self.tolerance
        if self.sense == "at most":
            return off <= self.tolerance
        return math.fabs(off) <= self.tolerance
