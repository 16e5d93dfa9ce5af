"""Spike-timing-dependent plasticity: the window of pairs, and the drift of independent trains."""

from collections.abc import Mapping, Sequence
from functools import partial

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns.dynamics import Recorded
from canns.plasticity import PairSTDP, Rule, Setup, learn
from canns.reproduce._claim import Claim, t_reach
from canns.reproduce._draw import curves, split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.task import poisson_spikes, timed_spikes
from canns.typing import AnyArray

__all__ = ["STDP_WINDOW", "beats", "changes", "drift"]

_PAIRS = 60
# Time constants of the paper. The amplitudes, for all 60 pairs, are those usually quoted for it.
_A_PLUS, _A_MINUS, _TAU_PLUS, _TAU_MINUS = 0.777, 0.273, 16.8, 33.7
_LAGS = np.concatenate([np.arange(-80, 0, 5), [-2, 2], np.arange(5, 81, 5)])
_SHORT_LAGS = np.concatenate([np.arange(-24, 0, 2), np.arange(2, 25, 2)])
_FAST = 50.0  # ms from pair to pair
_NETWORKS, _TRAINS, _SECONDS, _PRE_RATE = 10, 20, 40, 10.0
_POST_RATES = np.array([10.0, 20.0, 40.0])


def changes(
    rule: Rule, pre: Sequence[ArrayLike], post: Sequence[ArrayLike], dt: float
) -> NDArray[np.float64]:
    """Return the change of the synapses between all trains, times in ms, (post, pre)."""
    # The first spike of a train may come a little before its beat.
    trains = [np.ravel(train) + 100 for train in (*pre, *post)]
    steps = round(max(train.max() for train in trains) / dt) + 1
    start = jnp.zeros((len(post), len(pre)))
    # The spikes are at these very times, not somewhere within their steps.
    rule = type(rule)(**vars(rule) | {"dt": dt, "coincidence": "ltp"})
    after = learn(Setup(rule, Recorded()), start, timed_spikes(trains, steps, dt=dt))
    return np.asarray(after.weights, np.float64)


def beats(period: float) -> AnyArray:
    """Return the times of 60 pairs, one every ``period`` ms."""
    return period * np.arange(_PAIRS)


