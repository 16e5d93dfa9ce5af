"""Pictures of what an associative memory recalled."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_matrix
from canns.analyzer.visualization._arguments import check_config, check_names, check_shape
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._style import bare
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
        The figure, with one column per image.

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
    count = len(names)
    style = {"cmap": "gray", "vmin": -1, "vmax": 1, **config.kwargs}
    figure, grid = plt.subplots(
        3,
        count,
        figsize=config.figsize or (1.9 * count + 0.4, 6.3),
        layout="constrained",
        squeeze=False,
    )
    figure.suptitle(config.title)
    for axes_row, (kind, images) in zip(grid, rows.items(), strict=True):
        axes_row[0].set_ylabel(kind, fontsize=12)
        for axes, image, target in zip(axes_row, images, rows["Stored"], strict=True):
            axes.imshow(image.reshape(shape), **style)
            bare(axes)
            if kind != "Stored":
                axes.set_title(f"overlap {np.mean(image * target):.2f}", fontsize=10)
    for axes, name in zip(grid[0], names, strict=True):
        axes.set_title(name, fontsize=12)
    config.finish(figure)
    return figure
