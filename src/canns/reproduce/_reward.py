"""Delayed reward: the synapse that earned it, and the choice that it teaches."""

from collections.abc import Callable
from functools import partial

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns.dynamics import Neuron, Recorded
from canns.models.training import repeat, stack
from canns.plasticity import (
    Learner,
    PairSTDP,
    RewardModulated,
    Rule,
    Score,
    Setup,
    learn,
    learn_members,
)
from canns.reproduce._claim import Claim, t_reach
from canns.reproduce._draw import split
from canns.reproduce._figure import Canvas, Findings, PublishedFigure
from canns.task import timed_spikes
from canns.typing import AnyArray, Array

__all__ = ["REWARD"]

_TAU, _TAU_E, _A = 20.0, 1000.0, 0.01
# One hour at 1 Hz, as in the paper, in steps of 2 ms; a reward follows each pair within 10 ms.
_DT, _RATE, _SYNAPSES, _MEMBERS, _SEGMENTS, _STEPS = 2.0, 1.0, 100, 8, 60, 30_000
_NEAR, _SOONEST, _LATEST = 5, 500, 1500  # steps
_DELAYS = np.arange(0.0, 4001.0, 250.0)
# A choice: 128 seeds, a cue of 20 inputs, two neurons; the reward comes a second later.
_SEEDS, _INPUTS, _TRIALS, _WAIT, _PAUSE, _BLOCK = 128, 20, 600, 10, 30, 20
_ONE_TRIAL = 20_000  # members that see a single trial


def _members(
    rule: Rule, neuron: Neuron, weights: Array, count: int
) -> tuple[Callable[..., Learner], Learner]:
    """Return a function that trains members, and the members, which start alike."""
    learner = Setup(rule, neuron).start(weights)
    setups, learners = (repeat(stack([part]), count) for part in (Setup(rule, neuron), learner))
    return partial(learn_members, setups, shared=False), learners


def _one_synapse(rng: np.random.Generator) -> tuple[AnyArray, AnyArray]:
    """Return the changes, (members, synapses), and the number of rewards, (members,).

    Synapse 0 earns a reward whenever a spike of its input is followed by one of the neuron.
    """
    total, columns = _SEGMENTS * _STEPS, _SYNAPSES + 1
    chance = -np.expm1(-_RATE * _DT / 1000)
    spikes, rewards = [], np.zeros((_MEMBERS, total + _LATEST + 1), np.float32)
    for member in range(_MEMBERS):
        # At most one spike a step: draw the number of spikes, then as many different steps.
        counts = rng.binomial(total, chance, columns)
        trains = [np.sort(rng.choice(total, n, replace=False)) for n in counts]
        spikes.append(trains)
        lags = trains[-1][:, None] - trains[0]
        after = trains[-1][np.nonzero((lags > 0) & (lags <= _NEAR))[0]]
        delays = rng.integers(_SOONEST, _LATEST + 1, len(after))
        np.add.at(rewards[member], after + delays, 1.0)
    rule = RewardModulated(PairSTDP(_A, 1.0, 1.0, _TAU, _TAU, _DT, coincidence="none"), _TAU_E)
    train, learners = _members(rule, Recorded(), jnp.zeros((1, _SYNAPSES)), _MEMBERS)
    for segment in range(_SEGMENTS):
        first = segment * _STEPS
        rows = np.zeros((_MEMBERS, _STEPS, columns), np.float32)
        for member, column in np.ndindex(_MEMBERS, columns):
            at = spikes[member][column] - first
            rows[member, at[(at >= 0) & (at < _STEPS)], column] = 1.0
        given = rewards[:, first : first + _STEPS]
        learners = train(learners, rows, rewards=given)
    changes = np.asarray(learners.weights[:, 0], np.float64)
    return changes, rewards[:, :total].sum(axis=1)


