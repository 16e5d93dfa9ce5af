"""Traces of spikes: which spikes of the other side they are met by."""

from canns.typing import Array

__all__ = ["advance"]


def advance(
    trace: Array, spikes: Array, *, replaces: bool, joins: bool, used_by: Array | None = None
) -> tuple[Array, Array]:
    """Return what the spikes of the other side meet in this step, and the trace after it.

    Args:
        trace: Left by the steps before this one, decayed to now.
        spikes: The spikes of this step that leave a trace.
        replaces: Whether a spike takes the place of those before it, or is added to them.
        joins: Whether the spikes of this step are met in this step.
        used_by: Spikes of the other side that leave nothing for those after them; None for none.
    """
    older = trace * (1 - spikes) if replaces else trace
    whole = older + spikes
    met = whole if joins else trace
    if used_by is None:
        return met, whole
    return met, whole * (1 - used_by) if joins else older * (1 - used_by) + spikes
