"""Pictures of what an associative memory recalled."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_matrix
from canns.analyzer.visualization._arguments import check_config, check_names, check_shape
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._style import COLUMNS, framed, remove_empty
from canns.errors import ValidationError

__all__ = ["recall_gallery"]


def recall_gallery(
    stored: ArrayLike,
    cues: ArrayLike,
    recalled: ArrayLike,
    shape: tuple[int, int],
    names: Sequence[str],
    config: PlotConfig | None = None,
) -> Figure:
    """Show each stored image over its cue and its recall, with their overlaps.

    Args:
        stored: +-1 images, one a row, (P, height * width).
        cues: The corrupted images, (P, height * width).
        recalled: The recalled images, (P, height * width).
        shape: Height and width.
        names: A name for each image.
        config: Settings; None for the defaults.

    Returns:
        The figure, with one column per image, in blocks of eight.

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> import numpy as np
        >>> image = np.ones((1, 4))
        >>> figure = recall_gallery(image, -image, image, (2, 2), ["white"])
        >>> len(figure.axes)
        3
        >>> plt.close(figure)
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
    columns, kinds = min(COLUMNS, len(names)), len(rows)
    blocks = -(-len(names) // columns)
    style = {"cmap": "gray", "vmin": -1, "vmax": 1, **config.kwargs}
    figure, grid = plt.subplots(
        kinds * blocks,
        columns,
        figsize=config.figsize or (1.9 * columns + 0.4, 6.3 * blocks),
        layout="constrained",
        squeeze=False,
    )
    figure.suptitle(config.title, fontsize=14)
    for k, name in enumerate(names):
        block, column = divmod(k, columns)
        for axes, (kind, images) in zip(grid[kinds * block :, column], rows.items(), strict=False):
            axes.imshow(images[k].reshape(shape), **style)
            framed(axes)
            overlap = np.mean(images[k] * first[k])
            axes.set_title(name if kind == "Stored" else f"overlap {overlap:.2f}", fontsize=11)
            if column == 0:
                axes.set_ylabel(kind, fontsize=12)
    remove_empty(grid)
    config.finish(figure)
    return figure
