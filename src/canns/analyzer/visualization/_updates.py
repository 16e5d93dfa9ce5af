"""Pictures of a recall, update by update: energies, overlaps, and replayed sequences."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from canns._validation import check_choice, check_matrix
from canns.analyzer.visualization._arguments import check_config, check_names
from canns.analyzer.visualization._config import PlotConfig
from canns.analyzer.visualization._panels import figure_of, finish, one_panel
from canns.analyzer.visualization._style import BLUE, COLOURS, GREY, ORANGE, picture, shades
from canns.errors import ValidationError
from canns.typing import AnyArray

__all__ = ["energy_curves", "overlap_curves", "sequence_recall"]

_OF_OUTCOME = {"converged": BLUE, "cycle": ORANGE, "budget": GREY}
_WORDS = {
    "converged": "converged",
    "cycle": "in a 2-cycle",
    "budget": "still moving at the last update",
}


@picture
def energy_curves(
    energies: ArrayLike,
    outcome: Sequence[str] | AnyArray | None = None,
    names: Sequence[str] | None = None,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    """Show the energy of each cue over the updates of a recall.

    Args:
        energies: Energy of each cue before the first and after each update, (B, T + 1), such as
            those of a :class:`~canns.dynamics.RecallResult`.
        outcome: How each cue ended, (B,): "converged", "cycle" or "budget", for the colours; None
            if it is not known.
        names: A name for each cue, (B,), if there is no outcome; shown if there are seven or fewer.
        config: Settings; its ``kwargs`` go to the lines. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Raises:
        ValidationError: If shapes do not agree.

    Example:
        >>> figure, axes = energy_curves([[-1.0, -6.0, -6.0]], ["converged"])
        >>> axes.lines[0].get_ydata().tolist()
        [-1.0, -6.0, -6.0]
    """
    rows = check_matrix("energies", energies)
    config = check_config(config)
    labels = check_names("names", names, None if names is None else len(rows))
    if labels and outcome is not None:
        raise ValidationError("names", "None beside outcome, which the colours show", repr(names))
    words: Sequence[str] | None = None
    if outcome is not None:
        listed = outcome.tolist() if isinstance(outcome, np.ndarray) else outcome
        words = check_names("outcome", listed, len(rows))
        for word in words:
            check_choice("outcome", word, [*_OF_OUTCOME])
    axes = one_panel(config, ax)
    if words is None:
        _draw(axes, rows, labels or [f"cue {i + 1}" for i in range(len(rows))], config)
    else:
        for kind, colour in _OF_OUTCOME.items():
            own = rows[[word == kind for word in words]]
            label = f"{_WORDS[kind]} ({len(own)})"
            for row in own:
                style = {"color": colour, "alpha": _alpha(len(rows)), "label": label}
                axes.plot(row, **{**style, **config.kwargs})
                label = "_"
        axes.legend()
    return _finish(axes, config, "Energy $E$")


@picture
def overlap_curves(
    overlaps: ArrayLike,
    names: Sequence[str] | None = None,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    r"""Show overlaps over the updates of a recall.

    .. math:: m^\mu(t) = \frac1N \sum_i \xi_i^\mu s_i(t)

    Args:
        overlaps: Overlaps before the first and after each update, (T + 1, B), such as those of
            :func:`~canns.analyzer.metrics.overlap_trajectory` for one pattern or one cue.
        names: A name for each curve, (B,), shown if there are seven or fewer; None for numbers.
        config: Settings; its ``kwargs`` go to the lines. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Raises:
        ValidationError: If there is not a name for each curve.

    Example:
        >>> figure, axes = overlap_curves([[0.5], [1.0]], ["horse"])
        >>> axes.get_legend().get_texts()[0].get_text()
        'horse'
    """
    rows = check_matrix("overlaps", overlaps).T
    config = check_config(config)
    labels = check_names("names", names, None if names is None else len(rows))
    axes = one_panel(config, ax)
    axes.axhline(1, color=GREY, linewidth=0.8, linestyle=":")
    _draw(axes, rows, labels or [f"{i + 1}" for i in range(len(rows))], config)
    axes.set_ylim(top=1.05)
    return _finish(axes, config, "Overlap $m$")


@picture
def sequence_recall(
    overlaps: ArrayLike,
    config: PlotConfig | None = None,
    *,
    ax: Axes | None = None,
) -> tuple[Figure, Axes]:
    r"""Show how a network replays a sequence: the overlap with each of its patterns over time.

    .. math:: m^\mu(t) = \frac1N \sum_i \xi_i^\mu s_i(t)

    Args:
        overlaps: Overlap with each pattern, in the order of the sequence, before the first and
            after each update, (T + 1, P).
        config: Settings; its ``kwargs`` go to the lines. None for the defaults.
        ax: Axes to draw on; None for a new figure.

    Returns:
        The figure and its axes.

    Example:
        >>> import numpy as np
        >>> figure, axes = sequence_recall(np.eye(4))
        >>> axes.lines[2].get_ydata().tolist()
        [0.0, 0.0, 1.0, 0.0]

    Source: Sompolinsky & Kanter (1986), Phys. Rev. Lett. 57:2861.
    """
    columns = check_matrix("overlaps", overlaps).T
    config = check_config(config)
    axes = one_panel(config, ax)
    for column, colour in zip(columns, shades(len(columns)), strict=True):
        style = {"color": colour, "marker": "o", "markersize": 4, **config.kwargs}
        axes.plot(column, **style)
    # The colours of shades(): the first nine tenths of the map.
    scale = Normalize(1, 1 + (len(columns) - 1) / 0.9 if len(columns) > 1 else 2)
    bar = figure_of(axes).colorbar(
        ScalarMappable(scale, "viridis"), ax=axes, label="Position in the sequence"
    )
    bar.ax.set_ylim(1, max(len(columns), 1.01))
    bar.ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return _finish(axes, config, r"Overlap $m^\mu$ with each pattern")


def _draw(axes: Axes, rows: AnyArray, names: Sequence[str], config: PlotConfig) -> None:
    """Draw a line for each row, with a legend if the colours suffice."""
    few = len(rows) <= len(COLOURS)
    for k, (row, name) in enumerate(zip(rows, names, strict=True)):
        colour = COLOURS[k] if few else BLUE
        style = {"color": colour, "alpha": _alpha(len(rows)), "label": name if few else "_"}
        axes.plot(row, **{**style, **config.kwargs})
    if few:
        axes.legend()


def _alpha(count: int) -> float:
    """Return how opaque each of many lines is."""
    return 1.0 if count <= len(COLOURS) else max(0.1, min(0.6, 12 / count))


def _finish(axes: Axes, config: PlotConfig, ylabel: str) -> tuple[Figure, Axes]:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return finish(axes, config, xlabel="Update", ylabel=ylabel)
