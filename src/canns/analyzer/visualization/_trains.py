"""Pictures of spikes over time: rasters with rates, and membrane potentials."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from canns._validation import (
    as_numpy,
    check_array,
    check_matrix,
    check_real,
    check_size,
    check_vector,
)
from canns.analyzer.visualization._arguments import check_config, check_names
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import AxesArray, finish_panels, panels
from canns.analyzer.visualization._style import BLUE, GREY, ORANGE, caption, open_axes, picture
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["membrane_traces", "spike_raster"]

_BINS = 100  # of the rate, by default


@picture
def spike_raster(
    steps: ArrayLike,
    neurons: ArrayLike,
    config: PlotConfig | None = None,
    *,
    num_steps: int | None = None,
    num_neurons: int | None = None,
    dt: float = 1.0,
    bin_width: float | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    r"""Show the spikes of a population, and its mean rate below.

    .. math:: r(t) = \frac{\text{spikes in the bin}}{N \cdot \text{bin width}}

    Args:
        steps: Time step of each spike, from 0, (S,), such as ``record.spikes[0]`` of a run with
            ``Monitor(("spikes",))``.
        neurons: Neuron of each spike, from 0, (S,).
        config: Settings; its ``kwargs`` go to the spikes. None for the defaults.
        num_steps: Number of time steps; None to end at the last spike.
        num_neurons: Number of neurons N; None to end at the last one that fired.
        dt: Time step in ms.
        bin_width: Width of the bins of the rate in ms; None for a hundredth of the whole time, but
            not less than ``dt``.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes, (2,): raster and rate.

    Raises:
        ValidationError: If there is not a neuron for each spike, or one lies beyond the numbers.

    Example:
        >>> figure, (raster, rate) = spike_raster(
        ...     [0, 1, 1], [0, 0, 1], num_steps=2, bin_width=1.0
        ... )
        >>> rate.patches[0].get_data().values.tolist()  # in Hz
        [500.0, 1000.0]
    """
    when = _check_numbers("steps", steps, num_steps)
    who = _check_numbers("neurons", neurons, num_neurons, len(when))
    length = check_size("num_steps", num_steps or int(when.max(initial=0)) + 1)
    count = check_size("num_neurons", num_neurons or int(who.max(initial=0)) + 1)
    step = check_real("dt", dt, low=0, open_low=True)
    whole = length * step
    width = max(whole / _BINS, step) if bin_width is None else bin_width
    width = check_real("bin_width", width, low=0, open_low=True)
    config = check_config(config)
    edges = np.append(np.arange(0, whole - 1e-9 * whole, width), whole)
    spikes = np.histogram((when + 0.5) * step, edges)[0]
    rate = 1000 * spikes / (count * np.diff(edges))
    options = {"sharex": True, "height_ratios": (2.4, 1)}
    grid = panels(config, ax, 2, 1, (7.6, 5.0), labelled=True, **options)
    raster, below = grid[:, 0]
    size = max(1.0, min(8.0, 150 / count))
    style = {"marker": "|", "color": "black", "linestyle": "", "markersize": size, **config.kwargs}
    raster.plot(when * step, who, **style)
    raster.set(xlim=(0, whole), ylim=(-0.7, count - 0.3))
    raster.yaxis.set_major_locator(MaxNLocator(integer=True))
    open_axes(raster, ylabel=config.ylabel or "Neuron")
    below.stairs(rate, edges, fill=True, color=BLUE, alpha=0.75)
    below.set_ylim(bottom=0)
    open_axes(below, xlabel=config.xlabel or "Time (ms)", ylabel="Mean rate\n(Hz)")
    figure, _ = finish_panels(grid, config)
    return figure, grid[:, 0]


@picture
def membrane_traces(
    potentials: ArrayLike,
    config: PlotConfig | None = None,
    *,
    spikes: ArrayLike | None = None,
    dt: float = 1.0,
    threshold: float | None = None,
    names: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    """Show membrane potentials over time, a panel for each neuron, with spikes drawn as strokes.

    Args:
        potentials: Potential after each time step, (T, N), such as ``record.history["v"]`` of a
            run with ``Monitor(("v",))``.
        config: Settings; its ``ylabel`` says the unit of the potential, its ``kwargs`` go to the
            lines. None for the defaults.
        spikes: Whether each neuron fired at each step, (T, N), of 0 and 1; None if not known. A
            simulation resets the potential at once, so without the strokes a spike is not seen.
        dt: Time step in ms.
        threshold: Potential at which a neuron fires, drawn as a dashed line; None for no line.
        names: Name of each neuron, (N,); None for numbers.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes, (N,).

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> figure, axes = membrane_traces([[0.0], [0.9], [0.0]], spikes=[[0], [0], [1]], dt=0.5)
        >>> axes[0].lines[0].get_xdata().tolist()  # in ms
        [0.5, 1.0, 1.5]
    """
    traces = check_matrix("potentials", potentials)
    fired = None if spikes is None else check_array("spikes", spikes)
    if fired is not None and fired.shape != traces.shape:
        expected = f"of shape {traces.shape}, as potentials"
        raise ValidationError("spikes", expected, f"shape {fired.shape}")
    step = check_real("dt", dt, low=0, open_low=True)
    level = None if threshold is None else check_real("threshold", threshold)
    count = traces.shape[1]
    labels = check_names("names", names, None if names is None else count)
    config = check_config(config)
    size = (7.6, 1.2 + 1.6 * count)
    grid = panels(config, ax, count, 1, size, labelled=True, sharex=True)
    time = step * np.arange(1, len(traces) + 1)
    for k, axes in enumerate(grid[:, 0]):
        axes.plot(time, traces[:, k], **{"color": BLUE, "linewidth": 1.4, **config.kwargs})
        if level is not None:
            axes.axhline(level, color=GREY, linestyle="--", linewidth=1, label="threshold")
        if fired is not None:
            _strokes(axes, time[fired[:, k] > 0], traces[:, k], level)
        open_axes(axes, ylabel=config.ylabel or "Potential $v$")
        name = labels[k] if labels else (f"neuron {k}" if count > 1 else "")
        caption(axes, name)
    if level is not None or fired is not None:
        grid[0, 0].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    grid[-1, 0].set_xlabel(config.xlabel or "Time (ms)")
    figure, _ = finish_panels(grid, config)
    return figure, grid[:, 0]


def _strokes(axes: Axes, times: AnyArray, trace: AnyArray, threshold: float | None) -> None:
    """Draw each spike as a stroke that rises from the threshold, or from the highest potential."""
    base = float(trace.max()) if threshold is None else threshold
    height = 0.6 * (max(base, float(trace.max())) - float(trace.min()) or 1.0)
    axes.vlines(times, base, base + height, color=ORANGE, linewidth=1.2, label="spike")


def _check_numbers(
    name: str, values: ArrayLike, limit: int | None, count: int | None = None
) -> AnyArray:
    """Return whole numbers from 0, below ``limit`` if that is given; there may be none."""
    listed = as_numpy(name, values)
    if listed.ndim == 1 and listed.size == 0 and count in (None, 0):
        return np.empty(0, int)
    numbers = check_vector(name, values, count)
    if (numbers != np.rint(numbers)).any() or numbers.min() < 0:
        raise ValidationError(name, "whole numbers from 0", f"{numbers.min():g} and more")
    if limit is not None and numbers.max() >= check_size(f"num_{name}", limit):
        raise ValidationError(name, f"below {limit}", f"{numbers.max():g}")
    return numbers.astype(int)
