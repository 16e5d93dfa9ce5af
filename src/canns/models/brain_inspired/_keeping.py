"""Storage of patterns that are kept in place of the couplings that they make."""

from typing import Any, NamedTuple

from numpy.typing import NDArray

from canns._memory import check_memory
from canns.dynamics import StoredPatterns
from canns.dynamics._storing import join_stored, store
from canns.plasticity import Identity, Kept, Projection, Rule, ZeroDiagonal

__all__ = ["Keeping", "kept_by", "with_patterns"]


class Keeping(NamedTuple):
    """How patterns are to be kept: as the product that a rule makes of them, and as bits or not."""

    strengths: NDArray[Any]
    centre: float
    project: Projection
    packed: bool


def kept_by(
    rule: Rule, project: Projection, stored: StoredPatterns | None, inputs: NDArray[Any]
) -> Kept | None:
    """Return how ``rule`` makes couplings of ``inputs``, (P, N), or None where it does not.

    Args:
        rule: The rule.
        project: The constraint, of which only an empty diagonal can be kept.
        stored: What the network holds as patterns, or None where it holds a matrix.
        inputs: The patterns.
    """
    if stored is None or not isinstance(project, Identity | ZeroDiagonal):
        return None
    if rule.whole and len(stored.patterns) > 0:  # it does not simply add to what is there
        return None
    return rule.kept(inputs)


def with_patterns(stored: StoredPatterns, inputs: NDArray[Any], plan: Keeping) -> StoredPatterns:
    """Return ``stored`` with ``inputs``, (P, N), added as ``plan`` says."""
    check_memory(
        "data",
        inputs.size // (8 if plan.packed else 1),
        f"{len(inputs)} patterns",
        "method='packed' keeps patterns of two values in an eighth of a byte a neuron.",
    )
    hollow = isinstance(plan.project, ZeroDiagonal)
    how = plan.strengths, plan.centre
    added = store(inputs, *how, hollow=hollow, packed=plan.packed)
    return join_stored(stored, added, hollow=hollow)
