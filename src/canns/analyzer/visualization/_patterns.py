"""Pictures of patterns, and of what an associative memory recalled of them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_matrix
from canns.analyzer.visualization._arguments import check_config, check_names, check_shape
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import (
    AxesArray,
    by_kind,
    columns_for,
    finish_panels,
    panels,
)
from canns.analyzer.visualization._style import caption, framed, grey_levels, picture
from canns.errors import ValidationError

__all__ = ["pattern_gallery", "recall_gallery"]


@picture
def pattern_gallery(
    patterns: ArrayLike,
    shape: tuple[int, int],
    names: Sequence[str] | None = None,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    """Show patterns as images in rows of eight, the least value black and the largest white.

    Args:
        patterns: One pattern a row, (P, height * width).
        shape: Height and width.
        names: A name for each pattern, or None.
        config: Settings; its ``kwargs`` go to the images. None for the defaults.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes, (P,).

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> import numpy as np
        >>> figure, axes = pattern_gallery(np.eye(3, 4), (2, 2), ["a", "b", "c"])
        >>> axes[2].get_title()
        'c'
    """
    rows = check_matrix("patterns", patterns)
    shape = check_shape(shape, rows.shape[1])
    names = check_names("names", names, None if names is None else len(rows))
    config = check_config(config)
    columns = columns_for(config, ax, len(rows))
    lines = -(-len(rows) // columns)
    grid = panels(config, ax, lines, columns, (1.5 * columns + 0.4, 1.75 * lines + 0.3))
    places = grid.ravel()[: len(rows)]
    style = {**grey_levels(rows), **config.kwargs}
    for k, (axes, row) in enumerate(zip(places, rows, strict=True)):
        axes.imshow(row.reshape(shape), **style)
        framed(axes)
        if names:
            caption(axes, names[k])
    figure, _ = finish_panels(grid, config)
    return figure, places


@picture
def recall_gallery(
    stored: ArrayLike,
    cues: ArrayLike,
    recalled: ArrayLike,
    shape: tuple[int, int],
    names: Sequence[str],
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    r"""Show each stored image over its cue and its recall, with their overlaps.

    .. math:: m = \frac1N \sum_i \xi_i s_i

    Args:
        stored: Images of -1 and 1, one a row, (P, height * width).
        cues: The corrupted images, (P, height * width).
        recalled: The recalled images, (P, height * width).
        shape: Height and width.
        names: A name for each image.
        config: Settings; its ``kwargs`` go to the images. None for the defaults.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes, (3, P): stored, cue, recalled. They are drawn in blocks of eight
        images.

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> import numpy as np
        >>> image = np.ones((1, 4))
        >>> figure, axes = recall_gallery(image, -image, image, (2, 2), ["white"])
        >>> axes[1, 0].get_title()
        'overlap -1.00'
    """
    first = check_matrix("stored", stored)
    width = first.shape[1]
    rows = {
        "Stored": first,
        "Cue": check_matrix("cues", cues, width),
        "Recalled": check_matrix("recalled", recalled, width),
    }
    shape, names = check_shape(shape, width), check_names("names", names)
    config = check_config(config)
    counts = {len(images) for images in rows.values()} | {len(names)}
    if len(counts) > 1:
        raise ValidationError("names", "one for each image of each kind", f"counts {counts}")
    columns, kinds = columns_for(config, ax, len(names), 3.3), len(rows)
    blocks = -(-len(names) // columns)
    size = (1.9 * columns + 0.4, 6.3 * blocks)
    grid = panels(config, ax, kinds * blocks, columns, size)
    places = by_kind(grid, kinds, len(names))
    style = {"cmap": "gray", "vmin": -1, "vmax": 1, **config.kwargs}
    for line, (kind, images) in zip(places, rows.items(), strict=True):
        for k, (axes, name) in enumerate(zip(line, names, strict=True)):
            title = name if kind == "Stored" else f"overlap {np.mean(images[k] * first[k]):.2f}"
            axes.imshow(images[k].reshape(shape), **style)
            framed(axes)
            caption(axes, title)
            if k % columns == 0:
                axes.set_ylabel(kind)
    figure, _ = finish_panels(grid, config)
    return figure, places
