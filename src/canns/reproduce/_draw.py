"""Pictures of findings. Matplotlib is loaded when one is drawn, not to list the figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import ArrayLike

from canns.reproduce._figure import Canvas

__all__ = ["Draw", "curves", "marked", "split"]

Draw = Callable[[Canvas], None]


def split(
    canvas: Canvas,
    rows: int,
    columns: int,
    width_ratios: Sequence[float] | None = None,
    height_ratios: Sequence[float] | None = None,
) -> list[Canvas]:
    """Return the parts of a canvas, row by row.

    Args:
        canvas: An empty canvas.
        rows: Number of rows.
        columns: Number of columns.
        width_ratios: Relative widths of the columns; None for equal ones.
        height_ratios: Relative heights of the rows; None for equal ones.
    """
    parts: Any = canvas.subfigures(
        rows,
        columns,
        squeeze=False,
        width_ratios=width_ratios,
        height_ratios=height_ratios,
    )
    return [part for row in parts for part in row]


def curves(
    title: str,
    xlabel: str,
    ylabel: str,
    measured: Mapping[str, tuple[ArrayLike, ...]],
    theory: Mapping[str, tuple[ArrayLike, ...]],
    **axes_options: Any,
) -> Draw:
    """Return a function that draws points, (x, y, error), over lines of theory, (x, y).

    Args:
        title: Title above the axes.
        xlabel: Label of the horizontal axis.
        ylabel: Label of the vertical axis.
        measured: Points by name, with or without errors.
        theory: Lines by name; a line and points of one name share a colour.
        **axes_options: Options set on the axes, such as ``yscale="log"``.
    """

    def draw(canvas: Canvas) -> None:
        from canns.analyzer.visualization import PlotConfig, Series, measured_over_theory

        def series(x: ArrayLike, y: ArrayLike, error: ArrayLike | None = None) -> Series:
            return Series(x, y, error)

        points = {name: series(*values) for name, values in measured.items()}
        lines = {name: series(*values) for name, values in theory.items()}
        # Without a line of theory the points are joined, to guide the eye.
        joined = {} if theory else {"fmt": "o-", "linewidth": 0.8}
        config = PlotConfig(title=title, xlabel=xlabel, ylabel=ylabel, kwargs=joined)
        _, axes = measured_over_theory(points, lines, config, ax=canvas.subplots())
        axes.set(**axes_options)

    return draw


def marked(draw: Draw, x: float, label: str) -> Draw:
    """Return a function that draws this, and a dashed vertical line at ``x`` with its label."""

    def draw_marked(canvas: Canvas) -> None:
        draw(canvas)
        axes = canvas.gca()
        axes.axvline(x, color="0.4", linestyle="--", linewidth=1.2, label=label)
        axes.legend(frameon=False)

    return draw_marked
