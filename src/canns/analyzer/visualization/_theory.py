"""Measurement drawn over theory: points with errors on lines, and maps under boundaries."""

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import ArrayLike

from canns._validation import check_array, check_matrix, check_real, check_vector
from canns.analyzer.visualization._arguments import check_config, named
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import figure_of, finish, one_panel
from canns.analyzer.visualization._style import COLOURS, GREY, picture
from canns.errors import ValidationError

__all__ = ["Series", "check_series", "measured_over_theory", "phase_diagram"]


class Series(NamedTuple):
    """Points of a curve.

    Args:
        x: Positions, (n,).
        y: Values, (n,).
        error: Length of the error bars, (n,), or downwards and upwards, (2, n); None for no bars.
        bars: What the bars are, for the legend; "" if the name of the series says it.
    """

    x: ArrayLike
    y: ArrayLike
    error: ArrayLike | None = None
    bars: str = ""


@picture
def measured_over_theory(
    measured: Mapping[str, Series],
    theory: Mapping[str, Series],
    config: PlotConfig | None = None,
    *,
    marks: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Draw measured points with their errors over the lines of theory.

    A measured series and a theory of the same name share a colour and a legend entry.

    Args:
        measured: Points by name.
        theory: Lines by name; a NaN leaves a gap.
        config: Settings; its ``kwargs`` go to the points. None for the defaults.
        marks: Positions to mark by a vertical line, by name, such as a critical load.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Raises:
        ValidationError: If the arrays of a series differ in length, or there is no series.

    Example:
        >>> line = Series([0.0, 0.1], [1.0, 0.998])
        >>> points = Series([0.05], [0.9999], [0.0001])
        >>> figure, axes = measured_over_theory({"Hebb": points}, {"Hebb": line})
        >>> len(axes.lines), len(axes.containers)  # theory, points and two caps
        (4, 1)
    """
    measured, theory = named("measured", measured, Series), named("theory", theory, Series)
    points = {name: check_series(name, series) for name, series in measured.items()}
    if marks is not None and not isinstance(marks, Mapping):
        raise ValidationError("marks", "a mapping from names to positions", repr(marks))
    lines = {name: check_real("marks", place) for name, place in (marks or {}).items()}
    config = check_config(config)
    if not measured and not theory:
        raise ValidationError("measured", "non-empty if theory is empty", "nothing to draw")
    names = list(dict.fromkeys([*theory, *measured]))
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    axes = one_panel(config, ax)
    for name, (x, y, *_) in theory.items():
        label = "_" if name in measured else name
        axes.plot(np.asarray(x), np.asarray(y), color=colours[name], linewidth=1.4, label=label)
    for (name, place), dashes in zip(lines.items(), itertools.cycle(("--", ":")), strict=False):
        axes.axvline(place, color=GREY, linewidth=1.4, linestyle=dashes, label=name)
    for name, (x, y, error, bars) in points.items():
        label = f"{name} ({bars})" if bars else name
        style = {"fmt": "o", "markersize": 4, "capsize": 2, "color": colours[name], "label": label}
        axes.errorbar(x, y, yerr=error, **{**style, **config.kwargs})
    if len(names) > 1 or (measured and theory) or lines or any(p.bars for p in points.values()):
        axes.legend()
    return finish(axes, config, xlabel="", ylabel="")


@picture
def phase_diagram(
    loads: ArrayLike,
    temperatures: ArrayLike,
    overlaps: ArrayLike,
    boundaries: Mapping[str, Series],
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Draw overlaps measured over load and temperature, under the boundaries of theory.

    Args:
        loads: Alpha, ascending, (A,).
        temperatures: T, ascending, (K,).
        overlaps: Mean overlap with the stored pattern, (A, K).
        boundaries: Lines of theory by name: temperature against load.
        config: Settings; its ``kwargs`` go to the map. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> boundary = Series([0.0, 0.138], [1.0, 0.0])
        >>> figure, axes = phase_diagram([0.01, 0.1], [0.1, 0.5], np.eye(2), {"$T_M$": boundary})
        >>> axes.get_legend().get_texts()[0].get_text()
        '$T_M$'
    """
    config = check_config(config)
    boundaries = named("boundaries", boundaries, Series)
    alpha = check_vector("loads", loads)
    heat = check_vector("temperatures", temperatures)
    grid = check_matrix("overlaps", overlaps, len(heat), remedy="Give (loads, temperatures).")
    if len(grid) != len(alpha):
        raise ValidationError("overlaps", f"of {len(alpha)} rows", f"{len(grid)} rows")
    axes = one_panel(config, ax)
    style = {"cmap": "viridis", "vmin": 0.0, "vmax": 1.0, "shading": "nearest", **config.kwargs}
    mesh = axes.pcolormesh(alpha, heat, grid.T, **style)
    figure_of(axes).colorbar(mesh, ax=axes, label="Overlap $m$")
    limits = axes.get_xlim(), axes.get_ylim()
    dashes_of_each = itertools.cycle(("-", "--", ":", "-."))
    # White shows on the dark colours of the map, and its dark rim on the bright ones.
    rim = [Stroke(linewidth=3.6, foreground="0.25"), Normal()]
    line: dict[str, Any] = {"color": "white", "linewidth": 1.8, "path_effects": rim}
    for (name, (x, y, *_)), dashes in zip(boundaries.items(), dashes_of_each, strict=False):
        axes.plot(np.asarray(x), np.asarray(y), dashes, label=name, **line)
    axes.set(xlim=limits[0], ylim=limits[1])
    if boundaries:
        axes.legend(facecolor="0.25", edgecolor="none", labelcolor="white", frameon=True)
    xlabel, ylabel = r"Load $\alpha = P/N$ (patterns a neuron)", "Temperature $T$"
    return finish(axes, config, xlabel=xlabel, ylabel=ylabel)


def check_series(name: str, series: Series) -> Series:
    """Return a series of checked arrays."""
    x = check_vector(f"x of {name}", series.x)
    y = check_vector(f"y of {name}", series.y, len(x))
    if series.error is None:
        return Series(x, y)
    error = check_array(f"error of {name}", series.error)
    if error.shape not in {(len(x),), (2, len(x))}:
        expected = f"of shape ({len(x)},) or (2, {len(x)})"
        raise ValidationError(f"error of {name}", expected, f"shape {error.shape}")
    if error.min() < 0:
        raise ValidationError(f"error of {name}", "lengths, not negative", f"{error.min():.3g}")
    return Series(x, y, error, series.bars)
