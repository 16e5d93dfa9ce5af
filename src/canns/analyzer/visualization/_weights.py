"""Pictures of weights: the matrix, its spectrum, and their distribution over training."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_array, check_matrix, check_vector
from canns.analyzer.visualization._arguments import check_bins, check_config
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import figure_of, finish, one_panel
from canns.analyzer.visualization._style import BLUE, ORANGE, picture, shades
from canns.analyzer.visualization._theory import Series, check_series
from canns.errors import ValidationError

__all__ = ["eigenvalue_density", "weight_histogram", "weight_matrix"]

_MOST = 6  # histograms in one picture


@picture
def weight_matrix(
    weights: ArrayLike,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show a weight matrix, red for positive and blue for negative weights.

    Args:
        weights: W, (post, pre).
        config: Settings; its ``kwargs`` go to the image. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = weight_matrix([[0.0, -0.5], [-0.5, 0.0]])
        >>> axes.images[0].get_clim()
        (-0.5, 0.5)
    """
    matrix = check_matrix("weights", weights)
    config = check_config(config)
    axes = one_panel(config, ax, (6.4, 5.2))
    limit = float(np.abs(matrix).max()) or 1.0
    style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, **config.kwargs}
    image = axes.imshow(matrix, **{"interpolation": "nearest", "aspect": "auto", **style})
    figure_of(axes).colorbar(image, ax=axes, label="Weight $W_{ij}$")
    return finish(axes, config, xlabel="Presynaptic neuron $j$", ylabel="Postsynaptic neuron $i$")


@picture
def eigenvalue_density(
    eigenvalues: ArrayLike,
    density: Series | None = None,
    config: PlotConfig | None = None,
    *,
    num_bins: int = 60,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show the density of the eigenvalues of a weight matrix, under that of theory.

    Args:
        eigenvalues: Real eigenvalues, (N,), such as those of
            :func:`~canns.analyzer.metrics.weight_spectrum`.
        density: Eigenvalues and their density by theory, such as Marchenko and Pastur's law;
            None for no line.
        config: Settings; its ``kwargs`` go to the histogram. None for the defaults.
        num_bins: Number of bins.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = eigenvalue_density([-0.5, 0.5, 0.5, 0.5], num_bins=2)
        >>> [float(bar.get_height()) for bar in axes.patches]
        [0.5, 1.5]
    """
    values = check_vector("eigenvalues", eigenvalues)
    bins = check_bins(num_bins)
    if not isinstance(density, Series | None):
        raise ValidationError("density", "a Series or None", repr(density))
    line = None if density is None else check_series("density", density)
    config = check_config(config)
    axes = one_panel(config, ax)
    style = {"color": BLUE, "alpha": 0.55, "label": f"{len(values)} eigenvalues", **config.kwargs}
    axes.hist(values, bins, density=True, **style)
    if line is not None:
        axes.plot(np.asarray(line.x), np.asarray(line.y), color=ORANGE, label="theory")
    axes.legend()
    return finish(axes, config, xlabel=r"Eigenvalue $\lambda$", ylabel=r"Density $\rho(\lambda)$")


@picture
def weight_histogram(
    weights: ArrayLike,
    times: ArrayLike | None = None,
    config: PlotConfig | None = None,
    *,
    num_bins: int = 40,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show the distribution of weights at some times of a training run, from dark to bright.

    Args:
        weights: Weights at each time, (R, ...), such as ``record.history["W"]`` of a run with a
            :class:`~canns.plasticity.Monitor`.
        times: Number of samples shown before each record, (R,), such as ``record.times``; None
            for the records' numbers. Six records, evenly spaced, are drawn at most.
        config: Settings; its ``kwargs`` go to the lines. None for the defaults.
        num_bins: Number of bins, the same for all times.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = weight_histogram([[0.5, 0.5], [0.0, 1.0]], [0, 100], num_bins=2)
        >>> [text.get_text() for text in axes.get_legend().get_texts()]
        ['0 samples', '100 samples']
    """
    rows = check_array("weights", weights)
    if rows.ndim < 2 or rows.size == 0:
        expected = "one record or more of weights, (records, ...)"
        raise ValidationError("weights", expected, f"shape {rows.shape}")
    flat = rows.reshape(len(rows), -1)
    when = None if times is None else check_vector("times", times, len(flat))
    bins = check_bins(num_bins)
    config = check_config(config)
    chosen = np.unique(np.linspace(0, len(flat) - 1, min(_MOST, len(flat))).round().astype(int))
    edges = np.histogram_bin_edges(flat, bins)
    axes = one_panel(config, ax)
    for place, colour in zip(chosen, shades(len(chosen)), strict=True):
        label = f"record {place + 1}" if when is None else f"{when[place]:,.0f} samples"
        share = np.histogram(flat[place], edges)[0] / flat.shape[1]
        style = {"color": colour, "linewidth": 1.8, "label": label, **config.kwargs}
        axes.stairs(share, edges, **style)
    axes.legend()
    return finish(axes, config, xlabel="Weight $w$", ylabel="Share of the synapses per bin")
