"""Competition of synapses by the timing of spikes: two kinds of weights, and a steady output."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import ConductanceLIF, ExcitatoryInhibitory
from canns.plasticity import (
    Bounds,
    Identity,
    Learner,
    PairSTDP,
    PartProjections,
    Parts,
    Setup,
    learn,
)
from canns.reproduce._claim import Claim
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._trains import follow, on_grid, poisson

__all__ = ["SONG"]

_EXCITATORY, _INHIBITORY, _INHIBITORY_RATE = 1000, 200, 10.0
_G_MAX, _G_IN = 0.015, 0.05
_RATES, _COLOURS = (10, 20, 40), ("#0072B2", "#009E73", "#D55E00")
_CHUNK, _LAST, _FROZEN = 1.0, 500, 20
# Outputs wander for minutes: the standard deviation of their ratio in four other pairs of runs.
_SCATTER = 0.1


class _Run(NamedTuple):
    """Spike times in s, final weights over g_max, and the output with these weights fixed."""

    times: NDArray[np.float64]
    weights: NDArray[np.float64]
    frozen: list[float]


def _chunks(
    rng: np.random.Generator, rate: float, seconds: int, dt: float
) -> Iterator[NDArray[np.float32]]:
    duration = 1000 * _CHUNK
    for _ in range(int(seconds / _CHUNK)):
        times, neurons = poisson(rng, rate, _EXCITATORY, duration)
        more, others = poisson(rng, _INHIBITORY_RATE, _INHIBITORY, duration)
        events = np.append(times, more), np.append(neurons, others + _EXCITATORY)
        yield on_grid(events, round(duration / dt), _EXCITATORY + _INHIBITORY, dt)


def _learnt(rate: float, rng: np.random.Generator, seconds: int, dt: float, others: bool) -> _Run:
    """Learn from inputs of one rate; with ``others``, measure the fixed weights at all rates."""
    neuron = ConductanceLIF(inhibitory=_INHIBITORY, dt=dt)
    rule = PairSTDP(_G_MAX)  # amplitudes and time constants are the paper's
    project = PartProjections((Bounds(0.0, _G_MAX), Identity()))
    weights = ExcitatoryInhibitory(
        jnp.full((1, _EXCITATORY), _G_MAX), jnp.full((1, _INHIBITORY), _G_IN)
    )
    silence = np.zeros((1, _EXCITATORY + _INHIBITORY), np.float32)
    learner: Learner = learn(Setup(Parts((rule, None)), neuron, project), weights, silence)

    def run(
        change: float, learner: Learner, rate: float, seconds: int
    ) -> tuple[Learner, NDArray[np.float64]]:
        rules = Parts((PairSTDP(change * _G_MAX), None))
        return follow(rules, neuron, learner, project, _chunks(rng, rate, seconds, dt), dt)

    learner, times = run(1.0, learner, rate, seconds)
    fixed = _RATES if others else ()
    frozen = [len(run(0.0, learner, other, _FROZEN)[1]) / _FROZEN for other in fixed]
    final = np.asarray(learner.weights.excitatory[0], np.float64) / _G_MAX
    return _Run(times / 1000, final, frozen)


def _song(seed: int, seconds: int, dt: float) -> Findings:
    rngs = np.random.default_rng(seed).spawn(len(_RATES))
    # Each step is too small for several cores, so each core has a run of its own.
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(_learnt, rate, rng, seconds, dt, rate == _RATES[0])
            for rate, rng in zip(_RATES, rngs, strict=True)
        ]
        runs = [job.result() for job in jobs]
    last = [run.times[run.times > seconds - _LAST] for run in runs]
    output = np.array([len(times) / _LAST for times in last])
    variation = [float(np.diff(times).std() / np.diff(times).mean()) for times in last]
    counts = np.array([np.histogram(run.weights, 10, (0, 1))[0] for run in runs])
    peaks = np.minimum(counts[:, 0], counts[:, -1]) / counts[:, 3:7].mean(axis=1)
    claims = [
        Claim(
            f"weights in the lower of the outer tenths, over a middle one, at {rate} Hz",
            1.0,
            float(peak),
            0.0,
            "1 without two peaks",
            "at least",
        )
        for rate, peak in zip(_RATES, peaks, strict=True)
    ]
    frozen = np.array(runs[0].frozen)
    why = "digits of the paper, and 3 standard deviations of a pair of runs"
    growth = float(output[-1] / output[0])
    claims += [
        Claim(
            "output at 40 Hz over output at 10 Hz",
            1.2,
            growth,
            0.05 + 3 * _SCATTER,
            why,
            "at most",
        ),
        Claim(
            "the same with weights fixed at those of 10 Hz",
            _RATES[-1] / _RATES[0],
            float(frozen[-1] / frozen[0]),
            0.0,
            "proportional",
            "at least",
        ),
    ]
    data = {
        "input (Hz)": _RATES,
        "output (Hz)": output,
        "output, weights fixed (Hz)": frozen,
        "CV of intervals": variation,
        "weights over g_max": [run.weights for run in runs],
        "dt (ms)": dt,
    }
    draw = partial(_draw, runs=runs, output=output, frozen=frozen, seconds=seconds)
    return Findings(claims, data, draw)


def _draw(
    canvas: Canvas,
    runs: list[_Run],
    output: NDArray[np.float64],
    frozen: NDArray[np.float64],
    seconds: int,
) -> None:
    grid = canvas.add_gridspec(2, 6)
    history, curve = canvas.add_subplot(grid[0, :3]), canvas.add_subplot(grid[0, 3:])
    width = seconds / 50
    edges = np.arange(0, seconds + width / 2, width)
    for k, (run, rate, colour) in enumerate(zip(runs, _RATES, _COLOURS, strict=True)):
        found = np.histogram(run.times, edges)[0] / width
        history.plot(edges[1:] - width / 2, found, color=colour, label=f"input {rate} Hz")
        axes = canvas.add_subplot(grid[1, 2 * k : 2 * k + 2])
        axes.hist(run.weights, np.linspace(0, 1, 21).tolist(), color=colour)
        axes.set(xlabel=r"Weight$\,/\,g_{max}$", title=f"input {rate} Hz", xlim=(0, 1))
        if k == 0:
            axes.set_ylabel("Synapses")
        axes.spines[["top", "right"]].set_visible(False)
    history.set(xlabel="Time (s)", ylabel="Output (Hz)", yscale="log", ylim=(2, 300))
    history.set_title("STDP brings the output down")
    curve.plot(_RATES, frozen, "s--", color="#7F7F7F", label="weights fixed")
    curve.plot(_RATES, output, "o-", color="black", label="with STDP")
    curve.set(xlabel="Input (Hz)", ylabel="Output (Hz)", yscale="log", ylim=(5, 900))
    curve.set_title("and holds it there")
    for axes in (history, curve):
        axes.legend(frameon=False, fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)


SONG = PublishedFigure(
    name="song",
    paper="Song, Miller & Abbott (2000), Nat. Neurosci. 3:919",
    shows="STDP sorts weights into weak and strong, and holds the output whatever the input.",
    against=("our theory",),
    seconds=30,
    run=partial(_song, seconds=1000, dt=0.5),
    run_in_full=partial(_song, seconds=1000, dt=0.1),
    seconds_in_full=200,
)