def drift(
    rule: Rule, pre_rate: float, post_rates: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the change per second by independent Poisson trains, (networks, post_rates).

    Rates are in Hz. Networks are independent; the trains within one are shared by its synapses.
    """
    # A step of 1 ms has a spike with the probability 1 - exp(-rate): these make it the rate.
    rates = np.repeat(-1000 * np.log1p(-np.array([pre_rate, *post_rates]) / 1000), _TRAINS)
    start = jnp.zeros((_TRAINS * len(post_rates), _TRAINS))
    changed = []
    for _ in range(_NETWORKS):
        trains = poisson_spikes(rates, 1000 * _SECONDS, seed=rng)
        after = learn(Setup(rule, Recorded()), start, trains)
        changed.append(np.asarray(after.weights, np.float64).reshape(len(post_rates), -1))
    speed: NDArray[np.float64] = np.mean(changed, axis=2) / _SECONDS
    return speed


def _all_pairs(lags: ArrayLike, period: float) -> NDArray[np.float64]:
    """Return the change by all 60 x 60 pairs of two periodic trains, at each lag in ms."""
    shifts = np.arange(1 - _PAIRS, _PAIRS)
    apart = np.asarray(lags)[:, None] + period * shifts
    ltp = _A_PLUS * np.exp(-np.abs(apart) / _TAU_PLUS)
    ltd = _A_MINUS * np.exp(-np.abs(apart) / _TAU_MINUS)
    total: NDArray[np.float64] = np.where(apart > 0, ltp, -ltd) @ (1 - np.abs(shifts) / _PAIRS)
    return total


def _window(seed: int) -> Findings:
    from scipy.optimize import curve_fit

    rule = PairSTDP(1 / _PAIRS, _A_PLUS, _A_MINUS, _TAU_PLUS, _TAU_MINUS)
    slow, fast = (
        changes(rule, [beats(period) - lag for lag in lags], [beats(period)], 1.0)[0]
        for lags, period in ((_LAGS, 1000.0), (_SHORT_LAGS, _FAST))
    )
    fits = []
    for side in (_LAGS > 0, _LAGS < 0):
        shape = lambda t, a, tau: a * np.exp(-t / tau)  # noqa: E731
        (_, tau), _ = curve_fit(shape, np.abs(_LAGS[side]), slow[side], (0.5, 25.0))
        fits.append(float(tau))
    crowded = float(np.abs(fast - _all_pairs(_SHORT_LAGS, _FAST)).max())
    found = _PAIRS * drift(rule, _PRE_RATE, _POST_RATES, np.random.default_rng(seed))
    area = (_A_PLUS * _TAU_PLUS - _A_MINUS * _TAU_MINUS) / 1000
    claims = [
        Claim.of_value(f"{name}, fitted (ms)", "paper's number", tau, fit, 0.05, "its digits")
        for name, tau, fit in zip(
            ("tau_plus", "tau_minus"), (_TAU_PLUS, _TAU_MINUS), fits, strict=True
        )
    ]
    claims += [
        Claim.of_mean(
            f"drift of independent trains, {_PRE_RATE:g} and {rate:g} Hz, over rates times area",
            "paper's formula",
            1.0,
            found[:, k] / (area * _PRE_RATE * rate),
        )
        for k, rate in enumerate(_POST_RATES)
    ]
    text = "at 20 Hz, furthest from the sum over all pairs"
    claims.append(Claim.of_value(text, "our theory", 0.0, crowded, 1e-5, "float32"))
    data = {"lags (ms)": _LAGS, "changes": slow, "lags at 20 Hz (ms)": _SHORT_LAGS}
    data |= {"changes at 20 Hz": fast, "fitted (ms)": fits, "drift (1/s)": found}
    draw = partial(_draw, slow=slow, fast=fast, found=found, area=area)
    return Findings(claims, data, draw)


def _draw(
    canvas: Canvas,
    slow: NDArray[np.float64],
    fast: NDArray[np.float64],
    found: NDArray[np.float64],
    area: float,
) -> None:
    left, right = split(canvas, 1, 2, width_ratios=(1.5, 1))
    lines: Mapping[str, tuple[ArrayLike, ...]] = {
        # The window jumps at 0, and NaN keeps the line from crossing the jump.
        name: (t, 100 * np.where(t == 0, np.nan, _all_pairs(t, period)))
        for name, t, period in (
            ("1 Hz", np.linspace(-80, 80, 321), 1000.0),
            ("20 Hz: neighbours pair too", np.linspace(-24, 24, 193), _FAST),
        )
    }
    points = dict(zip(lines, ((_LAGS, 100 * slow), (_SHORT_LAGS, 100 * fast)), strict=True))
    curves(
        r"The window of 60 pairs, $\tau$ of Bi & Poo",
        r"$t_{post} - t_{pre}$ (ms)",
        "Weight change (%)",
        points,
        lines,
        xlim=(-84, 84),
        ylim=(-45, 100),
    )(left)
    name = "99.9 % t interval"
    curves(
        "Drift of Poisson trains",
        "Postsynaptic rate (Hz)",
        "Drift of 60 repeats (1/s)",
        {name: (_POST_RATES, found.mean(axis=0), t_reach(found))},
        {r"$\nu_{pre}\,\nu_{post}\int W$": ([0, 42], [0, 42 * area * _PRE_RATE])},
        xlim=(0, 42),
        ylim=(0, None),
    )(right)


STDP_WINDOW = PublishedFigure(
    name="stdp-window",
    paper="Bi & Poo (1998), J. Neurosci. 18:10464; Kempter, Gerstner & van Hemmen (1999), Phys. "
    "Rev. E 59:4498",
    shows="Pre before post potentiates, post before pre depresses; the window's area is the drift.",
    against=("paper's number", "paper's formula", "our theory"),
    seconds=3,
    run=_window,
)
