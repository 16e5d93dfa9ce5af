"""What triplets of spikes add to pairs: cortex depends on frequency, and rates have a threshold."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from canns.plasticity import TRIPLETS, PairSTDP, Rule, TripletSTDP
from canns.reproduce._claim import FALSE_ALARM, Claim, t_reach
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._sjostrom import CHANGES as _DATA
from canns.reproduce._sjostrom import ERRORS as _ERRORS
from canns.reproduce._sjostrom import FREQUENCIES as _FREQUENCIES
from canns.reproduce._stdp import beats, changes, drift

__all__ = ["TRIPLET"]

# Time from pair to pair in ms: the values of the data, and some in between for the line.
_PERIODS = np.array([10_000, 500, 200, 100, 75, 60, 50, 45, 40, 35, 32.5, 30, 27.5, 25, 22.5, 20])
_AT_DATA = np.searchsorted(-_PERIODS, -1000 / _FREQUENCIES)
# The sets that Pfister & Gerstner fitted to these data, and how they are called in the picture.
_SETS = {
    "all, full": TRIPLETS["visual_cortex"],
    "all, minimal": TRIPLETS["visual_cortex_minimal"],
    "nearest, full": TRIPLETS["visual_cortex_nearest"],
    "nearest, minimal": TRIPLETS["visual_cortex_nearest_minimal"],
}
_MINIMAL = "all, minimal"
_PRE_RATE, _POST_RATES = 10.0, np.array([10.0, 20.0, 30.0, 40.0])


def _frequencies(rule: Rule) -> NDArray[np.float64]:
    """Return the change by 60 pairs at +10 and at -10 ms, (2, periods).

    The experiment pairs in 15 bursts of 5; 60 pairs in a row stand for them here.
    """
    post = [beats(period) for period in _PERIODS]
    pre = [train - lag for lag in (10, -10) for train in post]
    both = changes(rule, pre, post, 2.5).reshape(len(post), 2, len(post))
    return np.diagonal(both, axis1=0, axis2=2)


def _error(found: NDArray[np.float64]) -> float:
    """Return E, the mean squared deviation from the data of cortex, in standard errors."""
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


def _by_rates(rule: TripletSTDP, post: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the paper's drift of the minimal rule under Poisson trains, per second."""
    plus, minus, slow = (tau / 1000 for tau in (rule.tau_plus, rule.tau_minus, rule.tau_y))
    return _PRE_RATE * post * (rule.A3_plus * plus * slow * post - rule.A2_minus * minus)


def _triplet(seed: int) -> Findings:
    found = {name: _frequencies(rule) for name, rule in _SETS.items()}
    errors = {name: _error(curve) for name, curve in found.items()}
    pairs, minimal = _best_pairs(), _SETS[_MINIMAL]
    rates = drift(minimal, _PRE_RATE, _POST_RATES, np.random.default_rng(seed))
    # What chance allows: E of 10 data, and of 10 data less the two amplitudes that were fitted.
    enough, too_much = (float(chi2.isf(FALSE_ALARM, n)) / _DATA.size for n in (10, 8))
    reach = norm.isf(FALSE_ALARM / 2) * _ERRORS
    claims = [
        Claim(
            f"cortex, {lag} ms at {f:g} Hz, minimal set",
            "paper's number",
            float(_DATA[row, k]),
            y := float(found[_MINIMAL][row, _AT_DATA[k]]),
            y - float(reach[row, k]),
            y + float(reach[row, k]),
            "normal interval of the data, by their standard errors",
            false_alarm=FALSE_ALARM,
        )
        for row, lag in enumerate(("+10", "-10"))
        for k, f in enumerate(_FREQUENCIES)
    ]
    claims += [
        Claim.of_value(
            f"cortex, E of the set {name}",
            "our theory",
            enough,
            value,
            0.0,
            "chi square of 10 data",
            "at most",
        )
        for name, value in errors.items()
    ]
    text = "cortex, E of the best pair rule"
    why = "chi square of 10 data less 2"
    claims.append(Claim.of_value(text, "our theory", too_much, _error(pairs), 0.0, why, "at least"))
    # The change by a spike at a rate, of which pairs alone take away A2- tau-.
    unit = _PRE_RATE * _POST_RATES * minimal.A2_minus * minimal.tau_minus / 1000
    claims += [
        Claim.of_mean(
            f"drift of Poisson trains at {rate:g} Hz, over depression by pairs",
            "paper's formula",
            value,
            samples,
        )
        for rate, value, samples in zip(
            _POST_RATES, _by_rates(minimal, _POST_RATES) / unit, (rates / unit).T, strict=True
        )
    ]
    data: dict[str, object] = {"frequencies (Hz)": 1000 / _PERIODS, "pairs": pairs}
    data |= found | {f"E, {name}": value for name, value in errors.items()}
    data |= {"E, best pairs": _error(pairs), "rates (Hz)": _POST_RATES, "drift (1/s)": rates}
    draw = partial(_draw, found=found, pairs=pairs, rates=rates)
    return Findings(claims, data, draw)


