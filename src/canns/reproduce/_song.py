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
from canns.reproduce._claim import Claim, t_reach
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._trains import follow, on_grid, poisson

__all__ = ["SONG"]

_EXCITATORY, _INHIBITORY, _INHIBITORY_RATE = 1000, 200, 10.0
_G_MAX, _G_IN = 0.015, 0.05
_RATES, _COLOURS = (10, 20, 40), ("#0072B2", "#009E73", "#D55E00")
_CHUNK, _FROZEN = 1.0, 20
# Published: "about 1.2".
_GROWTH, _DIGITS = 1.2, 0.05
# Our simulation from event to event, without a grid of time, of at least 1000 s and several seeds:
# its middle, and half of the range of its seeds.
_OUTPUT = ((13.45, 0.15), (10.8, 0.2), (14.5, 0.5))
_MEAN = ((0.55, 0.005), (0.28, 0.005), (0.14, 0.005))
_WEAK, _STRONG = (0.765, 0.015), (0.075, 0.005)
_WHY = "half of the range of the other simulation"


class _Plan(NamedTuple):
    """Runs at each input; length of a run, and its last part that counts, in s; step in ms."""

    runs: int
    seconds: int
    last: int
    dt: float


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


def _song(seed: int, plan: _Plan) -> Findings:
    rngs = np.random.default_rng(seed).spawn(plan.runs * len(_RATES))
    # Each step is too small for several cores, so each core has runs of its own.
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(_learnt, _RATES[k % 3], rng, plan.seconds, plan.dt, k == 0)
            for k, rng in enumerate(rngs)
        ]
        done = [job.result() for job in jobs]
    runs = [done[k::3] for k in range(3)]
    last = [[run.times[run.times > plan.seconds - plan.last] for run in row] for row in runs]
    output = np.array([[len(times) / plan.last for times in row] for row in last])
    weights = np.array([[run.weights for run in row] for row in runs])
    claims = [
        Claim.of_mean(
            "output at 40 Hz over output at 10 Hz",
            "paper's number",
            _GROWTH,
            output[2] / output[0],
            room=_DIGITS,
            why="the digits of the paper",
        )
    ]
    for name, expected, samples in (
        ("output (Hz)", _OUTPUT, output),
        ("mean weight over g_max", _MEAN, weights.mean(axis=2)),
    ):
        claims += [
            Claim.of_mean(f"{name} at {rate} Hz", "our simulation", value, row, room=room, why=_WHY)
            for rate, (value, room), row in zip(_RATES, expected, samples, strict=True)
        ]
    for name, (value, room), shares in (
        ("weights < 0.1 g_max", _WEAK, weights[2] < 0.1),
        ("weights > 0.9 g_max", _STRONG, weights[2] > 0.9),
    ):
        claims.append(
            Claim.of_mean(
                f"{name} at 40 Hz",
                "our simulation",
                value,
                shares.mean(axis=1),
                room=room,
                why=_WHY,
            )
        )
    frozen = np.array(done[0].frozen)
    data = {
        "input (Hz)": _RATES,
        "output (Hz)": output,
        "output, weights fixed (Hz)": frozen,
        "weights over g_max": weights,
        "dt (ms)": plan.dt,
    }
    draw = partial(_draw, runs=runs, output=output, frozen=frozen, seconds=plan.seconds)
    return Findings(claims, data, draw)


def _draw(
    canvas: Canvas,
    runs: list[list[_Run]],
    output: NDArray[np.float64],
    frozen: NDArray[np.float64],
    seconds: int,
) -> None:
    grid = canvas.add_gridspec(2, 6)
    history, curve = canvas.add_subplot(grid[0, :3]), canvas.add_subplot(grid[0, 3:])
    width = seconds / 50
    edges = np.arange(0, seconds + width / 2, width)
    for k, (row, rate, colour) in enumerate(zip(runs, _RATES, _COLOURS, strict=True)):
        found = np.mean([np.histogram(run.times, edges)[0] for run in row], axis=0) / width
        history.plot(edges[1:] - width / 2, found, color=colour, label=f"input {rate} Hz")
        axes = canvas.add_subplot(grid[1, 2 * k : 2 * k + 2])
        bins = np.linspace(0, 1, 21)
        counts = np.mean([np.histogram(run.weights, bins)[0] for run in row], axis=0)
        axes.stairs(counts, bins, color=colour, fill=True)
        axes.set(xlabel=r"Weight$\,/\,g_{max}$", title=f"input {rate} Hz", xlim=(0, 1))
        if k == 0:
            axes.set_ylabel("Synapses")
        axes.spines[["top", "right"]].set_visible(False)
    history.set(xlabel="Time (s)", ylabel="Output (Hz)", yscale="log", ylim=(2, 300))
    history.set_title("STDP brings the output down")
    curve.plot(_RATES, frozen, "s--", color="#7F7F7F", label="weights fixed")
    mean, reach = output.mean(axis=1), t_reach(output, axis=1)
    curve.errorbar(
        _RATES,
        mean,
        reach,
        fmt="o-",
        color="black",
        capsize=3,
        label="with STDP, 99.9 % t interval",
    )
    published = mean[0] * np.array([1, _GROWTH])
    curve.plot([10, 40], published, ":", color="#D55E00", label="Song et al.: 1.2 times")
    curve.set(xlabel="Input (Hz)", ylabel="Output (Hz)", yscale="log", ylim=(5, 900))
    curve.set_title("and holds it there")
    for axes in (history, curve):
        axes.legend(frameon=False, fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)


SONG = PublishedFigure(
    name="song",
    paper="Song, Miller & Abbott (2000), Nat. Neurosci. 3:919",
    shows="STDP sorts weights into weak and strong, and holds the output whatever the input.",
    against=("paper's number", "our simulation"),
    seconds=45,
    run=partial(_song, plan=_Plan(runs=5, seconds=300, last=150, dt=0.5)),
    run_in_full=partial(_song, plan=_Plan(runs=5, seconds=1000, last=500, dt=0.1)),
    seconds_in_full=900,
)
