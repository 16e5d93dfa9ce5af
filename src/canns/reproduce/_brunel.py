"""The four states of a sparse network of excitatory and inhibitory neurons: Brunel (2000)."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.stats import t

from canns.analyzer.theory import brunel_rate
from canns.dynamics import DeltaLIF
from canns.models.brain_inspired import NetworkRun, SpikingNetwork
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.typing import AnyArray

__all__ = ["BRUNEL"]

_SIZES = {"E": 10_000, "I": 2_500}
_J, _C_E, _C_I, _THRESHOLD_RATE = 0.1, 1000, 250, 10.0
_DELAY, _NETWORKS, _SETTLING, _REGULAR = 1.5, 5, 200.0, 300.0
_BIN, _WINDOW = 0.5, 1000  # ms, and bins: the population's rate, and what a spectrum is made of
_FEWEST = 3  # intervals of which a coefficient of variation is made


class _State(NamedTuple):
    """One of the four states of figure 8: the hyperparameters, and what the paper reports."""

    title: str
    g: float
    eta: float
    rate: float | None  # Hz
    frequency: float | None  # Hz
    shown: float = 200.0  # ms


_STATES = (
    _State("Synchronous, regular", 3.0, 2.0, None, None, shown=60.0),
    _State("Fast oscillation, irregular", 6.0, 4.0, 60.7, 180.0),
    _State("Asynchronous, irregular", 5.0, 2.0, 37.7, None),
    _State("Slow oscillation, irregular", 4.5, 0.9, 5.5, 22.0),
)


class _Seen(NamedTuple):
    """What networks have shown after they have settled, one number a network.

    Args:
        rate: Mean rate of all neurons in Hz.
        cv: Mean coefficient of variation of the intervals of the neurons that fired enough.
        frequency: At which the population's rate has the most power, in Hz.
    """

    rate: AnyArray
    cv: AnyArray
    frequency: AnyArray


def _run(state: _State, duration: float, seed: int) -> NetworkRun:
    network = SpikingNetwork(seed=seed)
    for name, size in _SIZES.items():
        network.add(name, DeltaLIF(), size)
    for target in _SIZES:
        network.connect("E", target, _J, in_degree=_C_E, delay=_DELAY)
        strength = state.g * _J
        network.connect("I", target, strength, in_degree=_C_I, delay=_DELAY, kind="inhibitory")
        network.add_background(target, _C_E * state.eta * _THRESHOLD_RATE, _J)
    return network.run(duration)


def _measured(runs: list[NetworkRun]) -> _Seen:
    rates = [[run.rates(name, _SETTLING) for name in _SIZES] for run in runs]
    cv = [[run.cv(name, _SETTLING, _FEWEST) for name in _SIZES] for run in runs]
    return _Seen(
        np.array([np.mean(np.concatenate(each)) for each in rates]),
        np.array([np.nanmean(np.concatenate(each)) for each in cv]),
        np.array([_peak(_population_rate(run)) for run in runs]),
    )


def _population_rate(run: NetworkRun) -> AnyArray:
    """Return the mean rate of all neurons in each bin after settling."""
    total = sum(_SIZES.values())
    each = [size / total * run.population_rate(name, _BIN)[1] for name, size in _SIZES.items()]
    mean: AnyArray = np.sum(each, axis=0)
    return mean[round(_SETTLING / _BIN) :]


def _peak(rate: AnyArray) -> float:
    """Return the frequency of the most power, by the mean spectrum of windows that overlap."""
    from scipy.signal import welch

    frequencies, power = welch(rate, 1000.0 / _BIN, nperseg=min(len(rate), _WINDOW))
    # A parabola through the logarithm of the largest value and its neighbours.
    at = 1 + int(np.argmax(power[1:-1]))
    before, here, after = np.log(power[at - 1 : at + 2])
    shift = 0.5 * (before - after) / (before - 2 * here + after)
    return float(frequencies[at] + shift * (frequencies[1] - frequencies[0]))


def _brunel(seed: int, duration: float = 500.0) -> Findings:
    """Run the networks for so many ms; the regular ones repeat themselves, and are run once."""
    keys = np.random.default_rng(seed).integers(2**31, size=(len(_STATES), _NETWORKS))
    with ThreadPoolExecutor() as pool:
        runs = [
            [*pool.map(partial(_run, state, duration), own.tolist())]
            if state.rate is not None
            else [_run(state, _REGULAR, int(own[0]))]
            for state, own in zip(_STATES, keys, strict=True)
        ]
    seen = [_measured(each) for each in runs]
    claims = [claim for each in zip(_STATES, seen, strict=True) for claim in _claims(*each)]
    theory = brunel_rate([s.g for s in _STATES], [s.eta for s in _STATES])
    data: dict[str, object] = {"rate in theory (Hz)": theory}
    for state, own in zip(_STATES, seen, strict=True):
        data |= {f"{name}, {state.title.lower()}": getattr(own, name) for name in own._fields}
    return Findings(claims, data, partial(_draw, runs=[each[0] for each in runs], seen=seen))


def _claims(state: _State, seen: _Seen) -> list[Claim]:
    claims = []
    if state.rate is not None:
        claims.append(_beside(f"{state.title}: rate (Hz)", state.rate, seen.rate, 0.05))
    if state.frequency is not None:
        what = f"{state.title}: frequency (Hz)"
        claims.append(_beside(what, state.frequency, seen.frequency, 1.0))
    return claims


def _beside(what: str, expected: float, samples: AnyArray, digits: float) -> Claim:
    """Return a claim about a number that the paper has from one network."""
    spread = float(t.isf(FALSE_ALARM / 2, _NETWORKS - 1)) * float(np.std(samples, ddof=1))
    # With the interval of our mean, that of a further network: t s sqrt(1 + 1/n).
    further = spread * (np.sqrt(1 + 1 / _NETWORKS) - np.sqrt(1 / _NETWORKS))
    why = "the spread of the paper's one network, and its digits"
    room = float(further) + digits
    return Claim.of_mean(what, "paper's number", expected, samples, room=room, why=why)


def _draw(canvas: Canvas, runs: list[NetworkRun], seen: list[_Seen]) -> None:
    from canns.analyzer.visualization import BLUE, open_axes

    for part, state, run, own in zip(split(canvas, 2, 2), _STATES, runs, seen, strict=True):
        raster, rate = part.subplots(2, 1, height_ratios=(2, 1), sharex=True)
        start = run.duration - state.shown
        times, neurons = run.spikes["E"]
        some = (neurons < 50) & (times > start)
        raster.plot(times[some] - start, neurons[some], "|", color="0.15", markersize=3)
        open_axes(raster, title=state.title, ylabel="Neuron")
        raster.set(yticks=[], ylim=(-1, 50))
        mids, rates = run.population_rate("E", _BIN)
        rate.plot(mids[mids > start] - start, rates[mids > start], color=BLUE, linewidth=0.8)
        open_axes(rate, xlabel="Time (ms)", ylabel="Rate (Hz)")
        rate.set(xlim=(0, state.shown), ylim=(0, 1.7 * rates[mids > start].max()))
        told = f"$g$ = {state.g:g}, $\\nu_{{ext}}/\\nu_{{thr}}$ = {state.eta:g}:"
        told += f" {own.rate.mean():.1f} Hz, CV {own.cv.mean():.2f}"
        rate.text(0.99, 0.99, told, transform=rate.transAxes, ha="right", va="top", fontsize=9)


BRUNEL = PublishedFigure(
    name="brunel",
    paper="Brunel (2000), J. Comput. Neurosci. 8:183, figure 8",
    shows="Inhibition and outside input decide whether a sparse network is synchronous or not.",
    against=("paper's number",),
    seconds=60,
    run=_brunel,
    run_in_full=partial(_brunel, duration=1200.0),
    seconds_in_full=120,
)
