"""Codes of intensities by the order, or the phase, of spikes."""

import numpy as np

from canns._validation import check_size, check_vector, float_dtype
from canns.errors import ValidationError
from canns.task._types import ArrayLike, FloatArray, IntArray

__all__ = ["check_intensities", "one_spike_each", "phase_spikes", "rank_order_spikes"]


def rank_order_spikes(intensities: ArrayLike, num_steps: int | None = None) -> FloatArray:
    """Code intensities by the order of one spike each: the strongest first, one rank a step.

    The k-th largest of the different intensities spikes in step k, from 0; equal ones spike
    together. A neuron of intensity 0 never spikes. Only the order is coded;
    :func:`~canns.task.spike_ranks` decodes it.

    Args:
        intensities: Intensities, at least 0, of shape (N,).
        num_steps: Number of time steps T; None for as many as there are ranks, at least 1.

    Returns:
        Spikes of shape (T, N), entries 0 or 1, at most one in each column.

    Raises:
        ValidationError: An intensity is negative, or ``num_steps`` is below the number of ranks.

    Example:
        >>> rank_order_spikes([0.2, 3.0, 0.0, 0.2]).tolist()
        [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0]]

    References:
        Thorpe & Gautrais (1998), in Computational Neuroscience: Trends in Research, 113–118.
    """
    strength = check_vector("intensities", intensities)
    if strength.min() < 0:
        raise ValidationError("intensities", "at least 0", f"{strength.min():g}")
    different = np.unique(strength[strength > 0])
    least = max(len(different), 1)
    steps = least if num_steps is None else check_size("num_steps", num_steps)
    if steps < least:
        raise ValidationError(
            "num_steps", f"at least {least}, the number of ranks", str(steps), "Raise num_steps."
        )
    rank = len(different) - 1 - np.searchsorted(different, strength)
    spikes = one_spike_each(np.clip(rank, 0, None), steps)
    return np.where(strength > 0, spikes, np.zeros_like(spikes))


def phase_spikes(intensities: ArrayLike, num_cycles: int, period: int) -> FloatArray:
    """Code each intensity by the phase of a background oscillation: the stronger, the earlier.

    In each cycle a neuron of intensity x > 0 spikes once, in step ``round((1 - x) * (period - 1))``
    of the cycle (halves to even), and a neuron of intensity 0 never.
    :func:`~canns.task.decode_phases` decodes x, to half a step.

    Args:
        intensities: Intensities in [0, 1], of shape (N,).
        num_cycles: Number of cycles of the oscillation.
        period: Steps in a cycle.

    Returns:
        Spikes of shape (num_cycles * period, N), entries 0 or 1.

    Raises:
        ValidationError: An intensity is outside [0, 1], or a count is not a positive integer.

    Example:
        >>> phase_spikes([1.0, 0.5, 0.0], 2, 3)[:, :2].T.tolist()
        [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]]

    References:
        O'Keefe & Recce (1993), Hippocampus 3:317–330; Hopfield (1995), Nature 376:33–36.
    """
    strength = check_intensities(intensities)
    cycles, steps = check_size("num_cycles", num_cycles), check_size("period", period)
    cycle = one_spike_each(np.rint((1.0 - strength) * (steps - 1)).astype(np.int64), steps)
    return np.tile(np.where(strength > 0, cycle, np.zeros_like(cycle)), (cycles, 1))


def check_intensities(intensities: ArrayLike) -> FloatArray:
    """Return intensities, (N,), if all of them are in [0, 1]."""
    values = check_vector("intensities", intensities)
    if values.min() < 0 or values.max() > 1:
        raise ValidationError(
            "intensities",
            "in [0, 1]",
            f"values from {values.min():g} to {values.max():g}",
            "Divide them by their largest value.",
        )
    return values


def one_spike_each(times: IntArray, num_steps: int) -> FloatArray:
    """Return trains, (T, N), of one spike each at ``times``, (N,)."""
    spikes = np.zeros((num_steps, len(times)), dtype=float_dtype())
    spikes[times, np.arange(len(times))] = 1.0
    return spikes
