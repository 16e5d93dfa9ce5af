"""Spike traces, as the spikes of the other side of the synapse read them."""

from canns.typing import Array

__all__ = ["advance"]


def advance(
    trace: Array, spikes: Array, *, replaces: bool, joins: bool, used_by: Array | None = None
) -> tuple[Array, Array]:
    """Return the trace that spikes of the other side read in this step, and the trace after it.

    Args:
        trace: The trace left by earlier steps, decayed to now.
        spikes: The spikes of this step, which leave a trace.
        replaces: True if a spike replaces the trace of earlier spikes; False if it adds to it.
        joins: Whether spikes of the other side already read this step's spikes.
        used_by: Spikes of the other side that use up the trace they read; None if none do.
    """
    older = trace * (1 - spikes) if replaces else trace
    whole = older + spikes
    met = whole if joins else trace
    if used_by is None:
        return met, whole
    return met, whole * (1 - used_by) if joins else older * (1 - used_by) + spikes
