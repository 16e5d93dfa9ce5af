"""The picture of a topographic map."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from canns._validation import check_vector
from canns.analyzer.metrics import u_matrix
from canns.analyzer.visualization._arguments import check_config
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import figure_of, finish, one_panel
from canns.analyzer.visualization._style import picture
from canns.errors import ValidationError

__all__ = ["topographic_map"]


@picture
def topographic_map(
    weights: ArrayLike,
    shape: tuple[int, int],
    hits: ArrayLike | None = None,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show a self-organising map: its U-matrix, and how often each neuron won.

    Args:
        weights: One neuron a row, in row-major order of the grid, (height * width, D).
        shape: Height and width of the grid.
        hits: Number of inputs for which each neuron won, (height * width,), drawn as squares of
            that area; None for none.
        config: Settings; its ``kwargs`` go to the image. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes. Bright borders in the U-matrix part dark groups of neurons with
        similar weights; see :func:`~canns.analyzer.metrics.u_matrix`.

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> figure, axes = topographic_map([[0.0], [1.0], [5.0]], (1, 3), hits=[4, 0, 1])
        >>> axes.images[0].get_array().tolist()
        [[1.0, 2.5, 4.0]]
    """
    distances = u_matrix(weights, shape)
    height, width = distances.shape
    counts = None if hits is None else check_vector("hits", hits, height * width)
    if counts is not None and counts.min() < 0:
        raise ValidationError("hits", "counts, not negative", f"{counts.min():.3g}")
    config = check_config(config)
    axes = one_panel(config, ax, (6.6, 5.2))
    image = axes.imshow(distances, **{"cmap": "cividis", **config.kwargs})
    figure_of(axes).colorbar(image, ax=axes, label="Mean distance to the neighbours $U$")
    if counts is not None and counts.max() > 0:
        rows, columns = np.divmod(np.flatnonzero(counts), width)
        share = counts[counts > 0] / counts.max()
        side = 18 * min(1.0, 12 / max(height, width))  # points
        label = f"hits (largest: {counts.max():.0f})"
        style: dict[str, Any] = {
            "marker": "s",
            "facecolor": "white",
            "edgecolor": "black",
            "linewidth": 0.8,
        }
        axes.scatter(columns, rows, s=side**2 * share, label=label, **style)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    return finish(axes, config, xlabel="Column of the grid", ylabel="Row of the grid")
