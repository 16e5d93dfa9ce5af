"""Inhibitory plasticity: the rate that it holds, and how it balances a recurrent network."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import Activity, Poisson, PoissonState
from canns.plasticity import Counting, Monitor, Recorder, Setup, VogelsSTDP, learn
from canns.reproduce._balance import Balanced, balanced
from canns.reproduce._claim import Claim, t_reach
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.task import poisson_spikes
from canns.typing import AnyArray, Array, param, pytree

__all__ = ["VOGELS"]

_TARGET, _TAU, _COUNTINGS = 3.0, 20.0, get_args(Counting)
_GROUPS, _NUM_NEURONS, _NUM_INPUTS, _INPUT_RATE = 4, 128, 32, 20.0
_SETTLING, _STEPS = 40_000, 20_000
_NETWORKS, _STRONG, _SHOWN = 3, 0.5, 500
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


def _held(coincidence: Counting, rng: np.random.Generator) -> AnyArray:
    """Return the mean rate of Poisson neurons in Hz once it has settled, of each group."""
    rule = VogelsSTDP(0.005, _TARGET, _TAU, coincidence=coincidence)
    neuron, rates = _Inhibited(), []
    for _ in range(_GROUPS):
        weights = jnp.full((_NUM_NEURONS, _NUM_INPUTS), 17.0 / _NUM_INPUTS)
        learner = Setup(rule, neuron).start(weights)
        own = jax.random.key(int(rng.integers(2**31)))
        learner = learner._replace(state=neuron.seeded(learner.state, own))
        for steps in (_SETTLING, _STEPS):
            spikes = poisson_spikes(np.full(_NUM_INPUTS, _INPUT_RATE), steps, seed=rng)
            recorder = Recorder(Monitor(("spikes",)))
            learner = learn(Setup(rule, neuron), learner, spikes, recorder=recorder)
        fired = recorder.history().spikes
        assert fired is not None, "they are what was asked for"
        rates.append(1000 * len(fired[0]) / (_STEPS * _NUM_NEURONS))
    return np.array(rates)


class _Networks(NamedTuple):
    """Networks without inhibition at first, and with much."""

    above: list[Balanced]
    below: list[Balanced]


def _networks(rng: np.random.Generator) -> _Networks:
    seeds = rng.integers(2**31, size=2 * _NETWORKS).tolist()
    starts = [0.0] * _NETWORKS + [_STRONG] * _NETWORKS
    with ThreadPoolExecutor() as pool:
        runs = [*pool.map(partial(balanced, _TARGET, _TAU), starts, seeds)]
    return _Networks(runs[:_NETWORKS], runs[_NETWORKS:])


def _vogels(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    held = np.array([_held(coincidence, rng) for coincidence in _COUNTINGS])
    theory = 2 * _TARGET * _TAU / np.array([_WINDOW[name] for name in _COUNTINGS])
    formula = "rate held (Hz): rho_0 = alpha / (2 tau)"
    claims = [Claim.of_mean(formula, "paper's formula", _TARGET, held[0])]
    claims += [
        Claim.of_mean(
            f"rate held (Hz), pairs in one step count {name}", "our theory", float(rate), samples
        )
        for name, rate, samples in zip(_COUNTINGS[1:], theory[1:], held[1:], strict=True)
    ]
    networks = _networks(rng)
    final = np.array([[run.settled for run in runs] for runs in networks])
    explained = np.array([[run.explained for run in runs] for runs in networks])
    claims += [
        Claim.of_mean(
            "network, from above less from below (Hz)", "our theory", 0.0, final[0] - final[1]
        ),
        # Inhibition prevents some pairs; as these are missing, the rule holds a higher rate.
        Claim.of_mean(
            "network, less the rate that its correlations explain (Hz)",
            "our theory",
            0.0,
            final - explained,
        ),
    ]
    data = {"held (Hz)": held, "theory (Hz)": theory, "settled (Hz)": final}
    data |= {
        "explained (Hz)": explained,
        "CV": np.array([[run.cv for run in runs] for runs in networks]),
    }
    return Findings(claims, data, partial(_draw, held=held, theory=theory, networks=networks))


def _draw(canvas: Canvas, held: AnyArray, theory: AnyArray, networks: _Networks) -> None:
    from canns.analyzer.visualization import BLUE, GREY, ORANGE, open_axes

    left, right = split(canvas, 1, 2, width_ratios=(1.7, 1))
    before, after, rates = left.subplots(3, 1, height_ratios=(1, 1, 1.6))
    run = networks.above[0]
    for axes, (times, neurons), title in (
        (before, run.early, "500 of 8000 neurons at first"),
        (after, run.late, "and after inhibition has learnt"),
    ):
        time, neuron = times[neurons < _SHOWN] / 1000.0, neurons[neurons < _SHOWN]
        axes.plot(time, neuron, ".", color=BLUE, markersize=1)
        open_axes(axes, title=title, ylabel="Neuron")
        axes.set(yticks=[], xticks=[], xlim=(time.min(), time.min() + 0.5))
    after.set_xlabel("0.5 s")
    for runs, colour, name in zip(
        networks, (ORANGE, BLUE), ("no inhibition at first", "much at first"), strict=True
    ):
        paths = np.array([one.rates for one in runs])
        time = np.arange(paths.shape[1]) + 0.5
        rates.plot(time, paths.mean(axis=0), color=colour, linewidth=1.4, label=name)
        rates.fill_between(time, paths.min(axis=0), paths.max(axis=0), color=colour, alpha=0.2)
    rates.axhline(_TARGET, color=GREY, linestyle="--", linewidth=0.8)
    open_axes(rates, xlabel="Time (s)", ylabel="Rate (Hz)", yscale="log")
    rates.set_ylim(1, 30)
    rates.legend(frameon=False, fontsize="small")
    panel = right.subplots()
    positions = np.arange(len(_COUNTINGS))
    panel.errorbar(
        positions, held.mean(axis=1), t_reach(held, axis=1), fmt="o", capsize=3, color=BLUE
    )
    for x, rate in zip(positions, theory, strict=True):
        panel.plot([x - 0.3, x + 0.3], [rate, rate], color=ORANGE, linewidth=1.4)
    panel.axhline(_TARGET, color=GREY, linestyle="--", linewidth=0.8)
    labels = {"xlabel": "Pairs in one step count", "ylabel": "Rate held (Hz)"}
    open_axes(panel, title="Poisson neurons,\n99.9 % t intervals", **labels)
    panel.set_xticks(positions, ["half a\nstep apart", "never", *_COUNTINGS[2:]])
    panel.set_xlim(-0.5, len(_COUNTINGS) - 0.5)


VOGELS = PublishedFigure(
    name="vogels",
    paper="Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334:1569",
    shows="Inhibitory plasticity holds neurons at a target rate, and calms a recurrent network.",
    against=("paper's formula", "our theory"),
    seconds=60,
    run=_vogels,
)
