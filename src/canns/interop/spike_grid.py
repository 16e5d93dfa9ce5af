"""Spikes on a grid of time steps, and the same spikes by their times."""

from collections.abc import Sequence

import numpy as np

from canns._memory import check_memory
from canns._spike_trains import SpikeTrains, grid_of
from canns._validation import check_real, float_dtype
from canns.typing import AnyArray, FloatArray, Rows

__all__ = ["on_grid", "time_step", "times_of"]


def time_step(dt: object) -> float:
    """Return the length of a step in ms."""
    return check_real("dt", dt, low=0, open_low=True)


def times_of(spikes: Rows, dt: float) -> tuple[list[FloatArray], float]:
    """Return the times in ms of each neuron's spikes, and that of the end.

    Args:
        spikes: Spikes of 0 and 1, (T, N).
        dt: Length of a step in ms.
    """
    trains = SpikeTrains.from_array(spikes, dt=dt)
    return trains.times, trains.duration


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
    needed = max(stop - start, 0.0) / dt * len(trains) * float_dtype().itemsize
    check_memory("dt", int(needed), "the spikes of all steps", "Cut the trains, or take longer dt.")
    grid = grid_of(name, trains, start, stop, dt, closed=True)
    spikes = np.zeros((grid.num_steps, len(trains)), float_dtype())
    spikes[grid.steps, grid.trains] = 1
    return spikes
