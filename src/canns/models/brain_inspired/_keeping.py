"""Storage of patterns that are kept in place of the couplings that they make."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

from canns._memory import check_memory
from canns.dynamics import StoredPatterns
from canns.dynamics._storing import join_stored, store
from canns.plasticity import Identity, Projection, Rule, ZeroDiagonal

__all__ = ["Keeping", "can_keep", "with_patterns"]


class Keeping(NamedTuple):
    """How patterns are kept: by which rule and constraint, and whether as bits."""

    rule: Rule
    project: Projection
    packed: bool


def can_keep(rule: Rule, project: Projection, stored: StoredPatterns | None) -> bool:
    """Whether what ``rule`` learns can be kept as patterns.

    Args:
        rule: The rule.
        project: The constraint, of which only an empty diagonal can be kept.
        stored: What the network holds as patterns, or None where it holds a matrix.
    """
    if stored is None or not isinstance(project, Identity | ZeroDiagonal):
        return False
    # A rule of whole sets does not simply add to what is there.
    return rule.keeps and not (rule.whole and len(stored.patterns) > 0)


def with_patterns(stored: StoredPatterns, inputs: NDArray[Any], how: Keeping) -> StoredPatterns:
    """Return ``stored`` with ``inputs``, (P, N), added."""
    check_memory(
        "data",
        inputs.size // (8 if how.packed else 1),
        f"{len(inputs)} patterns",
        "method='packed' keeps patterns of two values in an eighth of a byte a neuron.",
    )
    hollow = isinstance(how.project, ZeroDiagonal)
    strengths, centre = how.rule.kept(inputs)
    added = store(inputs, strengths, centre, hollow=hollow, packed=how.packed)
    return join_stored(stored, added, hollow=hollow)
