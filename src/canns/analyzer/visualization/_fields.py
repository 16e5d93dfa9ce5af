"""Pictures of weights: components and receptive fields."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from numpy.typing import ArrayLike

from canns._validation import check_matrix, check_vector
from canns.analyzer.visualization._arguments import (
    check_canvas,
    check_config,
    check_names,
    check_shape,
)
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._style import BLUE, COLUMNS, bare, open_axes, remove_empty
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["component_gallery", "response_fields"]


def component_gallery(
    learned: ArrayLike,
    reference: ArrayLike,
    shape: tuple[int, int],
    names: Sequence[str] = ("Learned", "PCA"),
    config: PlotConfig | None = None,
    *,
    shares: ArrayLike | None = None,
) -> Figure:
    r"""Show learned components over the reference that they should equal up to sign.

    Args:
        learned: Components, one a row, (K, height * width).
        reference: Components to compare with, (K, height * width); shown with the learned sign.
        shape: Height and width.
        names: Names of the two rows.
        config: Settings; None for the defaults.
        shares: Share of the variance that each learned component explains, (K,), or None.

    Returns:
        The figure, in rows of eight pairs. Over each pair are its number, the share of the
        variance, and the absolute cosine between the two.

    Example:
        >>> import numpy as np
        >>> figure = component_gallery(np.eye(2, 4), -np.eye(2, 4), (2, 2), shares=[0.6, 0.2])
        >>> figure.axes[0].get_title()
        '1: 60 % of variance\n|cos| = 1.000'
        >>> plt.close(figure)
    """
    top = check_matrix("learned", learned)
    bottom = check_matrix("reference", reference, top.shape[1])
    if len(bottom) != len(top):
        raise ValidationError("reference", f"of {len(top)} rows, as learned", f"{len(bottom)}")
    shape, names = check_shape(shape, top.shape[1]), check_names("names", names, 2)
    parts = None if shares is None else check_vector("shares", shares, len(top))
    config = check_config(config)
    cosines = np.sum(_unit(top) * _unit(bottom), axis=1)
    columns = min(COLUMNS, len(top))
    lines = 2 * -(-len(top) // columns)
    size = (1.7 * columns + 0.6, 2.0 * lines + 0.3)
    figure, grid = plt.subplots(
        lines, columns, figsize=config.figsize or size, layout="constrained", squeeze=False
    )
    figure.suptitle(config.title, fontsize=14)
    for line in range(0, lines, 2):
        for axes, name in zip(grid[line : line + 2, 0], names, strict=True):
            axes.set_ylabel(name, fontsize=12)
    for k, cosine in enumerate(cosines):
        line, column = 2 * (k // columns), k % columns
        _field(grid[line, column], top[k], shape, config)
        below = -bottom[k] if cosine < 0 else bottom[k]
        _field(grid[line + 1, column], below, shape, config)
        number = f"{k + 1}" if parts is None else f"{k + 1}: {100 * parts[k]:.3g} % of variance"
        grid[line, column].set_title(f"{number}\n|cos| = {abs(cosine):.3f}", fontsize=10)
    remove_empty(grid)
    config.finish(figure)
    return figure


def response_fields(
    weights: ArrayLike,
    shape: tuple[int, int],
    labels: Sequence[str] = (),
    config: PlotConfig | None = None,
    canvas: FigureBase | None = None,
    *,
    tuning: tuple[ArrayLike, ArrayLike] | None = None,
) -> FigureBase:
    """Show each neuron's weights as an image, red for positive and blue for negative.

    Args:
        weights: One neuron a row, (N, height * width).
        shape: Height and width.
        labels: Title of each image, or none.
        config: Settings; None for the defaults.
        canvas: A part of a figure to draw on; None for a new figure.
        tuning: Orientations in degrees, (A,), and the response of each neuron to them, (N, A), to
            draw under its image; None for images alone.

    Returns:
        The figure or part drawn on. Each image is scaled by its own largest weight, each tuning
        curve by its own peak.

    Example:
        >>> import numpy as np
        >>> figure = response_fields(np.eye(3, 4), (2, 2), ["a", "b", "c"])
        >>> figure.axes[2].get_title()
        'c'
        >>> plt.close(figure)
    """
    rows = check_matrix("weights", weights)
    shape, labels = check_shape(shape, rows.shape[1]), check_names("labels", labels)
    curves = None if tuning is None else _check_tuning(tuning, len(rows))
    config, canvas = check_config(config), check_canvas(canvas)
    columns = min(COLUMNS, len(rows))
    lines, each = -(-len(rows) // columns), 1 if curves is None else 2
    size = (1.3 * columns + 0.2, (1.0 + 0.5 * each) * lines + 0.4)
    own = canvas is None
    figure = plt.figure(figsize=config.figsize or size, layout="constrained") if own else canvas
    assert figure is not None
    ratios = [1.0, 0.5][:each] * lines
    grid = figure.subplots(lines * each, columns, squeeze=False, height_ratios=ratios)
    figure.suptitle(config.title)
    fields = grid[::each].ravel()
    for axes, row in zip(fields, rows, strict=False):
        _field(axes, row, shape, config)
    for axes, label in zip(fields, labels, strict=False):
        axes.set_title(label, fontsize=9)
    if curves is not None:
        below = grid[1::2].ravel()
        for axes, responses in zip(below, curves[1], strict=False):
            _tuning_below(axes, curves[0], responses)
        below[0].set_ylabel("response", fontsize=8)
    remove_empty(grid)
    if isinstance(figure, Figure) and own:
        config.finish(figure)
    return figure


def _check_tuning(tuning: tuple[ArrayLike, ArrayLike], count: int) -> tuple[AnyArray, AnyArray]:
    """Return orientations, (A,), and responses, (N, A)."""
    if not isinstance(tuning, tuple) or len(tuning) != 2:
        raise ValidationError("tuning", "(orientations, responses) or None", repr(tuning))
    angles = check_vector("tuning", tuning[0])
    responses = check_matrix("tuning", tuning[1], len(angles))
    if len(responses) != count:
        raise ValidationError("tuning", f"responses of {count} neurons", f"{len(responses)}")
    return angles, responses


def _tuning_below(axes: Axes, angles: AnyArray, responses: AnyArray) -> None:
    """Draw a tuning curve around the circle, from 0 to 180 degrees."""
    peak = float(np.abs(responses).max()) or 1.0
    around = np.append(angles, angles[0] + 180)
    axes.plot(around, np.append(responses, responses[0]) / peak, color=BLUE, linewidth=1.2)
    open_axes(axes, xlim=(0, 180), ylim=(0, 1.1), xticks=[0, 90, 180], yticks=[0, 1])
    axes.set_xticklabels(["0°", "90°", "180°"], fontsize=7)
    axes.tick_params(labelsize=7)


def _field(axes: Axes, row: AnyArray, shape: tuple[int, int], config: PlotConfig) -> None:
    limit = float(np.abs(row).max()) or 1.0
    style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, **config.kwargs}
    axes.imshow(row.reshape(shape), **style)
    bare(axes)


def _unit(rows: AnyArray) -> AnyArray:
    unit: AnyArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
