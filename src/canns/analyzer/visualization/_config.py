"""Settings of a figure: labels, size, and the file to write."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._replacing import replacing
from canns._validation import (
    check_flag,
    check_folder,
    check_real,
    check_size,
    check_vector,
    did_you_mean,
)
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
        save_path: File to write, or None; its ending chooses the format.
        show: Open a window and wait.
        kwargs: Options of the drawing call, such as ``{"linewidth": 1}``.
        num_bins: Number of stimulus bins of a tuning curve; other pictures refuse it.
        pref_stim: Preferred stimulus of each neuron of a tuning curve, (N,), shown in the legend.
        grid: Draw a grid behind the curves.
        dpi: Dots per inch of the file; None for the style's.
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
    dpi: float | None = None

    def __post_init__(self) -> None:
        for name in ("title", "xlabel", "ylabel"):
            if not isinstance(getattr(self, name), str):
                raise ValidationError(name, "a string", repr(getattr(self, name)))
        if self.figsize is not None:
            check_pair("figsize", self.figsize)
        if self.save_path is not None:
            _check_file(self.save_path)
        check_flag("show", self.show)
        named = isinstance(self.kwargs, Mapping) and all(isinstance(k, str) for k in self.kwargs)
        if not named:
            expected = "options of the drawing call by name"
            raise ValidationError("kwargs", expected, repr(self.kwargs))
        check_size("num_bins", self.num_bins)
        if self.pref_stim is not None:
            check_vector("pref_stim", self.pref_stim)
        check_flag("grid", self.grid)
        if self.dpi is not None:
            check_real("dpi", self.dpi, low=1, high=2400)

    def finish(self, figure: Figure) -> None:
        """Save and show the figure, if the settings ask for it."""
        with readable_text(figure):
            if self.save_path is not None:
                path = Path(self.save_path)
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.suffix:
                    path = path.with_name(f"{path.name}.{plt.rcParams['savefig.format']}")
                with replacing(path, "save_path") as part:
                    figure.savefig(part, dpi=self.dpi, bbox_inches="tight")
            if self.show:
                plt.show()


def check_pair(name: str, pair: object) -> tuple[float, float]:
    """Return a width and a height, or raise."""
    values = check_vector(name, pair, 2)
    for value in values.tolist():
        check_real(name, value, low=0, open_low=True)
    return float(values[0]), float(values[1])


def _check_file(path: object) -> None:
    """Raise unless a picture of this name can be written."""
    if not isinstance(path, str | os.PathLike):
        raise ValidationError("save_path", "a path or None", repr(path))
    check_folder("save_path", Path(path).parent)
    ending = Path(path).suffix.lower().removeprefix(".")
    known = FigureCanvasBase.get_supported_filetypes()
    if ending and ending not in known:
        expected = f"a name that ends in one of {', '.join(known)}"
        raise ValidationError("save_path", expected, repr(str(path)), did_you_mean(ending, known))


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
        dpi: float | None = None,
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
            kwargs={} if kwargs is None else kwargs,
            num_bins=num_bins,
            pref_stim=pref_stim,
            grid=grid,
            dpi=dpi,
        )
