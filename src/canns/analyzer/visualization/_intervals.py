"""Pictures of values by name, each with its interval."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_array, check_flag, check_vector
from canns.analyzer.visualization._arguments import check_config
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import finish, one_panel
from canns.analyzer.visualization._style import BLUE, GREY, picture
from canns.errors import ValidationError

__all__ = ["named_values"]


@picture
def named_values(
    names: Sequence[str],
    values: ArrayLike,
    reach: ArrayLike | None = None,
    config: PlotConfig | None = None,
    *,
    bars: bool = False,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show values one below the other, with their intervals and a line at zero.

    Args:
        names: What the values are of.
        values: The values, (K,).
        reach: How far the interval of each reaches down and up, (2, K); None for no intervals.
        config: Settings; its ``kwargs`` go to the points or bars. None for the defaults.
        bars: Whether to draw bars from zero on; else points.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = named_values(["x y", "y^2 w"], [1.0, -1.0], [[0.1, 0.2], [0.1, 0.2]])
        >>> [label.get_text() for label in axes.get_yticklabels()]
        ['x y', 'y^2 w']
    """
    numbers = check_vector("values", values)
    labels = [*names] if isinstance(names, Sequence) else []
    if len(labels) != len(numbers) or not all(isinstance(name, str) for name in labels):
        raise ValidationError("names", f"{len(numbers)} words, one for each value", repr(names))
    ends = None
    if reach is not None:
        ends = check_array("reach", reach)
        if ends.shape != (2, len(labels)) or (ends < 0).any():
            expected = f"of shape (2, {len(labels)}), and not negative"
            raise ValidationError("reach", expected, f"shape {ends.shape}, least {ends.min():g}")
    check_flag("bars", bars)
    config = check_config(config)
    axes = one_panel(config, ax, (7.0, 1.6 + 0.36 * len(labels)))
    places = np.arange(len(labels))
    style: dict[str, Any] = {"color": BLUE, **config.kwargs}
    if bars:
        axes.barh(places, numbers, **style)
        if ends is not None:
            axes.errorbar(numbers, places, xerr=ends, fmt="none", ecolor="black", capsize=3)
    else:
        axes.errorbar(numbers, places, xerr=ends, **{"fmt": "o", "capsize": 3, **style})
    axes.axvline(0, color=GREY, linewidth=1, zorder=0)
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    return finish(axes, config, xlabel="Value", ylabel="")
