"""Spikes to and from pynapple."""

from typing import TYPE_CHECKING

import numpy as np

from canns._extras import require
from canns.errors import ValidationError
from canns.interop.spike_grid import on_grid, time_step, times_of
from canns.typing import FloatArray, Rows

if TYPE_CHECKING:
    import pynapple

__all__ = ["from_pynapple", "to_pynapple"]


def to_pynapple(spikes: Rows, *, dt: float = 1.0) -> "pynapple.TsGroup":
    """Return spikes as a group of pynapple, with the neurons' numbers as keys.

    A spike in step k, counted from 0, is at the time ``k * dt``. The group's support is from 0 to
    the end of the last step.

    Args:
        spikes: Spikes of 0 and 1, (T, N).
        dt: Length of a step in ms.

    Returns:
        The group; its times are in seconds, as all of pynapple's.

    Raises:
        ValidationError: If ``spikes`` has other numbers than 0 and 1, or ``dt`` is not positive.
        MissingExtraError: If pynapple is not installed.

    Example:
        >>> group = to_pynapple([[0, 1], [1, 0], [1, 0]], dt=0.5)
        >>> group[0].t.tolist(), group.time_support.end.tolist()
        ([0.0005, 0.001], [0.0015])
    """
    trains, stop = times_of(spikes, time_step(dt))
    nap = require("pynapple", "ephys")
    support = nap.IntervalSet(0.0, stop / 1e3)
    times = {i: nap.Ts(train / 1e3, time_support=support) for i, train in enumerate(trains)}
    group: pynapple.TsGroup = nap.TsGroup(times, time_support=support)
    return group


def from_pynapple(group: "pynapple.TsGroup | pynapple.Ts", *, dt: float = 1.0) -> FloatArray:
    """Return the spikes of pynapple as an array, one column for each key, in the group's order.

    A spike at time t falls in the step ``floor((t - start) / dt)``, up to a thousandth of a step
    for rounding. A last step that the end cuts short is a whole one, and a spike at the end itself
    has a further step. A group made without a support begins at its first spike and ends at its
    last.

    Args:
        group: A group of spike trains, or a single one.
        dt: Length of a step in ms.

    Returns:
        Spikes of 0 and 1, (T, N), over the group's support.

    Raises:
        ValidationError: If the support has several epochs, two spikes of a neuron fall in one step,
            or an argument is of another kind.
        MissingExtraError: If pynapple is not installed.

    Example:
        >>> import pynapple as nap
        >>> train = nap.Ts([0.0021, 0.005], time_support=nap.IntervalSet(0.0, 0.008))
        >>> from_pynapple(train, dt=2.0).ravel().tolist()
        [0.0, 1.0, 1.0, 0.0]
    """
    step = time_step(dt)
    nap = require("pynapple", "ephys")
    if not isinstance(group, nap.TsGroup | nap.Ts):
        expected = "a pynapple.TsGroup of spike trains, or one pynapple.Ts"
        raise ValidationError("group", expected, f"a {type(group).__name__}")
    trains = [group] if isinstance(group, nap.Ts) else [group[key] for key in group.keys()]  # noqa: SIM118
    epochs = np.asarray(group.time_support.values) * 1e3
    if len(epochs) != 1:
        got = f"{len(epochs)} epochs"
        remedy = "Take one of them: group.restrict(group.time_support[0])."
        raise ValidationError("group", "with one epoch of support", got, remedy)
    start, stop = epochs[0]
    return on_grid("group", [np.asarray(train.t) * 1e3 for train in trains], start, stop, step)
