"""The picture of an energy landscape, with the paths of a recall through it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import ArrayLike

from canns._validation import check_array
from canns.analyzer.metrics import EnergyLandscape
from canns.analyzer.visualization._arguments import check_config, check_names
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import figure_of, finish, one_panel
from canns.analyzer.visualization._style import COLOURS, ORANGE, picture
from canns.errors import ValidationError

__all__ = ["energy_landscape"]


@picture
def energy_landscape(
    landscape: EnergyLandscape,
    paths: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show the energy on a plane of states, dark where it is low, and the way of some recalls.

    Args:
        landscape: What :func:`canns.analyzer.metrics.energy_landscape` has measured.
        paths: States of a recall before the first and after each update, (T + 1, B, N), such as
            ``network.trajectory(cues)``; None for none.
        names: Names of the first states of the landscape, which are marked, such as the patterns;
            None to mark none.
        config: Settings; its ``kwargs`` go to the map. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> import numpy as np
        >>> from canns.analyzer.metrics import energy_landscape as measure
        >>> patterns = np.array([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1]])
        >>> landscape = measure(patterns.T @ patterns - 3 * np.eye(4), patterns)
        >>> figure, axes = energy_landscape(landscape, names=["A", "B", "C"])
        >>> [text.get_text() for text in axes.texts]
        ['A', 'B', 'C']
    """
    _check_kind(landscape)
    words = check_names("names", names)
    if len(words) > len(landscape.points):
        expected = f"at most {len(landscape.points)}, as there are states"
        raise ValidationError("names", expected, f"{len(words)}")
    config = check_config(config)
    ways = None
    if paths is not None:
        states = check_array("paths", paths)
        if states.ndim != 3:
            raise ValidationError("paths", "of shape (updates, cues, N)", f"shape {states.shape}")
        ways = landscape.project(states)
    axes = one_panel(config, ax, (7.0, 5.4))
    style = {"levels": 24, "cmap": "viridis", **config.kwargs}
    filled = axes.contourf(landscape.x, landscape.y, landscape.energies, **style)
    figure_of(axes).colorbar(filled, ax=axes, label="Energy $E$")
    rim = [Stroke(linewidth=4, foreground="white"), Normal()]
    if ways is not None:
        for k, way in enumerate(np.moveaxis(ways, 1, 0)):
            line: dict[str, Any] = {"color": ORANGE, "linewidth": 1.8, "path_effects": rim}
            label = "recall, from its cue" if k == 0 else "_"
            axes.plot(*way.T, marker=".", markersize=7, label=label, **line)
            axes.plot(*way[0], marker="s", color=ORANGE, markeredgecolor="white", markersize=8)
        axes.legend(loc="upper right", frameon=True)
    for name, (x, y) in zip(words, landscape.points, strict=False):
        axes.plot(x, y, "*", color=COLOURS[4], markeredgecolor="black", markersize=15, zorder=4)
        offset: dict[str, Any] = {
            "xytext": (9, 6),
            "textcoords": "offset points",
            "path_effects": rim,
        }
        axes.annotate(name, (x, y), **offset, zorder=5)
    xlabel, ylabel = "First principal axis of the states", "Second principal axis"
    return finish(axes, config, xlabel=xlabel, ylabel=ylabel)


def _check_kind(landscape: object) -> None:
    if not isinstance(landscape, EnergyLandscape):
        remedy = "Call canns.analyzer.metrics.energy_landscape(network, states)."
        raise ValidationError("landscape", "an EnergyLandscape", repr(landscape), remedy)
