"""Spike-timing-dependent plasticity: the window of pairs."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns.dynamics import Recorded
from canns.plasticity import PairSTDP, Rule, Setup, learn
from canns.reproduce._claim import Claim
from canns.reproduce._draw import curves
from canns.reproduce._figure import Findings, PublishedFigure
from canns.task import timed_spikes
from canns.typing import AnyArray

__all__ = ["STDP_WINDOW", "beats", "changes"]

_PAIRS = 60
# Amplitudes as usually quoted, for all 60 pairs.
_A_PLUS, _A_MINUS, _TAU_PLUS, _TAU_MINUS = 0.777, 0.273, 16.8, 33.7
_LAGS = np.concatenate([np.arange(-80, 0, 5), [-2, 2], np.arange(5, 81, 5)])
_SHORT_LAGS = np.concatenate([np.arange(-24, 0, 2), np.arange(2, 25, 2)])
_FAST = 50.0  # ms from pair to pair


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
    values = {lag: float(slow[lag == _LAGS].item()) for lag in (10, -10)}
    alone = {10: _A_PLUS * np.exp(-10 / _TAU_PLUS), -10: -_A_MINUS * np.exp(-10 / _TAU_MINUS)}
    crowded = float(np.abs(fast - _all_pairs(_SHORT_LAGS, _FAST)).max())
    claims = [
        Claim("tau_plus, fitted (ms)", _TAU_PLUS, fits[0], 0.05, "the paper's digits"),
        Claim("tau_minus, fitted (ms)", _TAU_MINUS, fits[1], 0.05, "the paper's digits"),
        *(
            Claim(f"change at {lag:+d} ms", float(published), values[lag], 1e-5, "float32")
            for lag, published in alone.items()
        ),
        Claim("at 20 Hz, furthest from the sum over all pairs", 0.0, crowded, 1e-5, "float32"),
    ]
    lines = {}
    for name, t, period in (
        ("1 Hz", np.linspace(-80, 80, 321), 1000.0),
        ("20 Hz: neighbours pair too", np.linspace(-24, 24, 193), _FAST),
    ):
        # The window jumps at 0, and NaN keeps the line from crossing the jump.
        lines[name] = t, 100 * np.where(t == 0, np.nan, _all_pairs(t, period))
    points = dict(zip(lines, ((_LAGS, 100 * slow), (_SHORT_LAGS, 100 * fast)), strict=True))
    draw = curves(
        "The STDP window: 60 pairs, all of which count",
        r"$t_{post} - t_{pre}$ (ms)",
        "Weight change (%)",
        points,
        lines,
        xlim=(-84, 84),
    )
    data = {"lags (ms)": _LAGS, "changes": slow, "lags at 20 Hz (ms)": _SHORT_LAGS}
    return Findings(claims, data | {"changes at 20 Hz": fast, "fitted (ms)": fits}, draw)


STDP_WINDOW = PublishedFigure(
    name="stdp-window",
    paper="Bi & Poo (1998), J. Neurosci. 18:10464",
    shows="Pre before post potentiates, post before pre depresses, over tens of milliseconds.",
    against=("our theory",),
    seconds=5,
    run=_window,
)
