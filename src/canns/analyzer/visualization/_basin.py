"""The picture of a basin of attraction."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from canns.analyzer.visualization._arguments import check_config, named
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import finish, one_panel
from canns.analyzer.visualization._style import COLOURS, GREY, picture
from canns.analyzer.visualization._theory import Series, check_series
from canns.errors import ValidationError

__all__ = ["basin_curve"]


@picture
def basin_curve(
    curves: Mapping[str, Series],
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show how often cues are completed to their pattern, by the overlap that they start from.

    Args:
        curves: Probability of retrieval against the overlap of cue and pattern by name, such as
            that of a storage rule; the error bars of each are named by its ``bars``.
        config: Settings; its ``kwargs`` go to the points. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Raises:
        ValidationError: If the arrays of a series differ in length, a value is not a probability,
            or there is no series.

    Example:
        >>> curve = Series([0.0, 0.5, 1.0], [0.0, 0.9, 1.0], [0.0, 0.05, 0.0], "95 % interval")
        >>> figure, axes = basin_curve({"Hebb": curve})
        >>> axes.get_legend().get_texts()[0].get_text()
        'Hebb (95 % interval)'
    """
    points = {
        name: check_series(name, series) for name, series in named("curves", curves, Series).items()
    }
    if not points:
        raise ValidationError("curves", "of one series or more", "none")
    for name, (_, y, *_) in points.items():
        values = np.asarray(y)
        if values.min() < 0 or values.max() > 1:
            found = f"values from {values.min():.3g} to {values.max():.3g}"
            raise ValidationError(f"y of {name}", "probabilities", found)
    config = check_config(config)
    axes = one_panel(config, ax)
    for k, (name, (x, y, error, bars)) in enumerate(points.items()):
        label = f"{name} ({bars})" if bars else name
        style = {"fmt": "o-", "capsize": 3, "color": COLOURS[k % len(COLOURS)], "label": label}
        axes.errorbar(x, y, yerr=error, **{**style, **config.kwargs})
    axes.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_ylim(-0.03, 1.06)
    axes.legend()
    xlabel = "Overlap $m_0$ of the cue with its pattern"
    return finish(axes, config, xlabel=xlabel, ylabel="Probability of retrieval")
