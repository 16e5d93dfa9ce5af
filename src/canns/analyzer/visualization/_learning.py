"""Pictures of learning: curves over training, selectivity before and after, variance explained."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from canns._statistics import student_reach
from canns._validation import check_array, check_vector
from canns.analyzer.visualization._arguments import check_config
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import (
    AxesArray,
    finish,
    finish_panels,
    one_panel,
    panels,
)
from canns.analyzer.visualization._style import BLUE, COLOURS, GREY, ORANGE, open_axes, picture
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["explained_variance", "learning_curves", "selectivity_change"]

_DECADES = 100  # a positive curve that spans more is drawn on a logarithmic axis


@picture
def learning_curves(
    curves: Mapping[str, ArrayLike],
    x: ArrayLike | None = None,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, AxesArray]:
    r"""Show quantities over training, each on a panel of its own.

    Args:
        curves: Values by name, (T,), or of several neurons, (T, K): such as the alignment with the
            leading eigenvector, the threshold :math:`\theta`, or the change :math:`|\Delta W|`.
            Positive values that span more than two decades get a logarithmic axis.
        x: Positions of the values, (T,); None for the epochs 1 to T.
        config: Settings; its ``xlabel`` names ``x``, its ``kwargs`` go to the lines. None for the
            defaults.
        ax: Axes that give their place to the panels; None for a new figure.

    Returns:
        The figure and its axes, one for each curve.

    Raises:
        ValidationError: If the curves differ in length, or there is none.

    Example:
        >>> figure, axes = learning_curves({"|dW|": [1.0, 0.1], "alignment": [0.2, 0.9]})
        >>> [panel.get_ylabel() for panel in axes]
        ['|dW|', 'alignment']
    """
    if not isinstance(curves, Mapping) or not curves:
        raise ValidationError("curves", "values by name, of one curve or more", repr(curves))
    values = {name: check_array(name, curve) for name, curve in curves.items()}
    count = max(len(np.atleast_1d(curve)) for curve in values.values())
    for name, curve in values.items():
        if curve.ndim not in (1, 2) or len(curve) != count:
            expected = f"of shape ({count},) or ({count}, neurons)"
            raise ValidationError(name, expected, f"shape {curve.shape}")
    places = np.arange(1, count + 1) if x is None else check_vector("x", x, count)
    config = check_config(config)
    size = (7.0, 1.4 + 1.9 * len(values))
    grid = panels(config, ax, len(values), 1, size, labelled=True, sharex=True)
    for axes, (name, curve) in zip(grid[:, 0], values.items(), strict=True):
        _curve(axes, places, curve, config)
        open_axes(axes, ylabel=name)
        if (curve > 0).all() and curve.max() > _DECADES * curve.min():
            axes.set_yscale("log")
    if config.ylabel:
        grid[0, 0].set_ylabel(config.ylabel)
    last = grid[-1, 0]
    last.set_xlabel(config.xlabel or ("Epoch" if x is None else "Samples"))
    if x is None:
        last.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure, _ = finish_panels(grid, config)
    return figure, grid[:, 0]


@picture
def selectivity_change(
    before: ArrayLike,
    after: ArrayLike,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show each neuron's selectivity before and after learning, and the means of all neurons.

    Args:
        before: Selectivity of each neuron before learning, (N,).
        after: Selectivity of the same neurons after it, (N,).
        config: Settings; its ``kwargs`` go to the lines of the neurons. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes. The bars are Student's 95 % intervals of the means over neurons;
        a single neuron has none.

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> figure, axes = selectivity_change([0.25, 0.5], [0.75, 1.0])
        >>> axes.lines[0].get_ydata().tolist()
        [0.25, 0.75]
    """
    first = check_vector("before", before)
    last = check_vector("after", after, len(first))
    config = check_config(config)
    axes = one_panel(config, ax, (4.8, 4.6))
    pairs = np.stack([first, last])
    count = len(first)
    for k, pair in enumerate(pairs.T):
        label = f"{count} neuron{'s' * (count != 1)}" if k == 0 else "_"
        style = {"color": GREY, "alpha": 0.6, "linewidth": 1.0, "marker": "o", "markersize": 3}
        axes.plot([0, 1], pair, label=label, **{**style, **config.kwargs})
    reach = None
    if count > 1:
        reach = student_reach(pairs.std(axis=1, ddof=1) / np.sqrt(count), count)
    label = "mean" if reach is None else "mean and its 95 % interval"
    line: dict[str, Any] = {
        "color": ORANGE,
        "linewidth": 2.4,
        "markersize": 8,
        "capsize": 5,
        "zorder": 3,
    }
    axes.errorbar([0, 1], pairs.mean(axis=1), reach, fmt="o-", label=label, **line)
    axes.set(xticks=[0, 1], xticklabels=["before", "after"], xlim=(-0.25, 1.25))
    axes.legend(loc="upper left")
    return finish(axes, config, xlabel="Learning", ylabel="Selectivity (0 to 1)")


@picture
def explained_variance(
    shares: ArrayLike,
    reference: ArrayLike | None = None,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show the share of the variance that each component explains, and their sum.

    Args:
        shares: Share of each component, (K,), between 0 and 1.
        reference: Shares of a reference such as PCA, (K,), or None.
        config: Settings; its ``kwargs`` go to the points. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = explained_variance([0.6, 0.2])
        >>> axes.lines[1].get_ydata().round(1).tolist()  # all components so far, in %
        [60.0, 80.0]
    """
    own = 100 * _check_shares("shares", shares)
    other = None if reference is None else 100 * _check_shares("reference", reference, len(own))
    config = check_config(config)
    axes = one_panel(config, ax)
    number = np.arange(1, len(own) + 1)
    points = {"color": BLUE, "marker": "o", "linestyle": "", "markersize": 7, **config.kwargs}
    axes.plot(number, own, **{"label": "each component", **points})
    axes.plot(number, own.cumsum(), **{"label": "all so far", **points, "marker": "^"})
    if other is not None:
        for k, line in enumerate((other, other.cumsum())):
            axes.plot(number, line, color=ORANGE, label="_" if k else "reference", zorder=1)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    return finish(axes, config, xlabel="Component", ylabel="Variance explained (%)")


def _check_shares(name: str, shares: ArrayLike, count: int | None = None) -> AnyArray:
    values = check_vector(name, shares, count)
    if values.min() < 0 or values.max() > 1:
        found = f"values from {values.min():.3g} to {values.max():.3g}"
        raise ValidationError(name, "shares between 0 and 1", found)
    return values


def _curve(axes: Axes, x: AnyArray, curve: AnyArray, config: PlotConfig) -> None:
    """Draw one curve, or those of several neurons."""
    columns = curve.reshape(len(curve), -1).T
    marker = "o" if len(x) <= 30 else ""
    for k, column in enumerate(columns):
        colour = COLOURS[k] if len(columns) <= len(COLOURS) else BLUE
        style = {"color": colour, "marker": marker, "markersize": 4, **config.kwargs}
        axes.plot(x, column, **style)
