"""Spikes to and from files of Neurodata Without Borders (NWB)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import numpy as np

from canns._extras import require
from canns._memory import check_memory
from canns._replacing import PathLike, as_path, replacing
from canns._validation import check_real
from canns._version import __version__
from canns.errors import ValidationError
from canns.interop.hdf5 import check_inside, reading
from canns.interop.spike_grid import on_grid, time_step, times_of
from canns.typing import AnyArray, FloatArray, Rows

__all__ = ["read_nwb", "write_nwb"]

_FILE = "a file of NWB, with a table of units"


def write_nwb(
    path: PathLike,
    spikes: Rows,
    *,
    dt: float = 1.0,
    description: str = "Spikes of a simulation",
    session_start: datetime | None = None,
    identifier: str | None = None,
) -> None:
    """Write spikes to a file of NWB, as its table of units.

    A spike in step k, counted from 0, is at the time ``k * dt``, in seconds as all of NWB. Each
    unit was observed from 0 to the end of the last step. A file that exists is replaced at once.

    Args:
        path: The file; its name should end in ".nwb".
        spikes: Spikes of 0 and 1, (T, N).
        dt: Length of a step in ms, which is also the table's resolution.
        description: What the session was.
        session_start: When it began, with a time zone; None for now.
        identifier: A name that no other session has; None for a random one.

    Raises:
        ValidationError: If ``spikes`` has other numbers than 0 and 1, an argument is out of range,
            or the folder does not exist.
        MissingExtraError: If pynwb is not installed.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "run.nwb"
        >>> write_nwb(path, [[0, 1], [1, 0], [1, 0]], dt=0.5)
        >>> read_nwb(path, dt=0.5).tolist()
        [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]
    """
    step = time_step(dt)
    trains, stop = times_of(spikes, step)
    _check_target(path)
    start = _check_session(description, session_start, identifier)
    pynwb = require("pynwb", "ephys")
    session = pynwb.NWBFile(
        session_description=description,
        identifier=str(uuid4()) if identifier is None else identifier,
        session_start_time=start,
        source_script=f"canns {__version__}",
        source_script_file_name="canns.interop.write_nwb",
    )
    observed = np.array([[0.0, stop / 1e3]])
    for times in trains:
        session.add_unit(spike_times=times / 1e3, obs_intervals=observed)
    session.units.resolution = step / 1e3
    with replacing(path) as part, pynwb.NWBHDF5IO(part, "w") as file:
        file.write(session)


def read_nwb(
    path: PathLike, *, dt: float = 1.0, t_start: float | None = None, t_stop: float | None = None
) -> FloatArray:
    """Return the spikes of the units in a file of NWB, one column for each unit.

    A spike at time t falls in the step ``floor((t - t_start) / dt)``, up to a thousandth of a step
    for rounding. A last step that ``t_stop`` cuts short is a whole one, and a spike at ``t_stop``
    itself has a further step.

    Args:
        path: The file.
        dt: Length of a step in ms.
        t_start: Time in ms from which to read, with ``t_stop``; spikes outside are left out. None
            for the whole time in which the units were observed.
        t_stop: Time in ms up to which to read.

    Returns:
        Spikes of 0 and 1, (T, N).

    Raises:
        ValidationError: If the file is damaged or has no units, it does not say when they were
            observed and ``t_stop`` is not given, or two spikes of a unit fall in one step.
        MissingExtraError: If pynwb is not installed.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "run.nwb"
        >>> write_nwb(path, [[1], [0], [0], [1]], dt=1.0)
        >>> read_nwb(path, dt=1.0, t_start=2.0, t_stop=4.0).ravel().tolist()
        [0.0, 1.0]
    """
    step = time_step(dt)
    pynwb = require("pynwb", "ephys")
    with reading(path, _FILE) as name, pynwb.NWBHDF5IO(name, "r") as file:
        units = file.read().units
        if units is None or "spike_times" not in units.colnames:
            raise ValidationError("path", _FILE, f"{name}, which has no spike times")
        trains = [times * 1e3 for times in _ragged(units, "spike_times")]
        observed = "obs_intervals" in units.colnames
        intervals = _ragged(units, "obs_intervals") if observed else []
    if t_start is None and t_stop is None:
        return on_grid("path", trains, *_observed(intervals), step)
    start, stop = _window(t_start, t_stop)
    inside = [times[(times >= start) & (times <= stop)] for times in trains]
    return on_grid("path", inside, start, stop, step)


def _ragged(units: Any, name: str) -> list[AnyArray]:
    """Return a column of arrays of different lengths, one for each unit."""
    index, values = units[name], units[name].target.data
    for dataset in (index.data, values):
        check_inside(name, dataset, _FILE)
    count = len(index.data)
    needed = 8 * (np.prod(np.shape(values), dtype=float) + count)
    check_memory("path", int(needed), f"its {name}", "Read a smaller file.")
    ends = np.asarray(index.data[:]).astype(np.int64)
    numbers = np.asarray(values[:], np.float64)
    if (np.diff(ends, prepend=0) < 0).any() or (len(ends) and ends[-1] != len(numbers)):
        raise ValidationError("path", _FILE, f"one whose index of {name} does not fit them")
    return np.split(numbers, ends[:-1]) if len(ends) else []


def _observed(intervals: list[AnyArray]) -> tuple[float, float]:
    """Return start and stop in ms of the one interval in which all units were observed."""
    found = {tuple(map(float, pair)) for rows in intervals for pair in np.reshape(rows, (-1, 2))}
    if len(found) != 1 or any(len(rows) != 1 for rows in intervals):
        got = f"{len(found)} intervals" if found else "no obs_intervals in the file"
        expected = "given, as the units were not all observed in one interval"
        raise ValidationError("t_stop", expected, f"None, and {got}", "Give t_start and t_stop.")
    ((start, stop),) = found
    return start * 1e3, stop * 1e3


def _window(t_start: object, t_stop: object) -> tuple[float, float]:
    start = 0.0 if t_start is None else check_real("t_start", t_start)
    if t_stop is None:
        raise ValidationError("t_stop", "given with t_start", "None")
    return start, check_real("t_stop", t_stop, low=start, open_low=True)


def _check_target(path: object) -> None:
    target = as_path(path)
    if target.is_dir() or not target.parent.is_dir():
        raise ValidationError("path", "a file in an existing folder", repr(str(path)))


def _check_session(description: object, start: object, identifier: object) -> datetime:
    """Return when the session began, or raise if it is not described as NWB wants it."""
    for name, text in (("description", description), ("identifier", identifier)):
        if not isinstance(text, str) and not (text is None and name == "identifier"):
            raise ValidationError(name, "a text", repr(text))
    if start is None:
        return datetime.now(UTC)
    if not isinstance(start, datetime) or start.tzinfo is None:
        remedy = "Such as datetime.now(timezone.utc)."
        raise ValidationError("session_start", "a datetime with a time zone", repr(start), remedy)
    return start
