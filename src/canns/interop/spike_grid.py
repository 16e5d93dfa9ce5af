"""Spikes on a grid of time steps, and the same spikes by their times."""

from collections.abc import Sequence

import numpy as np

from canns._memory import check_memory
from canns._validation import check_matrix, check_real, check_vector, float_dtype
from canns.errors import ValidationError
from canns.typing import AnyArray, FloatArray, Rows

__all__ = ["on_grid", "time_step", "times_of"]

# Of a step: what rounding may shift a time that was on the grid. pynapple rounds to nanoseconds.
_NEAR = 1e-3


def time_step(dt: object) -> float:
    """Return the length of a step in ms."""
    return check_real("dt", dt, low=0, open_low=True)


def times_of(spikes: Rows, dt: float) -> tuple[list[FloatArray], float]:
    """Return the times in ms of each neuron's spikes, and that of the end.

    Args:
        spikes: Spikes of 0 and 1, (T, N).
        dt: Length of a step in ms.
    """
    raster = check_matrix("spikes", spikes, remedy="Give a row for each step: (T, N).")
    wrong = (raster != 0) & (raster != 1)
    if wrong.any():
        got = f"{raster[wrong][0]:g}"
        raise ValidationError("spikes", "of 0 and 1", got, "Counts need a smaller dt.")
    return [np.flatnonzero(train) * dt for train in raster.T], len(raster) * dt


def on_grid(
    name: str, trains: Sequence[AnyArray], t_start: float, t_stop: float, dt: float
) -> FloatArray:
    """Return the spikes of 0 and 1, (T, N), of neurons that fire at given times.

    Args:
        name: The argument that the times are from.
        trains: The times of each neuron's spikes in ms.
        t_start: Time in ms at which the first step begins.
        t_stop: Time in ms at which the last step ends.
        dt: Length of a step in ms.
    """
    start, stop = (check_real(f"the bounds of {name}", bound) for bound in (t_start, t_stop))
    if not trains or stop <= start:
        got = f"{len(trains)} from {start:g} to {stop:g} ms"
        raise ValidationError(name, "one spike train or more, of some length", got)
    exact = (stop - start) / dt
    needed = exact * len(trains) * float_dtype().itemsize
    check_memory("dt", int(needed), "the spikes of all steps", "Cut the trains, or take longer dt.")
    count, places = max(int(np.ceil(exact - _NEAR)), 1), []
    for neuron, times in enumerate(trains):
        when = _checked(name, neuron, times, start, stop, dt)
        at = np.floor((when - start) / dt + _NEAR).astype(np.int64).clip(min=0)
        _check_apart(name, neuron, when, at, dt)
        places.append(at)
        count = max(count, at.max(initial=0) + 1)  # a spike at t_stop begins a further step
    spikes = np.zeros((count, len(trains)), float_dtype())
    for neuron, at in enumerate(places):
        spikes[at, neuron] = 1
    return spikes


def _checked(
    name: str, neuron: int, times: AnyArray, start: float, stop: float, dt: float
) -> FloatArray:
    """Return the times of one neuron, which are finite and from start to stop."""
    if np.size(times) == 0:
        return np.empty(0)
    check_vector(name, times)
    when = np.asarray(times, np.float64)
    slack = _NEAR * dt
    outside = (when < start - slack) | (when > stop + slack)
    if outside.any():
        got = f"one of neuron {neuron} at {when[outside][0]:g} ms"
        remedy = "Correct t_start or t_stop, or leave out such spikes."
        raise ValidationError(name, f"of spikes from {start:g} to {stop:g} ms", got, remedy)
    return when


def _check_apart(name: str, neuron: int, when: FloatArray, at: AnyArray, dt: float) -> None:
    """Raise if two spikes of one neuron fall in one step."""
    if len(np.unique(at)) == len(at):
        return
    shortest = np.diff(np.sort(when)).min()
    remedy = f"The shortest interval is {shortest:g} ms; take a dt that is not longer."
    if shortest <= 0:
        remedy = "Two are at the same time; leave one out."
    got = f"several of neuron {neuron} in one of {dt:g} ms"
    raise ValidationError(name, "of at most one spike of a neuron in a step", got, remedy)
