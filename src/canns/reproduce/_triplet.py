"""What triplets of spikes add to pairs: the frequency curve of cortex, triplets in hippocampus."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from canns.plasticity import TRIPLETS, PairSTDP, Rule
from canns.reproduce._claim import Claim
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._sjostrom import CHANGES as _DATA
from canns.reproduce._sjostrom import ERRORS as _ERRORS
from canns.reproduce._sjostrom import FREQUENCIES as _FREQUENCIES
from canns.reproduce._stdp import beats, changes
from canns.typing import AnyArray

__all__ = ["TRIPLET"]

# The experiment pairs in bursts; 60 pairs in a row stand for them here.
_PUBLISHED = np.array(
    [[0.0, 0.1186, 0.2278, 0.5321, 0.7627], [-0.3166, -0.3322, -0.3417, 0.1737, 0.7492]]
)
# Time from pair to pair in ms: the values of the data, and some in between for the line.
_PERIODS = np.array([10_000, 500, 200, 100, 75, 60, 50, 45, 40, 35, 32.5, 30, 27.5, 25, 22.5, 20])
_AT_DATA = np.searchsorted(-_PERIODS, -1000 / _FREQUENCIES)
_SPACINGS = np.arange(1.0, 31.0)
_REPEATED = {"pre-post, 10 ms": 0.2018, "post-pre, 10 ms": -0.1037}
_TRIPLETS = {"pre-post-pre": 0.0426, "post-pre-post": 0.3576}


def _frequencies(rule: Rule) -> NDArray[np.float64]:
    """Return the change by 60 pairs at +10 and at -10 ms, (2, periods)."""
    post = [beats(period) for period in _PERIODS]
    pre = [train - lag for lag in (10, -10) for train in post]
    both = changes(rule, pre, post, 2.5).reshape(len(post), 2, len(post))
    return np.diagonal(both, axis1=0, axis2=2)


def _spacings(rule: Rule) -> NDArray[np.float64]:
    """Return the changes by pre-post-pre and post-pre-post, spaced evenly, (2, spacings)."""
    alone = beats(1000.0)
    twice = [np.concatenate([alone - d, alone + d]) for d in _SPACINGS]
    found = changes(rule, [alone, *twice], [alone, *twice], 1.0)
    return np.stack([found[0, 1:], found[1:, 0]])


def _chi_square(found: NDArray[np.float64]) -> float:
    """Return the mean squared deviation from the data of cortex, in standard errors."""
    return float(np.mean(((found[:, _AT_DATA] - _DATA) / _ERRORS) ** 2))


def _best_pairs() -> NDArray[np.float64]:
    """Return the frequency curves of pair STDP with the amplitudes that suit the data best."""
    from scipy.optimize import nnls

    # The change is linear in the two amplitudes.
    unit = PairSTDP(1.0, 1.0, 0.0, 16.8, 33.7), PairSTDP(1.0, 0.0, 1.0, 16.8, 33.7)
    curves = np.stack([_frequencies(rule) for rule in unit], axis=-1)
    system = curves[:, _AT_DATA] / _ERRORS[..., None]
    amplitudes, _ = nnls(system.reshape(-1, 2), (_DATA / _ERRORS).ravel())
    best: NDArray[np.float64] = curves @ amplitudes
    return best


def _triplet(seed: int) -> Findings:
    cortex, hippocampus = TRIPLETS["visual_cortex_minimal"], TRIPLETS["hippocampus"]
    found, pairs = _frequencies(cortex), _best_pairs()
    alone = beats(1000.0)
    paired = changes(hippocampus, [alone - 10, alone + 10], [alone], 1.0)[0]
    tripled = _spacings(hippocampus)
    # A pair rule that agrees on these pairs gives the same change for either triplet.
    up, down = paired / np.exp(-10 / np.array([16.8, 33.7]))
    as_pairs = up * np.exp(-_SPACINGS / 16.8) + down * np.exp(-_SPACINGS / 33.7)
    why = "the digits given"
    claims = [
        Claim(f"cortex, {lag} ms at {f:g} Hz", float(p), float(y), 1e-4, why)
        for lag, published, ours in zip(("+10", "-10"), _PUBLISHED, found[:, _AT_DATA], strict=True)
        for f, p, y in zip(_FREQUENCIES, published, ours, strict=True)
    ]
    furthest = float(np.abs((found[:, _AT_DATA] - _DATA) / _ERRORS).max())
    text = "cortex, furthest from the data, in standard errors"
    claims += [Claim(text, 2.0, furthest, 0.0, "", "at most")]
    text = "cortex, E (mean square in standard errors) of the best pair rule"
    claims += [Claim(text, 4.0, _chi_square(pairs), 0.0, "twice off on average", "at least")]
    claims += [
        Claim(f"hippocampus, {name}", p, float(y), 1e-4, why)
        for name, p, y in zip(
            [*_REPEATED, *(f"{n}, 5 ms apart" for n in _TRIPLETS)],
            [*_REPEATED.values(), *_TRIPLETS.values()],
            [*paired, *tripled[:, 4]],
            strict=True,
        )
    ]
    data: dict[str, object] = {
        "frequencies (Hz)": 1000 / _PERIODS,
        "triplets": found,
        "pairs": pairs,
    }
    data |= {"E of triplets": _chi_square(found), "E of pairs": _chi_square(pairs)}
    data |= {"spacings (ms)": _SPACINGS, "hippocampus": tripled}
    draw = partial(_draw, found=found, pairs=pairs, tripled=tripled, as_pairs=as_pairs)
    return Findings(claims, data, draw)


def _draw(
    canvas: Canvas,
    found: AnyArray,
    pairs: AnyArray,
    tripled: AnyArray,
    as_pairs: AnyArray,
) -> None:
    from canns.analyzer.visualization import BLUE, GREY, ORANGE, open_axes

    left, right = (part.subplots() for part in split(canvas, 1, 2, width_ratios=(1.25, 1)))
    frequencies = 1000 / _PERIODS
    for row, (colour, lag) in enumerate(((BLUE, "+10 ms"), (ORANGE, r"$-$10 ms"))):
        left.plot(frequencies, 100 * pairs[row], "--", color=colour, linewidth=1)
        left.plot(frequencies, 100 * found[row], color=colour, linewidth=1.4)
        data = 100 * _DATA[row], 100 * _ERRORS[row]
        style: dict[str, Any] = {"fmt": "o", "markersize": 4, "capsize": 2, "label": lag}
        left.errorbar(_FREQUENCIES, *data, color=colour, **style)
    left.plot([], [], color=GREY, label="triplet rule")
    left.plot([], [], "--", color=GREY, linewidth=1, label="best pair rule")
    colours = (BLUE, ORANGE)
    for row, (colour, name) in enumerate(zip(colours, _TRIPLETS, strict=True)):
        right.plot(_SPACINGS, 100 * tripled[row], color=colour, linewidth=1.4, label=name)
        right.plot(5, 100 * _TRIPLETS[name], "o", color=colour, markersize=4)
    right.plot(_SPACINGS, 100 * as_pairs, "--", color=GREY, linewidth=1, label="by pairs, either")
    titles = "Visual cortex: points are data", "Hippocampus: triplets"
    xlabels = "Frequency of pairs (Hz)", "From spike to spike (ms)"
    for axes, title, xlabel in zip((left, right), titles, xlabels, strict=True):
        axes.axhline(0, color=GREY, linewidth=0.5)
        open_axes(axes, title=title, xlabel=xlabel, ylabel="Weight change (%)")
        axes.legend(frameon=False, fontsize="small")


TRIPLET = PublishedFigure(
    name="triplet",
    paper="Pfister & Gerstner (2006), J. Neurosci. 26:9673; data: Sjöström, Turrigiano & Nelson "
    "(2001), Neuron 32:1149",
    shows="Triplets of spikes make STDP depend on frequency, as in cortex; pairs cannot.",
    against=("our theory",),
    seconds=10,
    run=_triplet,
)
