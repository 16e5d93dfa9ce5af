"""Inhibitory plasticity: the rate that it holds, and how a neuron gets there."""

from functools import partial
from typing import get_args

import jax.numpy as jnp
import numpy as np

from canns.dynamics import (
    Activity,
    ConductanceLIF,
    ExcitatoryInhibitory,
    Poisson,
    PoissonState,
)
from canns.plasticity import (
    Bounds,
    Counting,
    Identity,
    Monitor,
    PartProjections,
    Parts,
    Recorder,
    Setup,
    VogelsSTDP,
    learn,
)
from canns.reproduce._claim import Claim
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.task import poisson_spikes
from canns.typing import AnyArray, Array, PyTree, param, pytree

__all__ = ["VOGELS"]

_TARGET, _TAU, _COUNTINGS = 3.0, 20.0, get_args(Counting)
_TARGETS = (3.0, 10.0, 20.0)
_NUM_NEURONS, _NUM_INPUTS, _INPUT_RATE, _CHUNK, _NUM_CHUNKS = 128, 32, 20.0, 20_000, 10
_NUM_LIF, _NUM_SYNAPSES, _LIF_STEPS, _BIN = 32, 100, 200_000, 2000
_WHY = "3 standard errors, by stretches of time"
# All pairs of a spike: the sum over lags of the window, in steps of 1 ms, under each convention.
_ONE_SIDE = float(1 / np.expm1(1 / _TAU))
_MID = float(1 / np.sinh(0.5 / _TAU))
_WINDOW = {"mid": _MID} | {name: 2 * _ONE_SIDE + n for n, name in enumerate(_COUNTINGS[1:])}


@pytree
class _Inhibited(Poisson):
    """A neuron that fires at its drive less the sum of its inhibitory weights, input or not.

    So the trains before and behind a synapse are independent, as the rule's theory assumes.
    """

    drive: float = param(default=20.0, low=0)

    def step(self, state: PoissonState, weights: Array, x: Array) -> tuple[PoissonState, Activity]:
        """Draw the spikes of one step."""
        rates = self.drive - weights.sum(axis=1, keepdims=True)
        after, activity = super().step(state, rates, jnp.ones(1, weights.dtype))
        return after, self.show(x, activity.post)


def _held(coincidence: Counting, rng: np.random.Generator) -> tuple[float, float]:
    """Return the mean rate of Poisson neurons in Hz once it has settled, and its error."""
    rule = VogelsSTDP(0.005, _TARGET, _TAU, coincidence=coincidence)
    learner: PyTree = jnp.full((_NUM_NEURONS, _NUM_INPUTS), 17.0 / _NUM_INPUTS)
    counts = []
    for _ in range(2 + _NUM_CHUNKS):
        spikes = poisson_spikes(np.full(_NUM_INPUTS, _INPUT_RATE), _CHUNK, seed=rng)
        recorder = Recorder(Monitor(("spikes",)))
        learner = learn(Setup(rule, _Inhibited()), learner, spikes, recorder=recorder)
        counts.append(len(_fired(recorder)[0]))
    rates = 1000 * np.array(counts[2:]) / (_CHUNK * _NUM_NEURONS)
    return float(rates.mean()), float(rates.std(ddof=1) / np.sqrt(_NUM_CHUNKS))


def _fired(recorder: Recorder) -> tuple[AnyArray, AnyArray]:
    spikes = recorder.history().spikes
    assert spikes is not None, "they are what was asked for"
    return spikes


