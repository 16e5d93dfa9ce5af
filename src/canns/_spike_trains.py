"""Spike trains by their times, on a grid of time steps that is made when it is needed."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy import typing as npt

from canns._arrays import as_numpy, is_stream
from canns._lazy_rows import LazyRows, lazy_rows, spans
from canns._memory import check_memory
from canns._validation import check_matrix, check_real, check_size, check_vector, float_dtype
from canns.errors import ValidationError
from canns.typing import AnyArray, FloatArray, IntArray, Rows

__all__ = ["Grid", "SpikeTrains", "check_binary", "grid_of"]

# Of a step: what rounding may shift a time that was on the grid. pynapple rounds to nanoseconds.
_NEAR = 1e-3
_MEMORY = "Cut the trains, or take a longer dt."
_ROWS = 4096  # of an array, that are looked through at a time


class Grid(NamedTuple):
    """Spikes on a grid: the number of steps, and step and train of each spike, sorted by step."""

    num_steps: int
    steps: IntArray
    trains: IntArray


class SpikeTrains(LazyRows):
    r"""Spike trains, given by their times, as data for a trainer, a layer or ``learn``.

    A spike at time t is in step :math:`\lfloor t/dt \rfloor`, up to a thousandth of a step for
    rounding. The trains stand for the array of 0 and 1, (T, N), with :math:`T = \lceil
    \mathrm{duration}/dt \rceil`, and give the same results to the last bit; but only as many steps
    as run in one call are ever dense. ``trains[a:b]`` are the steps from a up to b.

    Args:
        times: Spike times in ms, from 0 on, a list or array for each train, in any order.
        duration: Length of the trains in ms; all times are below it.
        dt: Length of a step in ms; take that of the neuron.

    Attributes:
        shape: T and N.
        num_spikes: Number of spikes.

    Raises:
        ValidationError: If a time is negative, or not below the duration; if two spikes of a train
            fall in one step; or if an argument is of another kind.

    Example:
        >>> trains = SpikeTrains([[0.2, 3.1], [1.0], []], duration=4.0)
        >>> trains
        SpikeTrains(3 spikes of 3 trains in 4 steps of 1 ms)
        >>> trains.to_array().tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
        >>> from canns.models.brain_inspired import SpikingLayer
        >>> SpikingLayer(3, 2).run(trains).shape
        (4, 2)
    """

    dt: float
    title = "spike trains"
    remedy = "Make them dense by their to_array()."

    def __init__(self, times: Iterable[npt.ArrayLike], duration: float, *, dt: float = 1.0) -> None:
        step = check_real("dt", dt, low=0, open_low=True)
        stop = check_real("duration", duration, low=0, open_low=True)
        given: object = times
        if not is_stream(given) and not isinstance(given, Sequence | np.ndarray):
            got = f"a {type(times).__name__}"
            remedy = "For pairs of times and trains there is SpikeTrains.from_events."
            raise ValidationError("times", "a sequence with one list for each train", got, remedy)
        trains = list(times)
        self._keep(grid_of("times", trains, 0.0, stop, step), len(trains), step)

    def _keep(self, grid: Grid, num_trains: int, dt: float) -> Self:
        self.shape, self.dt = (grid.num_steps, num_trains), dt
        self._steps, self._trains = grid.steps, grid.trains
        return self

    @classmethod
    def from_events(
        cls,
        times: npt.ArrayLike,
        trains: npt.ArrayLike,
        duration: float,
        *,
        num_trains: int,
        dt: float = 1.0,
    ) -> "SpikeTrains":
        """Return spike trains from the time and the train of each spike.

        Args:
            times: Times of all spikes in ms, in any order, (spikes,).
            trains: The train of each spike, from 0, (spikes,).
            duration: Length of the trains in ms.
            num_trains: Number of trains N.
            dt: Length of a step in ms.

        Raises:
            ValidationError: As for the class; or if a spike is of a train that does not exist.

        Example:
            >>> SpikeTrains.from_events([2.5, 0.0], [1, 0], 3.0, num_trains=2).times[1].tolist()
            [2.0]
        """
        count = check_size("num_trains", num_trains)
        when, which = (np.asarray(as_numpy(*one)) for one in (("times", times), ("trains", trains)))
        when = check_vector("times", when) if when.size else np.empty(0)
        if which.shape != when.shape or (which.size and which.dtype.kind not in "iu"):
            got = f"{which.dtype} of shape {which.shape}"
            raise ValidationError("trains", f"integers, one for each of {len(when)} times", got)
        wrong = (which < 0) | (which >= count)
        if wrong.any():
            remedy = "Trains are counted from 0; raise num_trains if there are more."
            raise ValidationError("trains", f"from 0 to {count - 1}", f"{which[wrong][0]}", remedy)
        order = np.argsort(which, kind="stable")
        ends = np.cumsum(np.bincount(which.astype(np.int64), minlength=count))[:-1]
        return cls(np.split(np.asarray(times, np.float64).ravel()[order], ends), duration, dt=dt)

    @classmethod
    def from_array(cls, spikes: Rows, *, dt: float = 1.0) -> "SpikeTrains":
        """Return spike trains from an array of 0 and 1, or a sparse matrix of SciPy.

        Args:
            spikes: Spikes of 0 and 1, (T, N).
            dt: Length of a step in ms.

        Raises:
            ValidationError: If there are other numbers than 0 and 1.

        Example:
            >>> [times.tolist() for times in SpikeTrains.from_array([[0, 1], [1, 1]], dt=0.5).times]
            [[0.5], [0.0, 0.5]]
        """
        step = check_real("dt", dt, low=0, open_low=True)
        lazy = lazy_rows("spikes", spikes)
        if lazy is None:
            raster = check_matrix("spikes", spikes, remedy="Give a row for each step: (T, N).")
            shape, found = raster.shape, [np.nonzero(check_binary("spikes", raster))]
        else:
            shape, found = lazy.shape, []
            for part in spans(len(lazy), _ROWS):
                at, train = np.nonzero(check_binary("spikes", lazy.rows(part)))
                found.append((at + part.start, train))
        steps, trains = (np.concatenate(each) for each in zip(*found, strict=True))
        return cls.__new__(cls)._keep(Grid(shape[0], steps, trains), shape[1], step)

    @property
    def num_spikes(self) -> int:
        """Number of spikes of all trains."""
        return len(self._steps)

    @property
    def duration(self) -> float:
        """Length of the trains in ms: that of their steps."""
        return self.shape[0] * self.dt

    @property
    def times(self) -> list[FloatArray]:
        """When the steps with a spike begin, in ms, sorted: an array for each train."""
        order = np.argsort(self._trains, kind="stable")
        ends = np.cumsum(np.bincount(self._trains, minlength=self.shape[1]))[:-1]
        return np.split(self._steps[order] * self.dt, ends)

    def rows(self, part: slice | AnyArray) -> AnyArray:
        """Return some steps as a dense array of 0 and 1, (steps, N)."""
        if isinstance(part, slice):
            start, stop, _ = part.indices(len(self))
            part = np.arange(start, stop)
        first = np.searchsorted(self._steps, part)
        counts = np.searchsorted(self._steps, part, side="right") - first
        place = np.repeat(np.arange(len(part)), counts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        dense = np.zeros((len(part), self.shape[1]), float_dtype())
        dense[place, self._trains[np.repeat(first, counts) + within]] = 1
        return dense

    def to_array(self) -> FloatArray:
        """Return all spikes as a dense array of 0 and 1, (T, N).

        Raises:
            ValidationError: If it does not fit in memory.
        """
        needed = self.shape[0] * self.shape[1] * float_dtype().itemsize
        check_memory("trains", needed, "the spikes of all steps", _MEMORY)
        return self.rows(slice(None))

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> AnyArray:
        if copy is False:
            raise ValueError("spike trains are made dense only by a copy")
        return self.to_array().astype(dtype or float_dtype(), copy=False)

    def __getitem__(self, part: slice) -> "SpikeTrains":
        if not isinstance(part, slice) or part.step not in (None, 1):
            remedy = "Other parts are those of to_array()."
            raise ValidationError("the index", "a slice of steps", repr(part), remedy)
        start, stop, _ = part.indices(len(self))
        if stop <= start:
            got = f"steps {start} to {stop}"
            raise ValidationError("the index", "a slice of one step or more", got)
        first, last = np.searchsorted(self._steps, [start, stop])
        steps, trains = self._steps[first:last] - start, self._trains[first:last]
        made = type(self).__new__(type(self))
        return made._keep(Grid(stop - start, steps, trains), self.shape[1], self.dt)

    def __repr__(self) -> str:
        steps, trains = self.shape
        what = f"{self.num_spikes} spikes of {trains} trains in {steps} steps of {self.dt:g} ms"
        return f"{type(self).__name__}({what})"


def check_binary(name: str, raster: AnyArray) -> AnyArray:
    """Return an array of numbers if all of them are 0 and 1."""
    wrong = (raster != 0) & (raster != 1)
    if wrong.any():
        got = f"{raster[wrong][0]:g}"
        raise ValidationError(name, "of 0 and 1", got, "Counts need a smaller dt.")
    return raster


def grid_of(
    name: str,
    trains: Sequence[npt.ArrayLike],
    start: float,
    stop: float,
    dt: float,
    *,
    closed: bool = False,
) -> Grid:
    """Return the grid of trains that are given by their times.

    Args:
        name: The argument that the times are from.
        trains: The times of each train's spikes in ms.
        start: Time in ms at which the first step begins.
        stop: Time in ms at which the last step ends.
        dt: Length of a step in ms.
        closed: Whether a spike at ``stop`` itself is taken, and begins a further step.
    """
    if not trains or stop <= start:
        got = f"{len(trains)} from {start:g} to {stop:g} ms"
        raise ValidationError(name, "one spike train or more, of some length", got)
    count, places = max(int(np.ceil((stop - start) / dt - _NEAR)), 1), []
    for train, times in enumerate(trains):
        when = _checked(name, train, times, start, stop, dt)
        at = np.floor((when - start) / dt + _NEAR).astype(np.int64).clip(min=0)
        _check_apart(name, train, when, at, dt)
        places.append(at)
    last = max(at.max(initial=0) for at in places)
    if last >= count and not closed:
        remedy = "The last step ends there; raise it, or leave out such spikes."
        raise ValidationError(name, f"below {stop:g} ms", f"one at {stop:g} ms", remedy)
    steps = np.concatenate(places)
    numbers = np.repeat(np.arange(len(trains)), [len(at) for at in places])
    order = np.lexsort((numbers, steps))
    return Grid(max(count, int(last) + 1), steps[order], numbers[order])


def _checked(
    name: str, train: int, times: npt.ArrayLike, start: float, stop: float, dt: float
) -> FloatArray:
    """Return the times of one train, which are finite and from start to stop."""
    raw = as_numpy(name, times)
    if raw.size == 0:
        return np.empty(0)
    check_vector(name, raw, remedy="Give one list of times for each train.")
    when = np.asarray(raw, np.float64)
    slack = _NEAR * dt
    outside = (when < start - slack) | (when > stop + slack)
    if outside.any():
        got = f"one of neuron {train} at {when[outside][0]:g} ms"
        remedy = "Correct where the trains begin and end, or leave out such spikes."
        raise ValidationError(name, f"of spikes from {start:g} to {stop:g} ms", got, remedy)
    return when


def _check_apart(name: str, train: int, when: FloatArray, at: AnyArray, dt: float) -> None:
    """Raise if two spikes of one train fall in one step."""
    if len(np.unique(at)) == len(at):
        return
    shortest = np.diff(np.sort(when)).min()
    remedy = f"The shortest interval is {shortest:g} ms; take a dt that is not longer."
    if shortest <= 0:
        remedy = "Two are at the same time; leave one out."
    got = f"several of neuron {train} in one of {dt:g} ms"
    raise ValidationError(name, "of at most one spike of a neuron in a step", got, remedy)
