"""A repeating pattern of spikes, hidden in noise, is found by one kind of pairing only.

Afferents fire at 54 Hz, and noise adds 10 Hz; in the paper the rate varies from 0 to 90 Hz.
All-to-all pairing has the same amplitudes: depression then outweighs potentiation by 1.7, and the
neuron is silent within a second.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import SRM
from canns.plasticity import Bounds, Pairing, PairSTDP, Setup, learn
from canns.reproduce._claim import Claim
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.reproduce._trains import Events, follow, on_grid, poisson

__all__ = ["MASQUELIER"]

_LENGTH, _SHARE, _JITTER, _RATE, _NOISE = 50.0, 0.25, 1.0, 54.0, 10.0
_A_PLUS, _RATIO, _TAU_PLUS, _TAU_MINUS, _START = 2.0**-5, 0.85, 16.8, 33.7, 0.475
_T_PER_INPUT, _HIT, _LATENCY = 0.25, 0.98, 10.0
_SUCCESS, _CONTROLS, _CHUNK = 0.95, 3, 1000.0


class _Task(NamedTuple):
    """Runs; afferents; length of a run, and its last part that counts, in s; step in ms."""

    runs: int
    size: int
    seconds: int
    last: int
    dt: float


class _Run(NamedTuple):
    """Spikes and starts of the pattern in ms, the final weights, and the pattern itself."""

    spikes: NDArray[np.float64]
    starts: NDArray[np.float64]
    weights: NDArray[np.float64]
    pattern: Events

    def delays(self) -> NDArray[np.float64]:
        """Return the time since the pattern last began, for each spike, in ms."""
        last = np.searchsorted(self.starts, self.spikes, side="right") - 1
        return np.where(last < 0, np.inf, self.spikes - self.starts[last])

    def score(self, since: float, until: float) -> tuple[float, int, float, int]:
        """Return hit rate, false alarms, latency, and presentations between two times in ms."""
        shown = self.starts[(self.starts >= since) & (self.starts < until - 2 * _LENGTH)]
        delays = self.delays()
        heard = delays < _LENGTH + _LATENCY
        counts = (self.spikes >= shown[0]) & (self.spikes < until)
        begun = self.spikes[counts & heard] - delays[counts & heard]
        # Starts are multiples of the slot: rounding undoes the subtraction.
        found, first = np.unique(np.rint(begun / _LENGTH), return_index=True)
        hits = np.isin(np.rint(shown / _LENGTH), found).mean()
        latency = float(delays[counts & heard][first].mean()) if len(first) else np.inf
        return float(hits), int((counts & ~heard).sum()), latency, len(shown)


def _chunks(
    rng: np.random.Generator, task: _Task, pattern: Events, starts: list[float]
) -> Iterator[NDArray[np.float32]]:
    """Yield trains; half of the neurons show the pattern in some of the slots of its length."""
    slots = round(_CHUNK / _LENGTH)
    count = round(slots * _SHARE)
    for chunk in range(round(1000 * task.seconds / _CHUNK)):
        # No two in a row.
        at = np.sort(rng.choice(slots - count, count, replace=False)) + np.arange(count)
        starts += (chunk * _CHUNK + at * _LENGTH).tolist()
        times, neurons = poisson(rng, _RATE, task.size, _CHUNK)
        covered = np.isin(times // _LENGTH, at) & (neurons < task.size // 2)
        shifts = _JITTER * rng.standard_normal((count, len(pattern[0])))
        shown = (at[:, None] * _LENGTH + pattern[0] + shifts).ravel()
        noise, others = poisson(rng, _NOISE, task.size, _CHUNK)
        events = (
            np.concatenate([times[~covered], shown, noise]),
            np.concatenate([neurons[~covered], np.tile(pattern[1], count), others]),
        )
        yield on_grid(events, round(_CHUNK / task.dt), task.size, task.dt)


def _learnt(pairing: Pairing, rng: np.random.Generator, task: _Task) -> _Run:
    neuron = SRM(T=_T_PER_INPUT * task.size, dt=task.dt)
    rule = PairSTDP(1.0, _A_PLUS, _RATIO * _A_PLUS, _TAU_PLUS, _TAU_MINUS, pairing=pairing)
    weights = jnp.full((1, task.size), _START)
    learner = learn(Setup(rule, neuron), weights, np.zeros((1, task.size), np.float32))
    pattern, starts = poisson(rng, _RATE, task.size // 2, _LENGTH), list[float]()
    chunks = _chunks(rng, task, pattern, starts)
    learner, spikes = follow(rule, neuron, learner, Bounds(0.0, 1.0), chunks, task.dt)
    return _Run(spikes, np.array(starts), np.asarray(learner.weights[0], np.float64), pattern)


def _masquelier(seed: int, task: _Task) -> Findings:
    seeds = np.random.SeedSequence(seed).spawn(task.runs)
    # The controls are shown the trains of the first runs.
    jobs: list[tuple[Pairing, np.random.SeedSequence]] = [("reduced", one) for one in seeds]
    jobs += [("all", one) for one in seeds[:_CONTROLS]]
    with ThreadPoolExecutor() as pool:
        runs = list(
            pool.map(lambda job: _learnt(job[0], np.random.default_rng(job[1]), task), jobs)
        )
    reduced, every = runs[: task.runs], runs[task.runs :]
    until = 1000.0 * task.seconds
    since = until - 1000 * task.last
    scores = np.array([run.score(since, until) for run in reduced])
    hits, alarms, latency, _ = scores.T
    # In the runs that fail the neuron goes silent before it has found the pattern.
    found = (hits > _HIT) & (alarms == 0)
    claims = [
        Claim.of_share(
            f"runs that hit > {100 * _HIT:g} %, without a false alarm",
            "paper's number",
            _SUCCESS,
            int(found.sum()),
            task.runs,
            "at least",
        ),
        Claim.of_mean(
            "latency of these runs (ms)", "paper's number", _LATENCY, latency[found], "at most"
        ),
        Claim.of_mean(
            "hit rate of all-to-all pairing",
            "our simulation",
            0.0,
            [run.score(since, until)[0] for run in every],
        ),
    ]
    data = {
        "hit rate": hits,
        "false alarms": alarms,
        "latency (ms)": latency,
        "last false alarm (s)": [_last_alarm(run) for run in reduced],
        "last spike of all-to-all (s)": [run.spikes[-1] / 1000 for run in every],
        "afferents": task.size,
        "dt (ms)": task.dt,
    }
    return Findings(claims, data, partial(_draw, reduced=reduced, every=every, task=task))


def _last_alarm(run: _Run) -> float:
    return float(run.spikes[run.delays() >= _LENGTH + _LATENCY][-1] / 1000)


def _draw(canvas: Canvas, reduced: list[_Run], every: list[_Run], task: _Task) -> None:
    grid = canvas.add_gridspec(2, 2)
    panels = [canvas.add_subplot(place) for place in (grid[0, :], grid[1, 0], grid[1, 1])]
    shown, rates, fields = panels
    run = min(reduced, key=lambda one: one.score(0, 1000.0 * task.seconds)[2])
    delays = run.delays()
    inside = delays < _LENGTH + _LATENCY
    shown.plot(run.spikes[~inside] / 1000, np.full((~inside).sum(), -4), "|", color="#7F7F7F")
    shown.plot(run.spikes[inside] / 1000, delays[inside], ".", color="#0072B2", markersize=2)
    shown.set(xlabel="Time (s)", ylabel="Delay in the pattern (ms)", ylim=(-8, 60))
    shown.set_title("Spikes of one neuron: in the pattern (blue) and outside it (grey)")
    edges = np.linspace(0, 1000.0 * task.seconds, 13)
    for runs, colour, name in ((reduced, "#0072B2", "reduced"), (every, "#D55E00", "all-to-all")):
        for k, one in enumerate(runs):
            hits = [one.score(*edge)[0] for edge in pairwise(edges)]
            label = name if k == 0 else None
            rates.plot(edges[1:] / 1000, hits, color=colour, alpha=0.6, label=label)
    rates.set(xlabel="Time (s)", ylabel="Hit rate", ylim=(-0.03, 1.03))
    rates.legend(frameon=False, fontsize=8, loc="center right", title="pairing")
    order = np.argsort(run.pattern[0])
    neurons, first = np.unique(run.pattern[1][order], return_index=True)
    times = run.pattern[0][order][first]
    fields.plot(times, run.weights[neurons], ".", color="#0072B2", markersize=3)
    fields.set(xlabel="First spike in the pattern (ms)", ylabel="Final weight")
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)


MASQUELIER = PublishedFigure(
    name="masquelier",
    paper="Masquelier, Guyonneau & Thorpe (2008), PLoS ONE 3:e1377; Hathway & Goodman (2018), "
    "ReScience 4(1)",
    shows="STDP finds a repeating pattern of spikes in noise, and fires at its start.",
    against=("paper's number", "our simulation"),
    seconds=40,
    run=partial(_masquelier, task=_Task(runs=12, size=2000, seconds=100, last=40, dt=0.5)),
    run_in_full=partial(_masquelier, task=_Task(runs=40, size=2000, seconds=120, last=40, dt=0.1)),
    seconds_in_full=900,
)
