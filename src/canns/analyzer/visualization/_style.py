"""The look that the figures share."""

from typing import Any

from matplotlib.axes import Axes

__all__ = ["BLUE", "COLOURS", "GREY", "ORANGE", "bare", "open_axes"]

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#7F7F7F"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def bare(axes: Axes) -> None:
    """Leave only the picture: no ticks, no frame."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def open_axes(axes: Axes, **labels: Any) -> None:
    """Remove the two spines that carry no scale, and label the axes."""
    axes.set(**labels)
    axes.spines[["top", "right"]].set_visible(False)
