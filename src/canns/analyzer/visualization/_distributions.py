"""Pictures of distributions over neurons, patterns and probes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from canns._validation import check_array, check_real
from canns.analyzer.visualization._arguments import check_bins, check_config
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import finish, one_panel
from canns.analyzer.visualization._style import BLUE, GREY, ORANGE, picture
from canns.errors import ValidationError

__all__ = ["share_bars", "stability_histogram"]


@picture
def stability_histogram(
    stabilities: ArrayLike,
    config: PlotConfig | None = None,
    *,
    num_bins: int = 60,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    r"""Show the distribution of stabilities, and which neurons would flip: those below 0.

    .. math:: \kappa_i^\mu = \xi_i^\mu \sum_{j \ne i} W_{ij} \xi_j^\mu \Big/ |W_i|

    Args:
        stabilities: Kappa of each neuron at each pattern, (P, N), such as the values of
            :func:`~canns.analyzer.metrics.stability_distribution`.
        config: Settings; its ``kwargs`` go to the histogram. None for the defaults.
        num_bins: Number of bins.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = stability_histogram([[1.0, -1.0, 1.0, 1.0]], num_bins=2)
        >>> axes.get_legend().get_texts()[0].get_text()
        'unstable: 25.0 %'

    Source: Gardner (1988), J. Phys. A 21:257.
    """
    values = check_array("stabilities", stabilities).ravel()
    if not values.size:
        raise ValidationError("stabilities", "one value or more", "none")
    bins = check_bins(num_bins)
    config = check_config(config)
    axes = one_panel(config, ax)
    width = (float(np.ptp(values)) or 1.0) / bins
    # An edge at 0, so that no bin holds values of both kinds.
    edges = (width * np.arange(np.floor(values.min() / width), values.max() / width + 2)).tolist()
    unstable = values <= 0
    for part, colour, word in ((unstable, ORANGE, "unstable"), (~unstable, BLUE, "stable")):
        label = f"{word}: {part.mean():.1%}".replace("%", " %")
        weights = np.full(part.sum(), 1 / len(values))
        style: dict[str, Any] = {"color": colour, "label": label, **config.kwargs}
        axes.hist(values[part], edges, weights=weights, **style)
    axes.axvline(0, color=GREY, linewidth=1)
    axes.legend()
    return finish(axes, config, xlabel=r"Stability $\kappa$", ylabel="Share of the values per bin")


@picture
def share_bars(
    shares: Mapping[str, float],
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show shares as horizontal bars with their values, such as those of kinds of attractors.

    Args:
        shares: Share of each kind by name, in [0, 1].
        config: Settings; its ``kwargs`` go to the bars. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> figure, axes = share_bars({"pattern": 0.75, "mixture": 0.25})
        >>> [text.get_text() for text in axes.texts]
        ['75 %', '25 %']
    """
    if not isinstance(shares, Mapping) or not shares:
        raise ValidationError("shares", "shares by name, of one kind or more", repr(shares))
    values = [100 * check_real(name, share, low=0, high=1) for name, share in shares.items()]
    config = check_config(config)
    axes = one_panel(config, ax, (7.0, 1.4 + 0.45 * len(values)))
    bars = axes.barh([*shares], values, **{"color": BLUE, **config.kwargs})
    axes.bar_label(bars, [f"{value:.3g} %" for value in values], padding=4)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12 * max(*values, 1.0))
    return finish(axes, config, xlabel="Share (%)", ylabel="")
