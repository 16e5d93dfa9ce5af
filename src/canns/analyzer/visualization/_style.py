"""The look that the figures share: one style sheet, colours, and fonts for any script."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.text import Text

from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = [
    "BLUE",
    "COLOURS",
    "COLUMNS",
    "GREY",
    "ORANGE",
    "STYLE",
    "bare",
    "caption",
    "framed",
    "grey_levels",
    "open_axes",
    "picture",
    "readable_text",
    "shades",
]

P = ParamSpec("P")
R = TypeVar("R")

#: The style sheet of the figures, for ``matplotlib.style.use``.
STYLE = "canns.analyzer.visualization.canns"

# Fonts with the scripts that matplotlib's own lacks; those that are installed are used.
_WIDE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Arial Unicode MS",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans",
    "WenQuanYi Zen Hei",
    "Noto Sans",
    "Noto Emoji",
)

# Okabe and Ito's palette, which colour-blind readers can tell apart.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#7F7F7F"
COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

# Pictures in a row of a gallery.
COLUMNS = 8


def picture(draw: Callable[P, R]) -> Callable[P, R]:
    """Let a drawing function use the style sheet for a new figure.

    On axes that the caller gives by ``ax=`` the caller's own style holds.
    """

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs.get("ax") is not None:
            return draw(*args, **kwargs)
        # A backend sets its own options when it is loaded. Loaded inside the context, it would lose
        # them at its end, and a notebook would show no further figure.
        plt.draw_if_interactive()  # type: ignore[no-untyped-call]
        with plt.style.context(STYLE):
            return draw(*args, **kwargs)

    return drawn


def bare(axes: Axes) -> None:
    """Leave only the picture: no ticks, no frame."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def framed(axes: Axes) -> None:
    """Leave only the picture and a thin frame, without which a white picture has no edge."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(color="0.6", linewidth=0.8, visible=True)


def caption(axes: Axes, words: str, size: float = 11) -> None:
    """Put words over a small picture, in plain type."""
    axes.set_title(words, fontsize=size, fontweight="normal")


def grey_levels(images: AnyArray) -> dict[str, float | str]:
    """Return options that show the least value of all images black, and the largest white."""
    low, high = (images.min(), images.max()) if np.ptp(images) else (-1, 1)
    return {"cmap": "gray", "vmin": low, "vmax": high}


def open_axes(axes: Axes, **labels: Any) -> None:
    """Remove the two spines that carry no scale, and label the axes."""
    if not isinstance(axes, Axes):
        raise ValidationError("axes", "axes of matplotlib", repr(axes))
    axes.set(**labels)
    axes.spines[["top", "right"]].set_visible(False)


def shades(count: int) -> list[Any]:
    """Return colours of ``count`` things that have an order, from dark to bright."""
    scale = plt.get_cmap("viridis")
    return [scale(0.9 * k / max(count - 1, 1)) for k in range(count)]


@contextmanager
def readable_text(figure: Figure) -> Iterator[None]:
    """Draw names in any script, with the fonts that are installed, and without warnings of glyphs.

    A glyph that no font has becomes a box.
    """
    texts = [text for text in figure.findobj(Text) if not text.get_text().isascii()]
    if texts:
        installed = {font.name for font in fontManager.ttflist}
        more = [name for name in _WIDE_FONTS if name in installed]
        for text in texts:
            text.set_fontfamily([*text.get_fontfamily(), *more])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        yield
