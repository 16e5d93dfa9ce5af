"""Spikes to and from neo."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from canns._extras import require
from canns.errors import ValidationError
from canns.interop.spike_grid import on_grid, time_step, times_of
from canns.typing import FloatArray, Rows

if TYPE_CHECKING:
    import neo

__all__ = ["from_neo", "to_neo"]


def to_neo(spikes: Rows, *, dt: float = 1.0) -> "neo.Segment":
    """Return spikes as a segment of neo, with one spike train for each neuron.

    A spike in step k, counted from 0, is at the time ``k * dt``, from 0 to ``T * dt``.

    Args:
        spikes: Spikes of 0 and 1, (T, N).
        dt: Length of a step in ms.

    Returns:
        The segment; its times are in ms.

    Raises:
        ValidationError: If ``spikes`` has other numbers than 0 and 1, or ``dt`` is not positive.
        MissingExtraError: If neo is not installed.

    Example:
        >>> segment = to_neo([[0, 1], [1, 0], [1, 0]], dt=0.5)
        >>> [train.magnitude.tolist() for train in segment.spiketrains]
        [[0.5, 1.0], [0.0]]
        >>> segment.spiketrains[0].t_stop
        array(1.5) * ms
    """
    step = time_step(dt)
    trains, stop = times_of(spikes, step)
    package = require("neo", "ephys")
    ms, kilohertz = (getattr(require("quantities", "ephys"), unit) for unit in ("ms", "kHz"))
    segment: neo.Segment = package.Segment(name="canns")
    for neuron, times in enumerate(trains):
        train = package.SpikeTrain(
            times * ms, t_stop=stop * ms, sampling_rate=kilohertz / step, name=f"neuron {neuron}"
        )
        segment.spiketrains.append(train)
    return segment


def from_neo(
    trains: "neo.Segment | neo.SpikeTrain | Sequence[neo.SpikeTrain]", *, dt: float = 1.0
) -> FloatArray:
    """Return the spikes of neo as an array, one column for each spike train.

    A spike at time t falls in the step ``floor((t - t_start) / dt)``, up to a thousandth of a step
    for rounding. A last step that ``t_stop`` cuts short is a whole one, and a spike at ``t_stop``
    itself has a further step.

    Args:
        trains: A segment, a spike train, or a list of spike trains, in any unit of time.
        dt: Length of a step in ms.

    Returns:
        Spikes of 0 and 1, (T, N), from t_start to t_stop.

    Raises:
        ValidationError: If the trains do not begin and stop at the same times, a spike is outside
            of them, two spikes of a neuron fall in one step, or an argument is of another kind.
        MissingExtraError: If neo is not installed.

    Example:
        >>> import neo
        >>> train = neo.SpikeTrain([0.0021, 0.005], units="s", t_stop=0.008)
        >>> from_neo(train, dt=2.0).ravel().tolist()
        [0.0, 1.0, 1.0, 0.0]
    """
    step = time_step(dt)
    found = _trains(require("neo", "ephys"), trains)
    bounds = [(_in_ms(train.t_start), _in_ms(train.t_stop)) for train in found]
    for neuron, own in enumerate(bounds):
        if not np.allclose(own, bounds[0], rtol=0, atol=1e-6 * step):
            first, other = (f"{a:g} to {b:g} ms" for a, b in (bounds[0], own))
            got = f"{first} for train 0 and {other} for train {neuron}"
            remedy = "Cut them to the same times, by time_slice."
            raise ValidationError("trains", "from one t_start to one t_stop", got, remedy)
    return on_grid("trains", [_in_ms(train) for train in found], *bounds[0], step)


def _trains(neo: Any, given: Any) -> list[Any]:
    """Return the spike trains in what was given, one or more."""
    expected = "a neo.Segment, or one neo.SpikeTrain or more"
    if isinstance(given, neo.Segment):
        given = given.spiketrains
    elif isinstance(given, neo.SpikeTrain):
        given = [given]
    elif isinstance(given, neo.Block):
        remedy = "Take one of its segments: trains.segments[0]."
        raise ValidationError("trains", expected, "a Block", remedy)
    single = isinstance(given, np.ndarray) and given.ndim == 0
    if isinstance(given, str | bytes) or not hasattr(given, "__iter__") or single:
        raise ValidationError("trains", expected, f"a {type(given).__name__}")
    found = list(given)
    for i, train in enumerate(found):
        if not isinstance(train, neo.SpikeTrain):
            remedy = "A list of numbers has no unit; task.timed_spikes takes times in ms."
            raise ValidationError(f"trains[{i}]", "a neo.SpikeTrain", type(train).__name__, remedy)
    if not found:
        raise ValidationError("trains", "one spike train or more", "none")
    return found


def _in_ms(quantity: Any) -> Any:
    """Return a quantity of neo as numbers in ms."""
    try:
        numbers = quantity.rescale("ms").magnitude
    except (AttributeError, ValueError) as error:
        unit = getattr(quantity, "dimensionality", "no unit")
        raise ValidationError("trains", "in a unit of time", f"{unit}") from error
    return numbers if np.ndim(numbers) else float(numbers)
