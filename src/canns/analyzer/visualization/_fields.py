"""Pictures of weights: components and receptive fields."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from numpy.typing import ArrayLike

from canns._validation import check_matrix
from canns.analyzer.visualization._arguments import (
    check_canvas,
    check_config,
    check_names,
    check_shape,
)
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._style import bare
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["component_gallery", "response_fields"]


def component_gallery(
    learned: ArrayLike,
    reference: ArrayLike,
    shape: tuple[int, int],
    names: Sequence[str] = ("Learned", "PCA"),
    config: PlotConfig | None = None,
) -> Figure:
    """Show learned components over the reference that they should equal up to sign.

    Args:
        learned: Components, one a row, (K, height * width).
        reference: Components to compare with, (K, height * width); shown with the learned sign.
        shape: Height and width.
        names: Names of the two rows.
        config: Settings; None for the defaults.

    Returns:
        The figure, with the absolute cosine over each pair.

    Example:
        >>> import numpy as np
        >>> figure = component_gallery(np.eye(2, 4), -np.eye(2, 4), (2, 2))
        >>> figure.axes[0].get_title()
        '|cos| = 1.000'
        >>> plt.close(figure)
    """
    top = check_matrix("learned", learned)
    bottom = check_matrix("reference", reference, top.shape[1])
    if len(bottom) != len(top):
        raise ValidationError("reference", f"of {len(top)} rows, as learned", f"{len(bottom)}")
    shape, names = check_shape(shape, top.shape[1]), check_names("names", names, 2)
    config = check_config(config)
    cosines = np.sum(_unit(top) * _unit(bottom), axis=1)
    count = len(top)
    figure, grid = plt.subplots(
        2,
        count,
        figsize=config.figsize or (1.3 * count + 0.6, 3.2),
        layout="constrained",
        squeeze=False,
    )
    figure.suptitle(config.title)
    for axes, name in zip(grid[:, 0], names, strict=True):
        axes.set_ylabel(name, fontsize=11)
    for k in range(count):
        _field(grid[0, k], top[k], shape, config)
        _field(grid[1, k], -bottom[k] if cosines[k] < 0 else bottom[k], shape, config)
        grid[0, k].set_title(f"|cos| = {abs(cosines[k]):.3f}", fontsize=9)
    config.finish(figure)
    return figure


def response_fields(
    weights: ArrayLike,
    shape: tuple[int, int],
    labels: Sequence[str] = (),
    config: PlotConfig | None = None,
    canvas: FigureBase | None = None,
) -> FigureBase:
    """Show each neuron's weights as an image, red for positive and blue for negative.

    Args:
        weights: One neuron a row, (N, height * width).
        shape: Height and width.
        labels: Title of each image, or none.
        config: Settings; None for the defaults.
        canvas: A part of a figure to draw on; None for a new figure.

    Returns:
        The figure or part drawn on. Each image is scaled by its own largest weight.

    Example:
        >>> import numpy as np
        >>> figure = response_fields(np.eye(3, 4), (2, 2), ["a", "b", "c"])
        >>> figure.axes[2].get_title()
        'c'
        >>> plt.close(figure)
    """
    rows = check_matrix("weights", weights)
    shape, labels = check_shape(shape, rows.shape[1]), check_names("labels", labels)
    config, canvas = check_config(config), check_canvas(canvas)
    columns = min(8, len(rows))
    lines = -(-len(rows) // columns)
    size = (1.3 * columns + 0.2, 1.5 * lines + 0.4)
    own = canvas is None
    figure = plt.figure(figsize=config.figsize or size, layout="constrained") if own else canvas
    assert figure is not None
    grid = figure.subplots(lines, columns, squeeze=False)
    figure.suptitle(config.title)
    for axes in grid.flat[len(rows) :]:
        axes.remove()
    for axes, row in zip(grid.flat, rows, strict=False):
        _field(axes, row, shape, config)
    for axes, label in zip(grid.flat, labels, strict=False):
        axes.set_title(label, fontsize=9)
    if isinstance(figure, Figure) and own:
        config.finish(figure)
    return figure


def _field(axes: Axes, row: AnyArray, shape: tuple[int, int], config: PlotConfig) -> None:
    limit = float(np.abs(row).max()) or 1.0
    style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, **config.kwargs}
    axes.imshow(row.reshape(shape), **style)
    bare(axes)


def _unit(rows: AnyArray) -> AnyArray:
    unit: AnyArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
