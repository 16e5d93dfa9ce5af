"""Decoding of intensities from latencies and phases."""

import numpy as np

from canns._validation import check_size
from canns.errors import ValidationError
from canns.task._readout import check_spikes, first_spikes
from canns.task._types import ArrayLike, FloatArray

__all__ = ["decode_latencies", "decode_phases"]


def decode_latencies(spikes: ArrayLike, *, latest: int | None = None) -> FloatArray:
    """Return the intensities that :func:`~canns.task.latency_spikes` coded, to half a step.

    A first spike in step t decodes to ``1 - t / latest``, and no spike to 0. The weakest
    intensities, coded in step ``latest``, also decode to 0.

    Args:
        spikes: Entries 0 or 1, of shape (T, N).
        latest: Step of the weakest spike, at least 1; None means T - 1.

    Returns:
        Intensities of shape (N,).

    Raises:
        ValidationError: An entry is neither 0 nor 1, or a first spike comes after ``latest``.

    Example:
        >>> decode_latencies([[1, 0, 0], [0, 1, 0], [0, 0, 0]]).tolist()
        [1.0, 0.5, 0.0]
    """
    train = check_spikes(spikes)
    steps, num_steps = first_spikes(train), len(train)
    if latest is None and num_steps < 2:
        raise ValidationError("latest", "given for spikes of one step", "None")
    last = check_size("latest", num_steps - 1 if latest is None else latest)
    spiking = steps < num_steps
    if (steps[spiking] > last).any():
        got = f"a first spike in step {steps[spiking].max()}"
        raise ValidationError("spikes", f"silent after latest = {last}, save later spikes", got)
    return np.where(spiking, 1.0 - steps / last, 0.0)


def decode_phases(spikes: ArrayLike, period: int) -> FloatArray:
    """Return the intensities that :func:`~canns.task.phase_spikes` coded, to half a step.

    The intensity is the mean over the cycles of ``1 - t / (period - 1)``, with t the step of the
    first spike in the cycle; a cycle without a spike counts as 0.

    Args:
        spikes: Entries 0 or 1, of shape (cycles * period, N).
        period: Steps in a cycle, at least 2.

    Returns:
        Intensities of shape (N,).

    Raises:
        ValidationError: An entry is neither 0 nor 1, or T is not a multiple of ``period``.

    Example:
        >>> decode_phases([[1, 0], [0, 1], [0, 0], [1, 0], [0, 0], [0, 0]], 3).tolist()
        [1.0, 0.25]
    """
    train, steps = check_spikes(spikes), check_size("period", period, low=2)
    if len(train) % steps:
        raise ValidationError("spikes", f"of whole cycles of {steps} steps", f"{len(train)} steps")
    cycles = train.reshape(-1, steps, train.shape[1])
    told = 1.0 - cycles.argmax(axis=1) / (steps - 1)
    strength: FloatArray = np.where(cycles.any(axis=1), told, 0.0).mean(axis=0)
    return strength
