"""Tuning curves: mean response against stimulus."""

import os
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_matrix, check_size, check_vector
from canns.analyzer.visualization._arguments import check_config
from canns.analyzer.visualization._config import PlotConfig, PlotConfigs
from canns.analyzer.visualization._panels import finish, one_panel
from canns.analyzer.visualization._style import picture
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["tuning_curve"]

_SIZE = (8.0, 5.0)


@picture
def tuning_curve(
    stimulus: ArrayLike,
    firing_rates: ArrayLike,
    neuron_indices: ArrayLike | None = None,
    config: PlotConfig | None = None,
    *,
    pref_stim: ArrayLike | None = None,
    num_bins: int | None = None,
    title: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    figsize: tuple[float, float] | None = None,
    save_path: str | os.PathLike[str] | None = None,
    show: bool | None = None,
    grid: bool | None = None,
    ax: Axes | None = None,
    **kwargs: Any,
) -> tuple[Figure, Axes]:
    """Plot each neuron's mean response in bins of the stimulus.

    Args:
        stimulus: Stimulus at each time, (T,).
        firing_rates: Responses, (T, N).
        neuron_indices: Neuron, or neurons, to draw; None for all.
        config: Settings; None for the defaults. Arguments given beside it override it.
        pref_stim: Preferred stimulus of each neuron, (N,), shown in the legend.
        num_bins: Number of stimulus bins.
        title: Title above the axes.
        xlabel: Label of the horizontal axis.
        ylabel: Label of the vertical axis.
        figsize: Width and height in inches.
        save_path: File to write.
        show: Open a window and wait.
        grid: Draw a grid behind the curves.
        ax: Axes to draw on; None for a new figure.
        **kwargs: Options of the drawing call, such as ``linewidth=2``.

    Returns:
        The figure and its axes. Bins without a stimulus are left out of the curve.

    Raises:
        ValidationError: If shapes do not agree, or a neuron does not exist.

    Example:
        >>> import numpy as np
        >>> angle = np.linspace(0, 180, 200)
        >>> rates = np.exp(-((angle[:, None] - [45, 90]) ** 2) / 400)
        >>> fig, ax = tuning_curve(stimulus=angle, firing_rates=rates, neuron_indices=[0, 1])
        >>> len(ax.lines)
        2
    """
    given = {
        "pref_stim": pref_stim,
        "num_bins": num_bins,
        "title": title,
        "xlabel": xlabel,
        "ylabel": ylabel,
        "figsize": figsize,
        "save_path": save_path,
        "show": show,
        "grid": grid,
    }
    config = PlotConfigs.tuning_curve() if config is None else check_config(config, bins=True)
    changes: dict[str, Any] = {name: v for name, v in given.items() if v is not None}
    config = replace(config, kwargs={**config.kwargs, **kwargs}, **changes)
    values = check_vector("stimulus", stimulus)
    rates = check_matrix("firing_rates", firing_rates)
    if len(rates) != len(values):
        expected = f"as long as stimulus, {len(values)}"
        raise ValidationError("firing_rates", expected, f"{len(rates)} rows", "Give (T, N).")
    neurons = _neurons(neuron_indices, rates.shape[1])
    centres, means = _bin_means(values, rates, check_size("num_bins", config.num_bins))
    labels = _labels(rates.shape[1], config.pref_stim)
    if ax is not None and config.figsize == _SIZE:  # the default of PlotConfigs, which nobody chose
        config = replace(config, figsize=None)
    axes = one_panel(config, ax)
    for neuron in neurons:
        style = {"label": labels[neuron], "marker": "o", "markersize": 3, **config.kwargs}
        axes.plot(centres, means[:, neuron], **style)
    if len(neurons) > 1 or config.pref_stim is not None:
        axes.legend()
    return finish(axes, config, xlabel="", ylabel="")


def _labels(count: int, preferred: ArrayLike | None) -> list[str]:
    """Return the name of each neuron in the legend."""
    if preferred is None:
        return [f"Neuron {i}" for i in range(count)]
    remedy = "Give one preferred stimulus for each neuron of firing_rates."
    stimuli = check_vector("pref_stim", preferred, count, remedy=remedy)
    return [f"Neuron {i}, prefers {value:.3g}" for i, value in enumerate(stimuli)]


def _neurons(indices: ArrayLike | None, count: int) -> list[int]:
    if indices is None:
        return list(range(count))
    neurons = [check_size("neuron_indices", i, low=0) for i in np.atleast_1d(indices).tolist()]
    if not neurons or max(neurons) >= count:
        raise ValidationError("neuron_indices", f"neurons from 0 to {count - 1}", str(indices))
    return neurons


def _bin_means(stimulus: AnyArray, rates: AnyArray, num_bins: int) -> tuple[AnyArray, AnyArray]:
    edges = np.histogram_bin_edges(stimulus, num_bins)
    bins = np.clip(np.digitize(stimulus, edges) - 1, 0, num_bins - 1)
    counts = np.bincount(bins, minlength=num_bins)
    filled = counts > 0
    sums = np.zeros((num_bins, rates.shape[1]))
    np.add.at(sums, bins, rates)
    centres = (edges[:-1] + edges[1:]) / 2
    return centres[filled], sums[filled] / counts[filled, None]
