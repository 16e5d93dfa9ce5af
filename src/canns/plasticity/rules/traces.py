"""Spike traces, as the spikes of the other side of the synapse read them."""

from canns.dynamics.neurons import decayed
from canns.plasticity.rule import step_length
from canns.typing import Array

__all__ = ["advance"]


def advance(
    trace: Array,
    spikes: Array,
    dt: float | None,
    tau: float | Array,
    *,
    replaces: bool,
    joins: bool,
    mid: bool = False,
    used_by: Array | None = None,
) -> tuple[Array, Array]:
    """Return the trace that spikes of the other side read in this step, and the trace after it.

    Args:
        trace: The trace after the step before.
        spikes: The spikes of this step, which leave a trace.
        dt: Length of a step in ms; None for the default.
        tau: Time constant of the trace in ms.
        replaces: True if a spike replaces the trace of earlier spikes; False if it adds to it.
        joins: Whether spikes of the other side already read this step's spikes.
        mid: Whether the trace is read half a step away: half a step later if this step's spikes
            join it, because they are the earlier ones; half a step sooner if they do not.
        used_by: Spikes of the other side that use up the trace they read; None if none do.
    """
    length = step_length(dt)
    past = decayed(length, tau) * trace
    older = past * (1 - spikes) if replaces else past
    whole = older + spikes
    met = whole if joins else past
    if mid:
        met = decayed(length / 2, tau) * (whole if joins else trace)
    if used_by is None:
        return met, whole
    return met, whole * (1 - used_by) if joins else older * (1 - used_by) + spikes
