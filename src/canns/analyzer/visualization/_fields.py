"""Pictures of what neurons have learnt: components and receptive fields."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_matrix, check_vector
from canns.analyzer.visualization._arguments import check_config, check_names, check_shape
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import (
    AxesArray,
    by_kind,
    columns_for,
    finish_panels,
    panels,
)
from canns.analyzer.visualization._style import BLUE, bare, caption, open_axes, picture
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["component_gallery", "response_fields"]


@picture
def component_gallery(
    learned: ArrayLike,
    reference: ArrayLike,
    shape: tuple[int, int],
    names: Sequence[str] = ("Learned", "PCA"),
    config: PlotConfig | None = None,
    *,
    shares: ArrayLike | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    r"""Show learned components over the reference that they should equal up to sign.

    Args:
        learned: Components, one a row, (K, height * width).
        reference: Components to compare with, (K, height * width); shown with the learned sign.
        shape: Height and width.
        names: Names of the two rows.
        config: Settings; its ``kwargs`` go to the images. None for the defaults.
        shares: Share of the variance that each learned component explains, (K,), or None.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes, (2, K): learned and reference, in rows of eight pairs. Over each
        pair are its number, the share of the variance, and the absolute cosine between the two.

    Example:
        >>> import numpy as np
        >>> figure, axes = component_gallery(
        ...     np.eye(2, 4), -np.eye(2, 4), (2, 2), shares=[0.6, 0.2]
        ... )
        >>> axes[0, 0].get_title()
        '1: 60 % of variance\n|cos| = 1.000'
    """
    top = check_matrix("learned", learned)
    bottom = check_matrix("reference", reference, top.shape[1])
    if len(bottom) != len(top):
        raise ValidationError("reference", f"of {len(top)} rows, as learned", f"{len(bottom)}")
    shape, names = check_shape(shape, top.shape[1]), check_names("names", names, 2)
    parts = None if shares is None else check_vector("shares", shares, len(top))
    config = check_config(config)
    cosines = np.sum(_unit(top) * _unit(bottom), axis=1)
    columns = columns_for(config, ax, len(top), 2.4)
    blocks = -(-len(top) // columns)
    grid = panels(config, ax, 2 * blocks, columns, (1.7 * columns + 0.6, 4.0 * blocks + 0.3))
    places = by_kind(grid, 2, len(top))
    for k, cosine in enumerate(cosines):
        _field(places[0, k], top[k], shape, config)
        _field(places[1, k], -bottom[k] if cosine < 0 else bottom[k], shape, config)
        number = f"{k + 1}" if parts is None else f"{k + 1}: {100 * parts[k]:.3g} % of variance"
        caption(places[0, k], f"{number}\n|cos| = {abs(cosine):.3f}", 10)
        if k % columns == 0:
            for axes, name in zip(places[:, k], names, strict=True):
                axes.set_ylabel(name)
    figure, _ = finish_panels(grid, config)
    return figure, places


@picture
def response_fields(
    weights: ArrayLike,
    shape: tuple[int, int],
    labels: Sequence[str] = (),
    config: PlotConfig | None = None,
    *,
    tuning: tuple[ArrayLike, ArrayLike] | None = None,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    """Show each neuron's weights as an image, red for positive and blue for negative.

    Args:
        weights: One neuron a row, (N, height * width).
        shape: Height and width.
        labels: Title of each image, or none.
        config: Settings; its ``kwargs`` go to the images. None for the defaults.
        tuning: Orientations in degrees, (A,), and the response of each neuron to them, (N, A), to
            draw under its image; None for images alone.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes: the images, (1, N), or images and tuning curves, (2, N). Each image
        is scaled by its own largest weight, each tuning curve by its own peak.

    Example:
        >>> import numpy as np
        >>> figure, axes = response_fields(np.eye(3, 4), (2, 2), ["a", "b", "c"])
        >>> axes[0, 2].get_title()
        'c'
    """
    rows = check_matrix("weights", weights)
    shape = check_shape(shape, rows.shape[1])
    labels = check_names("labels", labels, len(rows) if labels else None)
    curves = None if tuning is None else _check_tuning(tuning, len(rows))
    config = check_config(config)
    each = 1 if curves is None else 2
    columns = columns_for(config, ax, len(rows), 0.7 + 0.5 * each)
    lines = -(-len(rows) // columns)
    size = (1.3 * columns + 0.2, (1.0 + 0.5 * each) * lines + 0.4)
    ratios = [1.0, 0.5][:each] * lines
    grid = panels(config, ax, lines * each, columns, size, height_ratios=ratios)
    places = by_kind(grid, each, len(rows))
    for axes, row in zip(places[0], rows, strict=True):
        _field(axes, row, shape, config)
    for axes, label in zip(places[0], labels, strict=False):
        caption(axes, label, 9)
    if curves is not None:
        for axes, responses in zip(places[1], curves[1], strict=True):
            _tuning_below(axes, curves[0], responses)
        places[1, 0].set_ylabel("response", fontsize=10)
        places[1, 0].set_xlabel("orientation", fontsize=10)
    figure, _ = finish_panels(grid, config)
    return figure, places


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
    axes.plot(around, np.append(responses, responses[0]) / peak, color=BLUE, linewidth=1.4)
    open_axes(axes, xlim=(0, 180), ylim=(0, 1.1), xticks=[0, 90, 180], yticks=[0, 1])
    axes.set_xticklabels(["0°", "90°", "180°"])
    axes.tick_params(labelsize=8)


def _field(axes: Axes, row: AnyArray, shape: tuple[int, int], config: PlotConfig) -> None:
    limit = float(np.abs(row).max()) or 1.0
    style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, **config.kwargs}
    axes.imshow(row.reshape(shape), **style)
    bare(axes)


def _unit(rows: AnyArray) -> AnyArray:
    unit: AnyArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