def _approach(target: float, rng: np.random.Generator) -> tuple[AnyArray, AnyArray]:
    """Return rates in each bin, from no and from much inhibition at first, and as explained.

    The explained rates are the target and a correction: inhibition prevents some pairs, and as
    these are missing, the rule holds a higher rate.
    """
    half = _NUM_LIF // 2
    drawn = 0.05 * rng.uniform(0.5, 1.5, (_NUM_LIF, _NUM_SYNAPSES))
    strong = np.repeat([0.0, 0.12], half)[:, None] * np.ones(_NUM_SYNAPSES)
    rates = np.full(2 * _NUM_SYNAPSES, _INPUT_RATE)
    inputs = poisson_spikes(rates, _LIF_STEPS, seed=rng)
    neuron = ConductanceLIF(E_i=-80.0, t_ref=5.0, inhibitory=_NUM_SYNAPSES)
    rule = VogelsSTDP(0.001, target, _TAU)
    recorder = Recorder(Monitor(("spikes",)))
    learn(
        Setup(Parts((None, rule)), neuron, PartProjections((Identity(), Bounds(0.0, 5.0)))),
        ExcitatoryInhibitory(jnp.asarray(drawn), jnp.asarray(strong)),
        inputs,
        recorder=recorder,
    )
    times, neurons = _fired(recorder)
    post = np.zeros((_LIF_STEPS, 2))
    np.add.at(post, (times, neurons // half), 1 / half)
    pre = inputs[:, _NUM_SYNAPSES:].mean(axis=1, dtype=np.float64)
    return 1000 * post.reshape(-1, _BIN, 2).mean(axis=1).T, _explained(rule, pre, post)


def _explained(rule: VogelsSTDP, pre: AnyArray, post: AnyArray) -> AnyArray:
    """Return the rates in Hz at which each stretch of the trains is in balance, (stretches, 2)."""
    from scipy.signal import lfilter

    left = np.exp(-1 / rule.tau)
    before, after = (lfilter([1.0], [1.0, -left], train, axis=0) for train in (pre, post))
    # An input of the same step comes half a step before the spike.
    half = np.sqrt(left)
    pairs = _stretches(post * before[:, None] * half + (after - post) * pre[:, None] / half)
    p, q = _stretches(pre[:, None]), _stretches(post)
    missing = _MID * p * q - pairs
    rates: AnyArray = 1000 * (rule.alpha + missing / p) / _MID
    return rates


def _stretches(rows: AnyArray) -> AnyArray:
    """Return the means of the second half, in ten stretches of time."""
    means: AnyArray = rows[len(rows) // 2 :].reshape(10, -1, rows.shape[1]).mean(axis=1)
    return means


def _vogels(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    held = np.array([_held(coincidence, rng) for coincidence in _COUNTINGS])
    theory = 2 * _TARGET * _TAU / np.array([_WINDOW[name] for name in _COUNTINGS])
    claims = [
        Claim(f"rate held (Hz), coincidences count {name}", float(r), m, 3 * e, "3 standard errors")
        for name, r, (m, e) in zip(_COUNTINGS, theory, held.tolist(), strict=True)
    ]
    paths = []
    for target in _TARGETS:
        rates, explained = _approach(target, rng)
        paths.append(rates)
        settled = _stretches(rates.T)
        what = f"LIF, target {target:g} Hz,"
        apart = settled[:, 0] - settled[:, 1]
        numbers = 0.0, float(apart.mean()), 3 * float(apart.std(ddof=1) / np.sqrt(10))
        claims.append(Claim(f"{what} from above less from below (Hz)", *numbers, _WHY))
        off = (settled - explained).mean(axis=1)
        # A deviation in one stretch moves the weights, which come back, so the sum does not grow.
        numbers = float(explained.mean()), float(settled.mean()), 3 * float(off.std(ddof=1) / 10)
        claims.append(Claim(f"{what} at balance (Hz)", *numbers, "how the weights fluctuate"))
    data = {"held (Hz)": held, "theory (Hz)": theory, "paths (Hz)": np.array(paths)}
    return Findings(claims, data, partial(_draw, held=held, theory=theory, paths=np.array(paths)))


def _draw(canvas: Canvas, held: AnyArray, theory: AnyArray, paths: AnyArray) -> None:
    from canns.analyzer.visualization import COLOURS, GREY, open_axes

    left, right = (part.subplots() for part in split(canvas, 1, 2, width_ratios=(1.7, 1)))
    time = (np.arange(paths.shape[2]) + 0.5) * _BIN / 1000
    for target, path, colour in zip(_TARGETS, paths, COLOURS, strict=False):
        left.axhline(target, color=GREY, linestyle="--", linewidth=0.8)
        for rates, style in zip(path, ("-", ":"), strict=True):
            left.plot(time, rates, style, color=colour, linewidth=1.2)
        left.plot([], [], color=colour, label=f"target {target:g} Hz")
    left.plot([], [], ":", color=GREY, label="inhibited at first")
    title = "Inhibition learns to hold a LIF neuron's rate"
    open_axes(left, title=title, xlabel="Time (s)", ylabel="Rate (Hz)", xlim=(0, 60))
    left.set_ylim(0, None)
    left.legend(frameon=False, fontsize="small")
    positions = np.arange(len(_COUNTINGS))
    right.errorbar(positions, held[:, 0], 3 * held[:, 1], fmt="o", capsize=3, color=COLOURS[0])
    for x, rate in zip(positions, theory, strict=True):
        right.plot([x - 0.3, x + 0.3], [rate, rate], color=COLOURS[1], linewidth=1.4)
    right.axhline(_TARGET, color=GREY, linestyle="--", linewidth=0.8)
    labels = {"xlabel": "Pairs in one step count", "ylabel": "Rate held (Hz)"}
    open_axes(right, title="Poisson; lines: theory", **labels)
    right.set_xticks(positions, ["once, half\na step apart", "never", *_COUNTINGS[2:]])
    right.set_xlim(-0.5, len(_COUNTINGS) - 0.5)


VOGELS = PublishedFigure(
    name="vogels",
    paper="Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334:1569",
    shows="Inhibitory plasticity holds a neuron at its target rate, from above and from below.",
    against=("our theory",),
    seconds=20,
    run=_vogels,
)