def _draw(
    canvas: Canvas,
    found: dict[str, NDArray[np.float64]],
    pairs: NDArray[np.float64],
    rates: NDArray[np.float64],
) -> None:
    from canns.analyzer.visualization import BLUE, GREY, ORANGE, open_axes

    left, right = (part.subplots() for part in split(canvas, 1, 2, width_ratios=(1.25, 1)))
    frequencies = 1000 / _PERIODS
    for row, (colour, lag) in enumerate(((BLUE, "+10 ms"), (ORANGE, r"$-$10 ms"))):
        for curve in found.values():
            left.plot(frequencies, 100 * curve[row], color=colour, linewidth=0.7, alpha=0.5)
        left.plot(frequencies, 100 * found[_MINIMAL][row], color=colour, linewidth=1.6)
        left.plot(frequencies, 100 * pairs[row], "--", color=colour, linewidth=1)
        data = 100 * _DATA[row], 100 * _ERRORS[row]
        style: dict[str, Any] = {"fmt": "o", "markersize": 4, "capsize": 2, "label": f"data, {lag}"}
        left.errorbar(_FREQUENCIES, *data, color=colour, **style)
    values = [_error(curve) for curve in found.values()]
    label = f"triplet sets, E = {min(values):.2f} to {max(values):.2f}"
    left.plot([], [], color=GREY, label=label)
    left.plot([], [], "--", color=GREY, label=f"best pair rule, E = {_error(pairs):.1f}")
    line = np.linspace(0, 45, 91)
    minimal = _SETS[_MINIMAL]
    right.plot(line, 1000 * _by_rates(minimal, line), color=BLUE, label="formula of the paper")
    middle, reach = 1000 * rates.mean(axis=0), 1000 * t_reach(rates)
    style = {
        "fmt": "o",
        "markersize": 4,
        "capsize": 2,
        "label": "our simulation,\n99.9 % t interval",
    }
    right.errorbar(_POST_RATES, middle, reach, color=ORANGE, **style)
    threshold = 1000 * minimal.A2_minus * minimal.tau_minus
    threshold /= minimal.A3_plus * minimal.tau_plus * minimal.tau_y
    right.axvline(threshold, ymax=0.6, color=GREY, linestyle=":", linewidth=1)
    right.annotate(f"{threshold:.1f} Hz", (threshold + 0.8, middle.max() / 2))
    titles = "Visual cortex; bars: s.e. of the data", "A BCM threshold for rates"
    xlabels = "Frequency of pairs (Hz)", "Postsynaptic rate (Hz)"
    ylabels = "Weight change (%)", "Drift (1/1000 s)"
    for axes, *words in zip((left, right), titles, xlabels, ylabels, strict=True):
        axes.axhline(0, color=GREY, linewidth=0.5)
        open_axes(axes, title=words[0], xlabel=words[1], ylabel=words[2])
        axes.legend(frameon=False, fontsize="small", loc="upper left")
    left.set_ylim(-60, 150)


TRIPLET = PublishedFigure(
    name="triplet",
    paper="Pfister & Gerstner (2006), J. Neurosci. 26:9673; data: Sjöström, Turrigiano & Nelson "
    "(2001), Neuron 32:1149",
    shows="Triplets of spikes make STDP depend on frequency, as in cortex; pairs cannot.",
    against=("paper's number", "paper's formula", "our theory"),
    seconds=4,
    run=_triplet,
)
