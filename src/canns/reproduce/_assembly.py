"""A memory in a balanced network: Vogels et al. (2011), recalled from a part of its neurons."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from canns.dynamics import Connections, connect_by_probability
from canns.models.brain_inspired import NetworkRun, NetworkSpikes
from canns.reproduce._balance import (
    NUM_EXCITATORY,
    SHARE,
    STRENGTH,
    inhibited_network,
    inhibition,
)
from canns.reproduce._claim import Claim
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.typing import AnyArray

__all__ = ["ASSEMBLY"]

_TARGET, _TAU, _START = 5.0, 20.0, 0.5
_SIZE, _CUED, _GAIN = 784, 196, 5.0  # neurons of an assembly, those with a cue, and the memory
_INPUTS, _REACHED, _WEIGHT, _RATE = 200, 0.2, 0.1, 50.0  # of the cue
_BALANCE, _BEFORE, _CUE = 5_000.0, 400.0, 400.0  # ms
_NETWORKS, _SHOWN = 4, 98  # neurons that the picture shows, of each part


class _Recall(NamedTuple):
    """Rates in Hz of the neurons of the cued assembly without a cue, and of the other assembly.

    Args:
        stored: Of both assemblies as soon as their synapses are stronger.
        before: Before the cue, (2,).
        during: During the cue, (2,).
        spikes: Of excitatory neurons, before and during the cue.
    """

    stored: float
    before: AnyArray
    during: AnyArray
    spikes: NetworkSpikes


def _recalled(seed: int) -> _Recall:
    rule = inhibition(_TARGET, _TAU)
    pairs = connect_by_probability(NUM_EXCITATORY, NUM_EXCITATORY, SHARE, loops=False, seed=seed)
    naive = np.full(len(pairs.pre), STRENGTH)
    first = inhibited_network(seed, _START, rule, (pairs, naive))
    first.run(_BALANCE, record=[])
    # The synapses within each of two assemblies become stronger.
    memory = np.where(_within_an_assembly(pairs), _GAIN * STRENGTH, STRENGTH)
    second = inhibited_network(seed, first.synapses("I", "E"), rule, (pairs, memory))
    stored = second.run(300.0)
    second.run(_BALANCE, record=[])
    # During the cue inhibition stays as it is: it would soon learn to quench it.
    third = inhibited_network(seed, second.synapses("I", "E"), None, (pairs, memory))
    third.add_inputs("cue", _INPUTS, 0.0)
    rng = np.random.default_rng(seed)
    wires = np.zeros((NUM_EXCITATORY, _INPUTS))
    wires[:_CUED] = _WEIGHT * (rng.random((_CUED, _INPUTS)) < _REACHED)
    third.connect("cue", "E", wires)
    third.run(500.0, record=[])
    before = third.run(_BEFORE, record=["E"])
    third.set_rate("cue", _RATE)
    during = third.run(_CUE, record=["E"])
    times, neurons = (
        np.concatenate([getattr(run.spikes["E"], name) for run in (before, during)])
        for name in NetworkSpikes._fields
    )
    spikes = NetworkSpikes(times - before.start, neurons)
    own = float(stored.rates("E")[: 2 * _SIZE].mean())
    return _Recall(own, _rates(before), _rates(during), spikes)


def _within_an_assembly(pairs: Connections) -> AnyArray:
    pre, post = pairs.pre // _SIZE, pairs.post // _SIZE
    inside: AnyArray = (pre == post) & (pre < 2)
    return inside


def _rates(run: NetworkRun) -> AnyArray:
    """Return the rate of the first assembly without its cued neurons, and that of the second."""
    rates = run.rates("E")
    return np.array([rates[_CUED:_SIZE].mean(), rates[_SIZE : 2 * _SIZE].mean()])


def _assembly(seed: int) -> Findings:
    seeds = np.random.default_rng(seed).integers(2**31, size=_NETWORKS)
    with ThreadPoolExecutor() as pool:
        runs = [*pool.map(_recalled, seeds.tolist())]
    before, during = (
        np.array([getattr(run, name) for run in runs]) for name in ("before", "during")
    )
    stored = np.array([run.stored for run in runs])
    claims = [
        Claim.of_mean(
            "as the memory is stored, rate of its neurons over the later one",
            "our theory",
            2.0,
            stored / before.mean(axis=1),
            "at least",
        ),
        Claim.of_mean(
            "before the cue, rate of one assembly less the other's (Hz)",
            "our theory",
            0.0,
            before[:, 0] - before[:, 1],
        ),
        Claim.of_mean(
            "during the cue, rate of the neurons without one over that of the other assembly",
            "our theory",
            2.0,
            during[:, 0] / during[:, 1],
            "at least",
        ),
    ]
    data = {"stored (Hz)": stored, "before the cue (Hz)": before, "during the cue (Hz)": during}
    return Findings(claims, data, partial(_draw, run=runs[0]))


def _draw(canvas: Canvas, run: _Recall) -> None:
    from canns.analyzer.visualization import BLUE, GREY, ORANGE, open_axes

    raster, rate = canvas.subplots(2, 1, height_ratios=(2, 1), sharex=True)
    times, neurons = run.spikes
    parts = {
        "cued": (0, _CUED, ORANGE),
        "rest of the assembly": (_CUED, _SIZE, BLUE),
        "other assembly": (_SIZE, 2 * _SIZE, "0.3"),
        "other neurons": (2 * _SIZE, NUM_EXCITATORY, GREY),
    }
    edges = np.arange(0.0, _BEFORE + _CUE + 1, 10.0)
    for k, (name, (first, last, colour)) in enumerate(parts.items()):
        own = (neurons >= first) & (neurons < last)
        some = own & (neurons < first + _SHOWN)
        height = (len(parts) - 1 - k) * (_SHOWN + 10)
        raster.plot(times[some], height + neurons[some] - first, "|", color=colour, markersize=2)
        raster.text(_BEFORE + _CUE + 8, height + _SHOWN / 2, name, color=colour, va="center")
        counts = np.histogram(times[own], edges)[0] / (last - first) * 100.0
        rate.plot(edges[:-1] + 5.0, counts, color=colour, linewidth=1.2)
    for axes in (raster, rate):
        axes.axvline(_BEFORE, color=GREY, linestyle="--", linewidth=0.8)
    title = "A quarter of an assembly is driven from 400 ms on: the rest of it follows"
    open_axes(raster, title=title)
    raster.set(yticks=[], ylim=(-4, len(parts) * (_SHOWN + 10)))
    open_axes(rate, xlabel="Time (ms)", ylabel="Rate (Hz)", yscale="log")
    rate.set(xlim=(0, _BEFORE + _CUE), ylim=(1, 150))


ASSEMBLY = PublishedFigure(
    name="assembly",
    paper="Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334:1569, figure 4",
    shows="Inhibition that learns hides a memory in a balanced network; a part recalls the rest.",
    against=("our theory",),
    seconds=60,
    run=_assembly,
)
