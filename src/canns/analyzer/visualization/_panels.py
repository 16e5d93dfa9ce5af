"""The axes of a picture, new ones or the caller's, and what all pictures do at the end."""

import math
from typing import Any, TypeAlias

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._style import COLUMNS
from canns.errors import ValidationError

__all__ = [
    "AxesArray",
    "by_kind",
    "columns_for",
    "figure_of",
    "finish",
    "finish_panels",
    "one_panel",
    "panels",
]

AxesArray: TypeAlias = NDArray[Any]  #: axes of matplotlib, as ``plt.subplots`` returns them

_SIZE = (7.0, 4.6)


def one_panel(config: PlotConfig, ax: Axes | None, size: tuple[float, float] | None = None) -> Axes:
    """Return the caller's axes, or those of a new figure of ``size`` inches."""
    if ax is None:
        _, ax = plt.subplots(figsize=config.figsize or size or _SIZE, layout="constrained")
        return ax
    _check_place(config, ax)
    return ax


def panels(
    config: PlotConfig,
    ax: Axes | None,
    rows: int,
    columns: int,
    size: tuple[float, float],
    *,
    labelled: bool = False,
    **options: Any,
) -> AxesArray:
    """Return a grid of axes, (rows, columns): a new figure, or in the place of the caller's axes.

    Args:
        config: The settings, of which the title is put over the grid.
        ax: Axes that give their place to the grid; None for a new figure.
        rows: Number of rows.
        columns: Number of columns.
        size: Width and height of a new figure in inches.
        labelled: Whether the panels share labels, which the settings may give.
        **options: Further options of ``plt.subplots``, such as ``height_ratios``.
    """
    if not labelled and (config.xlabel or config.ylabel):
        expected = '"" for a picture of several panels'
        remedy = "Label the axes that are returned."
        given = "xlabel" if config.xlabel else "ylabel"
        raise ValidationError(given, expected, repr(getattr(config, given)), remedy)
    if ax is None:
        figure, grid = plt.subplots(
            rows,
            columns,
            figsize=config.figsize or size,
            layout="constrained",
            squeeze=False,
            **options,
        )
        if config.title:
            figure.suptitle(config.title)
        return np.asarray(grid)
    _check_place(config, ax)
    ax.set_axis_off()
    ratios = {name: options.pop(name) for name in list(options) if name.endswith("_ratios")}
    spec = _place_of(ax, config.title).subgridspec(rows, columns, **ratios)
    return np.asarray(spec.subplots(squeeze=False, **options))


def columns_for(config: PlotConfig, ax: Axes | None, count: int, height: float = 1.0) -> int:
    """Return how many of ``count`` cells, so many times as high as wide, to put in a row.

    Of a new figure at most eight; in the place of axes, as many as fill it best.
    """
    if ax is None:
        return min(COLUMNS, count)
    _check_place(config, ax)
    box = ax.get_window_extent()
    return max(1, min(count, round(math.sqrt(count * height * box.width / max(box.height, 1.0)))))


def _place_of(ax: Axes, title: str) -> Any:
    """Return the place of the caller's axes as a part of a grid, below the title if there is one.

    The layout of a figure keeps no room for a title between the axes and panels in their place.
    """
    place: Any = ax.get_subplotspec()
    if place is None:  # the axes are not of a grid
        owner, box = ax.get_figure(), ax.get_position()
        assert owner is not None
        sides = {"left": box.x0, "right": box.x1, "bottom": box.y0, "top": box.y1}
        place = owner.add_gridspec(1, 1, **sides)[0]
    if not title:
        return place
    size = float(ax.set_title(title, y=1.0, pad=0, va="top").get_fontsize())
    inches = ax.get_window_extent().height / figure_of(ax).dpi
    share = min(2.2 * size / 72 / inches, 0.5)
    return place.subgridspec(2, 1, height_ratios=(share, 1 - share), hspace=0)[1]


def by_kind(grid: AxesArray, kinds: int, count: int) -> AxesArray:
    """Return the axes by kind and number, (kinds, count), of a grid in blocks of ``kinds`` rows."""
    blocks = grid.reshape(-1, kinds, grid.shape[1])
    return blocks.transpose(1, 0, 2).reshape(kinds, -1)[:, :count]


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure that the axes are on."""
    figure = ax.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise ValidationError("ax", "on a figure", "axes that were removed from theirs")
    return figure


def finish(ax: Axes, config: PlotConfig, *, xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    """Label the axes, by the settings if they say how; save and show the figure if asked.

    Args:
        ax: The axes.
        config: The settings.
        xlabel: Label of the horizontal axis, with its unit.
        ylabel: Label of the vertical axis, with its unit.
    """
    ax.set(xlabel=config.xlabel or xlabel, ylabel=config.ylabel or ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    if config.title:
        ax.set_title(config.title)
    if config.grid:
        ax.grid(True)
    figure = figure_of(ax)
    config.finish(figure)
    return figure, ax


def finish_panels(grid: AxesArray, config: PlotConfig) -> tuple[Figure, AxesArray]:
    """Remove the axes on which nothing is drawn; save and show the figure if asked."""
    for ax in grid.flat:
        if config.grid:
            ax.grid(True)
        if not ax.has_data():
            ax.remove()
    figure = figure_of(grid[0, 0])
    config.finish(figure)
    return figure, grid


def _check_place(config: PlotConfig, ax: object) -> None:
    if not isinstance(ax, Axes):
        raise ValidationError("ax", "axes of matplotlib or None", repr(ax))
    figure_of(ax)
    if config.figsize is not None:
        remedy = "Set the size of your own figure."
        raise ValidationError("figsize", "None if axes are given", repr(config.figsize), remedy)
