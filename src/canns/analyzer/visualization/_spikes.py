"""Pictures of spike-timing-dependent plasticity."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from canns._validation import check_vector
from canns.analyzer.visualization._arguments import check_config
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import (
    AxesArray,
    finish,
    finish_panels,
    one_panel,
    panels,
)
from canns.analyzer.visualization._style import BLUE, GREY, ORANGE, open_axes, picture

__all__ = ["sequence_learning", "stdp_window"]


@picture
def stdp_window(
    lags: ArrayLike,
    measured: ArrayLike,
    theory: ArrayLike,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show the weight change of a spike pair against its lag, over the closed form.

    Args:
        lags: Postsynaptic minus presynaptic spike time, in ms, (L,).
        measured: Weight change at each lag, (L,).
        theory: Weight change of the closed form at each lag, (L,).
        config: Settings; None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = stdp_window([-1, 1], [-0.5, 0.5], [-0.5, 0.5])
        >>> axes.get_xlabel()
        'Post minus pre spike time (ms)'
    """
    lag = check_vector("lags", lags)
    change = check_vector("measured", measured, len(lag))
    expected = check_vector("theory", theory, len(lag))
    config = check_config(config)
    axes = one_panel(config, ax)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linewidth=0.8)
    # Over the points, which would hide it.
    line: dict[str, Any] = {"color": "black", "linewidth": 1.4, "zorder": 3}
    for part in (lag < 0, lag >= 0):
        axes.plot(lag[part], expected[part], label="closed form" if part[-1] else None, **line)
    for part, colour, kind in (
        (change >= 0, ORANGE, "potentiated"),
        (change < 0, BLUE, "depressed"),
    ):
        style = {"marker": "o", "linestyle": "", "color": colour, "markersize": 7, "label": kind}
        axes.plot(lag[part], change[part], **{**style, **config.kwargs})
    axes.legend()
    xlabel, ylabel = "Post minus pre spike time (ms)", r"Weight change $\Delta w$"
    return finish(axes, config, xlabel=xlabel, ylabel=ylabel)


@picture
def sequence_learning(
    weights_before: ArrayLike,
    weights_after: ArrayLike,
    latencies: ArrayLike,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    """Show what a neuron learnt of a sequence: its weights, and when it fires.

    Args:
        weights_before: Weight of each input, in the order in which the inputs fire, (N,).
        weights_after: The same after learning, (N,).
        latencies: Time of the first output spike in each presentation, in steps, (E,).
        config: Settings; its ``kwargs`` go to the line of latencies. None for the defaults.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes, (2,): weights and latency.

    Example:
        >>> figure, (weights, latency) = sequence_learning([0.5, 0.5], [0.9, 0.1], [8.0, 4.0])
        >>> latency.get_xlabel()
        'Presentation'
    """
    before = check_vector("weights_before", weights_before)
    after = check_vector("weights_after", weights_after, len(before))
    times = check_vector("latencies", latencies)
    config = check_config(config)
    grid = panels(config, ax, 1, 2, (9.6, 4.2))
    left, right = grid[0]
    order = np.arange(1, len(before) + 1)
    left.plot(order, before, "o", color=GREY, label="before")
    left.plot(order, after, "o", color=ORANGE, label="after")
    open_axes(left, xlabel="Position of the input in the sequence", ylabel="Weight")
    left.legend()
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.plot(np.arange(1, len(times) + 1), times, **{"color": BLUE, **config.kwargs})
    right.set_ylim(bottom=0)
    open_axes(right, xlabel="Presentation", ylabel="First output spike (steps)")
    figure, _ = finish_panels(grid, config)
    return figure, grid[0]
