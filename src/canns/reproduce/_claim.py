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
        measured: Ours.
        tolerance: How far ours may be off, in the unit of the value.
        why: Where the tolerance comes from: statistics, finite size, the digits of the paper.
        sense: "near", or the side on which ours may be any distance away.

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
        """Whether ours agrees; what is not a number does not."""
        off = self.measured - self.published
        if self.sense == "at least":
            return off >= -self.tolerance
        if self.sense == "at most":
            return off <= self.tolerance
        return math.fabs(off) <= self.tolerance
