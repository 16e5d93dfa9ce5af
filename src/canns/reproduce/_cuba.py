"""The benchmark network of simulators: integrate-and-fire neurons with exponential currents."""

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.stats import t

from canns.dynamics import DualCurrentLIF
from canns.models.brain_inspired import NetworkRun, SpikingNetwork
from canns.reproduce._claim import FALSE_ALARM, Claim
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.typing import AnyArray

__all__ = ["CUBA"]

_SIZES = {"E": 3200, "I": 800}
_SHARE, _EXCITATION, _INHIBITION = 0.02, 1.62, 9.0
# Another program, Brian2, whose example is this network: the mean and its standard error over as
# many networks of the same length, with the same time left out.
_RATES = {"E": (5.514, 0.052), "I": (5.556, 0.016)}
_CVS = {"E": (0.5415, 0.0036), "I": (0.5438, 0.0058)}
_NETWORKS, _DURATION, _SETTLING, _FEWEST = 10, 1500.0, 500.0, 3


class _Seen(NamedTuple):
    """Rates in Hz and irregularity, of each population in each network."""

    rates: AnyArray
    cv: AnyArray


def _run(seed: int) -> NetworkRun:
    """Run one network, with new connections and potentials."""
    network = SpikingNetwork(seed=seed)
    for name, size in _SIZES.items():
        network.add(name, DualCurrentLIF(), size, potentials=(-60.0, -50.0))
    for target in _SIZES:
        network.connect("E", target, _EXCITATION, probability=_SHARE)
        network.connect("I", target, _INHIBITION, probability=_SHARE, kind="inhibitory")
    return network.run(_DURATION)


def _means(runs: list[NetworkRun]) -> _Seen:
    rates = [[run.rates(name, _SETTLING).mean() for run in runs] for name in _SIZES]
    cv = [[np.nanmean(run.cv(name, _SETTLING, _FEWEST)) for run in runs] for name in _SIZES]
    return _Seen(np.array(rates), np.array(cv))


def _cuba(seed: int) -> Findings:
    keys = np.random.default_rng(seed).integers(2**31, size=_NETWORKS)
    runs = [_run(int(key)) for key in keys]
    seen = _means(runs)
    claims = []
    for k, name in enumerate(_SIZES):
        claims.append(_beside(f"mean rate of {name} neurons (Hz)", *_RATES[name], seen.rates[k]))
    for k, name in enumerate(_SIZES):
        claims.append(_beside(f"CV of intervals, {name} neurons", *_CVS[name], seen.cv[k]))
    data = {"rates (Hz), E and I": seen.rates, "CV, E and I": seen.cv}
    return Findings(claims, data, partial(_draw, run=runs[0]))


def _beside(what: str, expected: float, error: float, samples: AnyArray) -> Claim:
    reach = float(t.isf(FALSE_ALARM / 2, _NETWORKS - 1)) * error
    why = "the t interval of the other simulation"
    return Claim.of_mean(what, "our simulation", expected, samples, room=reach, why=why)


def _draw(canvas: Canvas, run: NetworkRun) -> None:
    from canns.analyzer.visualization import BLUE, ORANGE, open_axes

    left, right = split(canvas, 1, 2, width_ratios=(1.9, 1))
    raster, rate = left.subplots(2, 1, height_ratios=(2.4, 1), sharex=True)
    colours = {"E": BLUE, "I": ORANGE}
    shown, first = {"E": 200, "I": 50}, 0
    for name, colour in colours.items():
        times, neurons = run.spikes[name]
        some = (neurons < shown[name]) & (times > 1000) & (times <= 1500)
        raster.plot(times[some], first + neurons[some], ".", color=colour, markersize=2)
        raster.text(1503, first + shown[name] / 2, name, color=colour, va="center")
        first += shown[name]
    open_axes(raster, title="200 excitatory and 50 inhibitory neurons", ylabel="Neuron")
    raster.set(yticks=[], ylim=(-2, first + 2))
    for name, colour in colours.items():
        times, rates = run.population_rate(name, 5.0)
        rate.plot(times, rates, color=colour, linewidth=1.0)
    open_axes(rate, xlabel="Time (ms)", ylabel="Rate (Hz)")
    rate.set(xlim=(1000, 1500), ylim=(0, None))
    upper, lower = right.subplots(2, 1)
    for name, colour in colours.items():
        rates = run.rates(name, _SETTLING)
        bins = np.arange(0, 31, 1.0)
        upper.hist(rates, bins, density=True, histtype="step", color=colour, label=name)
        cv = run.cv(name, _SETTLING, _FEWEST)
        lower.hist(
            cv[np.isfinite(cv)],
            np.linspace(0, 1.6, 33),
            density=True,
            histtype="step",
            color=colour,
        )
    open_axes(upper, xlabel="Rate of a neuron (Hz)", ylabel="Density")
    upper.legend(frameon=False)
    open_axes(lower, xlabel="CV of its intervals", ylabel="Density")


CUBA = PublishedFigure(
    name="cuba",
    paper="Brette et al. (2007), J. Comput. Neurosci. 23:349, benchmark 2",
    shows="4000 neurons with exponential currents sustain asynchronous, irregular activity.",
    against=("our simulation",),
    seconds=25,
    run=_cuba,
)