def _by_delay() -> NDArray[np.float64]:
    """Return the share of a pair's change that a reward brings about, at each delay."""
    rule = RewardModulated(PairSTDP(1.0, 1.0, 1.0, _TAU, _TAU, 10.0, coincidence="ltp"), _TAU_E)
    pair = timed_spikes([[0.0], [10.0]], 402, dt=10.0)
    shares = []
    for delay in _DELAYS:
        rewards = np.zeros(402)
        rewards[1 + round(delay / 10)] = 1.0
        after = learn(Setup(rule, Recorded()), jnp.zeros((1, 1)), pair, rewards=rewards)
        shares.append(float(after.weights[0, 0]) * np.exp(10 / _TAU))
    return np.array(shares)


def _choices(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return whether each choice was right, (2, seeds, trials), if rewarded for it or by chance."""
    members = 2 * _SEEDS
    rule = RewardModulated(Score(1.0, 1.0), _TAU_E, 100.0)
    train, learners = _members(rule, Recorded(potential=True), jnp.zeros((2, _INPUTS)), members)
    # Half of the inputs are active at either cue, drawn for each seed: the cues overlap.
    cues = (rng.random((members, 2, _INPUTS)).argsort(axis=2) < _INPUTS // 2).astype(np.float32)
    every, right = np.arange(members), np.zeros((members, _TRIALS))
    rows = np.zeros((members, _WAIT + _PAUSE, _INPUTS + 4), np.float32)
    for trial in range(_TRIALS):
        cue = rng.integers(2, size=members)
        shown = cues[every, cue]
        potential = np.einsum("moi,mi->mo", learners.weights, shown)
        fires = rng.random((members, 2)) < 1 / (1 + np.exp(-potential))
        # A neuron that fires alone decides; if none or both fire, a coin decides.
        decided = fires[:, 0] != fires[:, 1]
        action = np.where(decided, fires[:, 1], rng.integers(2, size=members))
        right[:, trial] = action == cue
        outcome = 2 * right[:, trial] - 1
        outcome[_SEEDS:] = rng.choice([-1.0, 1.0], _SEEDS)
        rows[:, 0] = np.concatenate([shown, fires, potential], axis=1)
        rewards = np.zeros(rows.shape[:2], np.float32)
        rewards[:, _WAIT] = outcome
        learners = train(learners, rows, rewards=rewards)
    return right.reshape(2, _SEEDS, _TRIALS)


def _gradient(rng: np.random.Generator) -> list[Claim]:
    """Return claims that one trial changes the weights, on average, along the gradient.

    The reward is 1 if just one of two neurons fires, so its expectation is p (1 - q) + q (1 - p).
    """
    rule = RewardModulated(Score(1.0, 1.0), _TAU_E, 100.0)
    start = jnp.asarray([[0.8], [-1.5]])
    train, learners = _members(rule, Recorded(potential=True), start, _ONE_TRIAL)
    p, q = (float(part) for part in 1 / (1 + np.exp(-start[:, 0])))
    fires = rng.random((_ONE_TRIAL, 2)) < (p, q)
    rows = np.zeros((_ONE_TRIAL, _WAIT + 1, 5), np.float32)
    rows[:, 0] = np.concatenate([np.ones((_ONE_TRIAL, 1)), fires, 0 * fires + start[:, 0]], axis=1)
    rewards = np.zeros(rows.shape[:2], np.float32)
    rewards[:, _WAIT] = fires[:, 0] != fires[:, 1]
    learners = train(learners, rows, rewards=rewards)
    left = np.exp(-_WAIT * 100.0 / _TAU_E)
    found = np.asarray(learners.weights - start, np.float64)[..., 0] / left
    slopes = p * (1 - p) * (1 - 2 * q), q * (1 - q) * (1 - 2 * p)
    return [
        Claim.of_mean(
            f"mean change by a trial over the gradient, neuron {k + 1}",
            "paper's formula",
            1.0,
            found[:, k] / slope,
        )
        for k, slope in enumerate(slopes)
    ]


def _reward(seed: int) -> Findings:
    rng = np.random.default_rng(seed)
    changes, count = _one_synapse(rng)
    shares, right = _by_delay(), _choices(rng)
    lags, delays = _DT * np.arange(1, _NEAR + 1), _DT * np.arange(_SOONEST, _LATEST + 1)
    gain = _A * float(np.exp(-lags / _TAU).mean() * np.exp(-delays / _TAU_E).mean())
    last = right[:, :, -100:].mean(axis=2)
    ranks = 1 + (changes[:, 1:] >= changes[:, :1]).sum(axis=1)
    left = float(np.abs(shares - np.exp(-_DELAYS / _TAU_E)).max())
    claims = [
        Claim.of_mean(f"rank of the rewarded synapse of {_SYNAPSES}", "paper's number", 1.0, ranks),
        Claim.of_value(
            "eligibility, furthest from exp(-D/tau)", "paper's formula", 0.0, left, 1e-5, "float32"
        ),
        Claim.of_mean(
            "growth of the rewarded synapse, less its expectation, over A",
            "our theory",
            0.0,
            (changes[:, 0] - gain * count) / _A,
        ),
        Claim.of_mean(
            "growth of the others, over A", "our theory", 0.0, changes[:, 1:].mean(axis=1) / _A
        ),
        Claim.of_mean("two cues, rewarded by chance, right", "our theory", 0.5, last[1]),
        *_gradient(rng),
    ]
    curves = right.reshape(2, _SEEDS, -1, _BLOCK).mean(axis=3)
    data = {"changes": changes, "rewards": count, "delays (ms)": _DELAYS, "shares": shares}
    draw = partial(_draw, changes=changes / _A, shares=shares, curves=curves)
    return Findings(claims, data | {"right choices": curves.mean(axis=1)}, draw)


def _draw(canvas: Canvas, changes: AnyArray, shares: AnyArray, curves: AnyArray) -> None:
    from canns.analyzer.visualization import BLUE, GREY, ORANGE, open_axes

    left, right = split(canvas, 1, 2, width_ratios=(1, 1.1))
    top, bottom = left.subplots(2, 1)
    bins = np.linspace(changes.min(), changes.max(), 41)
    for values, name, colour in (
        (changes[:, 1:], "99 others", GREY),
        (changes[:, 0], "rewarded synapse", ORANGE),
    ):
        top.hist(values.ravel(), bins, color=colour, label=name)
    title = f"After an hour, {_MEMBERS} neurons"
    open_axes(top, title=title, xlabel=r"Weight change$\,/\,A$", ylabel="Synapses", yscale="log")
    top.legend(frameon=False, fontsize="small")
    line = np.linspace(0, _DELAYS[-1], 200)
    bottom.plot(line / 1000, np.exp(-line / _TAU_E), color=BLUE, linewidth=1.4, label="theory")
    bottom.plot(_DELAYS / 1000, shares, "o", color=ORANGE, markersize=4, label="simulated")
    bottom.legend(frameon=False, fontsize="small")
    open_axes(bottom, ylim=(0, 1.05), xlabel="Delay of the reward (s)", ylabel="Share learnt")
    axes, trials = right.subplots(), (np.arange(curves.shape[2]) + 0.5) * _BLOCK
    for runs, name, colour in zip(
        curves, ("rewarded if right", "rewarded by chance"), (BLUE, GREY), strict=True
    ):
        mean, spread = runs.mean(axis=0), t_reach(runs)
        axes.fill_between(trials, mean - spread, mean + spread, color=colour, alpha=0.25)
        axes.plot(trials, mean, color=colour, linewidth=1.4, label=name)
    axes.axhline(0.5, color=GREY, linestyle="--", linewidth=0.8)
    title = f"Two cues, {_SEEDS} learners"
    open_axes(axes, title=title, xlabel="Trial", ylabel="Right choices", ylim=(0.4, 1.0))
    axes.legend(title="bands: 99.9 % t intervals", frameon=False, loc="center right")


REWARD = PublishedFigure(
    name="reward",
    paper="Izhikevich (2007), Cereb. Cortex 17:2443; Frémaux & Gerstner (2016), Front. Neural "
    "Circuits 9:85; Williams (1992), Mach. Learn. 8:229",
    shows="A reward seconds later finds the synapse that earned it, and teaches a choice.",
    against=("paper's number", "paper's formula", "our theory"),
    seconds=18,
    run=_reward,
)
