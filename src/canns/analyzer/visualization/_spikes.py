"""Pictures of spike-timing-dependent plasticity."""

from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_vector
from canns.analyzer.visualization._arguments import check_axes, check_config
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._style import BLUE, GREY, ORANGE, open_axes

__all__ = ["sequence_learning", "stdp_window"]


def stdp_window(
    lags: ArrayLike,
    measured: ArrayLike,
    theory: ArrayLike,
    config: PlotConfig | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Show the weight change of a spike pair against its lag, over the closed form.

    Args:
        lags: Postsynaptic minus presynaptic spike time, in ms, (L,).
        measured: Weight change at each lag, (L,).
        theory: Weight change of the closed form at each lag, (L,).
        config: Settings; None for the defaults.
        axes: Axes to draw into; None for a new figure.

    Returns:
        The figure.

    Example:
        >>> figure = stdp_window([-1, 1], [-0.5, 0.5], [-0.5, 0.5])
        >>> figure.axes[0].get_xlabel()
        'Post minus pre spike time (ms)'
        >>> plt.close(figure)
    """
    lag = check_vector("lags", lags)
    change = check_vector("measured", measured, len(lag))
    expected = check_vector("theory", theory, len(lag))
    config, axes = check_config(config), check_axes(axes)
    if axes is None:
        _, axes = plt.subplots(figsize=config.figsize or (6.5, 4.2), layout="constrained")
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
    axes.set_title(config.title)
    xlabel = config.xlabel or "Post minus pre spike time (ms)"
    open_axes(axes, xlabel=xlabel, ylabel=config.ylabel or r"Weight change $\Delta w$")
    axes.legend(frameon=False)
    figure = axes.get_figure(root=True)
    assert figure is not None
    config.finish(figure)
    return figure


def sequence_learning(
    weights_before: ArrayLike,
    weights_after: ArrayLike,
    latencies: ArrayLike,
    config: PlotConfig | None = None,
) -> Figure:
    """Show what a neuron learnt of a sequence: its weights, and when it fires.

    Args:
        weights_before: Weight of each input, in the order in which the inputs fire, (N,).
        weights_after: The same after learning, (N,).
        latencies: Time of the first output spike in each presentation, in steps, (E,).
        config: Settings; None for the defaults.

    Returns:
        The figure, weights on the left, latency on the right.

    Example:
        >>> figure = sequence_learning([0.5, 0.5], [0.9, 0.1], [8.0, 4.0])
        >>> len(figure.axes)
        2
        >>> plt.close(figure)
    """
    before = check_vector("weights_before", weights_before)
    after = check_vector("weights_after", weights_after, len(before))
    times = check_vector("latencies", latencies)
    config = check_config(config)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=config.figsize or (9.0, 3.8), layout="constrained"
    )
    figure.suptitle(config.title)
    order = np.arange(1, len(before) + 1)
    left.plot(order, before, "o", color=GREY, markersize=3, label="before")
    left.plot(order, after, "o", color=ORANGE, markersize=3, label="after")
    open_axes(left, xlabel="Position of the input in the sequence", ylabel="Weight")
    left.legend(frameon=False)
    right.plot(np.arange(1, len(times) + 1), times, **{"color": BLUE, **config.kwargs})
    right.set_ylim(bottom=0)
    open_axes(right, xlabel="Presentation", ylabel="First output spike (steps)")
    config.finish(figure)
    return figure
