"""Settings of a figure: labels, size, and the file to write."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_flag, check_size
from canns.analyzer.visualization._style import readable_text
from canns.errors import ValidationError

__all__ = ["PlotConfig", "PlotConfigs"]


@dataclass(frozen=True)
class PlotConfig:
    """Settings of one figure.

    Args:
        title: Title above the axes.
        xlabel: Label of the horizontal axis.
        ylabel: Label of the vertical axis.
        figsize: Width and height in inches; None for the figure's default.
        save_path: File to write, or None.
        show: Open a window and wait.
        kwargs: Options of the drawing call, such as ``{"linewidth": 1}``.
        num_bins: Number of stimulus bins of a tuning curve.
        pref_stim: Preferred stimulus of each neuron, (N,), shown in the legend.
        grid: Draw a grid behind the curves.
    """

    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    figsize: tuple[float, float] | None = None
    save_path: str | os.PathLike[str] | None = None
    show: bool = False
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    num_bins: int = 50
    pref_stim: ArrayLike | None = None
    grid: bool = False

    def __post_init__(self) -> None:
        check_flag("show", self.show)
        if not isinstance(self.save_path, str | os.PathLike | None):
            raise ValidationError("save_path", "a path or None", repr(self.save_path))

    def finish(self, figure: Figure) -> None:
        """Save and show the figure, if the settings ask for it."""
        with readable_text(figure):
            if self.save_path is not None:
                Path(self.save_path).parent.mkdir(parents=True, exist_ok=True)
                figure.savefig(self.save_path, dpi=150, bbox_inches="tight")
            if self.show:
                plt.show()


class PlotConfigs:
    """Default settings of each kind of figure."""

    @staticmethod
    def tuning_curve(
        num_bins: int = 50,
        title: str = "Tuning curve",
        xlabel: str = "Stimulus",
        ylabel: str = "Mean firing rate",
        figsize: tuple[float, float] = (8.0, 5.0),
        save_path: str | os.PathLike[str] | None = None,
        show: bool = False,
        kwargs: Mapping[str, Any] | None = None,
        *,
        pref_stim: ArrayLike | None = None,
        grid: bool = False,
    ) -> PlotConfig:
        """Return the settings of :func:`tuning_curve`; arguments as of :class:`PlotConfig`.

        Example:
            >>> PlotConfigs.tuning_curve(num_bins=12, xlabel="Orientation (deg)").num_bins
            12
        """
        return PlotConfig(
            title=title,
            xlabel=xlabel,
            ylabel=ylabel,
            figsize=figsize,
            save_path=save_path,
            show=show,
            kwargs=dict(kwargs or {}),
            num_bins=check_size("num_bins", num_bins),
            pref_stim=pref_stim,
            grid=check_flag("grid", grid),
        )
