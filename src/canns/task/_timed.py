"""Spike trains with the times of a protocol."""

from collections.abc import Sequence

import numpy as np

from canns._validation import as_numpy, check_real, check_size, float_dtype, is_stream
from canns.errors import ValidationError
from canns.task._types import ArrayLike, FloatArray

__all__ = ["timed_spikes"]


def timed_spikes(times: Sequence[ArrayLike], num_steps: int, *, dt: float = 1.0) -> FloatArray:
    """Let each neuron fire at given times, as in a protocol that pairs spikes.

    A time t is in step ``round(t / dt)`` (halves to even).

    Args:
        times: Spike times in ms, one list for each neuron; an empty list for a silent neuron.
        num_steps: Number of time steps T.
        dt: Length of a step in ms.

    Returns:
        Spikes of shape (T, N), entries 0 or 1.

    Raises:
        ValidationError: A time is outside the run or shares its step with another of the same
            neuron, there is no neuron, ``num_steps`` is not a positive integer, or ``dt`` is not
            positive.

    Example:
        >>> timed_spikes([[0.0, 1.0], [0.5]], 3, dt=0.5).tolist()
        [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    steps = check_size("num_steps", num_steps)
    duration = check_real("dt", dt, low=0, open_low=True)
    given: object = times  # whatever its declared type
    if not is_stream(given) and not isinstance(given, Sequence | np.ndarray):
        got = f"a {type(times).__name__}"
        raise ValidationError("times", "a sequence with one list for each neuron", got)
    times = list(times)
    if len(times) == 0:
        raise ValidationError("times", "one list for each neuron", "none")
    spikes = np.zeros((steps, len(times)), dtype=float_dtype())
    for neuron, when in enumerate(times):
        train = _check_train(when)
        at = np.rint(train / duration)
        outside = ~((at >= 0) & (at < steps))
        if outside.any():
            expected = f"from 0 to {(steps - 1) * duration:g} ms"
            got = f"{train[outside][0]:g} of neuron {neuron}"
            raise ValidationError("times", expected, got, "Raise num_steps.")
        if len(np.unique(at)) < len(at):
            got = f"several of neuron {neuron} in one"
            raise ValidationError("times", "at most one a step", got, "Choose a smaller dt.")
        spikes[at.astype(np.int64), neuron] = 1.0
    return spikes


def _check_train(when: ArrayLike) -> FloatArray:
    try:
        train = np.asarray(as_numpy("times", when), np.float64)
    except (TypeError, ValueError) as error:
        raise ValidationError("times", "numbers, in lists of one level", repr(when)) from error
    if train.ndim != 1:
        raise ValidationError("times", "one list for each neuron", f"shape {train.shape}")
    return train
