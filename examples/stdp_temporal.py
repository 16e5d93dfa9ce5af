"""STDP makes a neuron fire at the start of a spike sequence that recurs in noise.

120 afferents fire at 10 Hz at random. In each trial of 50 ms, at a random moment, they also fire
in a fixed order: a sequence of 20 positions, one a millisecond, with six afferents at each
position, jittered by 1 ms. Four leaky integrate-and-fire neurons receive them. A deep reset lets
each neuron fire once in a sequence. The weights change by pair-based STDP,

    Delta w = eta (A+ s x_hat - A- s_hat x).

x_hat and s_hat are traces of the earlier input and output spikes. An input that came before the
output spike gains, and one that comes after it loses, the more the closer it is. Inputs shortly
before the spike grow, so the neuron reaches its threshold a little earlier. Then still earlier
inputs are the last ones before the spike, and so step by step the spike moves to the start of the
sequence. In the end

- the first spike comes earlier after the start of the sequence (latency reduction), and
- early inputs are strong and late ones weak: weight falls with position. (The very last keep some
  weight, because they precede the spike of the next trial.)

Both could be artefacts of the rule's bias or of the onset of firing. The control has the same
kind of spikes, but draws the order of the afferents anew in each trial. If nothing recurs,
nothing should be learnt. Indeed the control's weights do not depend on position, and its latency
does not fall (it grows, because the weights shrink). Latencies are measured without learning, in
new trials with other noise, onsets and jitter.

A+ and A- are in proportion 1 to 1.08, and both traces decay alike. So depression wins by 8 % in
chance pairs, and chance makes a synapse weak. (An input in the same step as the output spike counts
as half a step before it, which keeps this balance however long a step is.)

Sources: Song, Miller & Abbott (2000), Nat. Neurosci. 3:919; Guyonneau, VanRullen & Thorpe (2005),
Neural Computation 17:859 (latency reduction).
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import brainstate
import jax
import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.dynamics import LIF
from canns.models.brain_inspired import SpikingLayer
from canns.trainer import STDPTrainer
from canns.utils.example_outputs import get_example_output_dir

NUM_TRIALS, NUM_STEPS, NUM_EPOCHS = 100, 50, 20
NUM_POSITIONS, COPIES, NUM_NEURONS = 20, 6, 4
NOISE_HZ, JITTER, SEED = 10.0, 1.0, 0
EARLIEST, LATEST = 10, 20  # onset of the sequence in its trial
NUM_INPUTS = NUM_POSITIONS * COPIES
POSITION = np.tile(np.arange(NUM_POSITIONS), COPIES)
Array = NDArray[np.floating]


class Trials(NamedTuple):
    """Spikes, (NUM_TRIALS, NUM_STEPS, NUM_INPUTS), and the step at which each sequence starts."""

    spikes: Array
    onsets: NDArray[np.integer]


class Course(NamedTuple):
    """Weights and latencies before learning and after each epoch."""

    weights: Array  # (NUM_EPOCHS + 1, NUM_NEURONS, NUM_INPUTS)
    latencies: Array  # (NUM_EPOCHS + 1, NUM_NEURONS), mean in ms over trials with a spike
    hits: Array  # (NUM_EPOCHS + 1, NUM_NEURONS), share of trials with a spike in the sequence


def make_trials(rng: np.random.Generator, *, shuffled: bool = False) -> Trials:
    """Return noise with one sequence a trial; ``shuffled`` draws its order anew each time."""
    rates = np.full(NUM_INPUTS, NOISE_HZ)
    noise = task.poisson_spikes(rates, NUM_TRIALS * NUM_STEPS, seed=rng)
    spikes = noise.reshape(NUM_TRIALS, NUM_STEPS, NUM_INPUTS)
    onsets = rng.integers(EARLIEST, LATEST + 1, NUM_TRIALS)
    for trial, onset in zip(spikes, onsets, strict=True):
        copies = [
            task.sequence_spikes(NUM_POSITIONS, NUM_POSITIONS, jitter=JITTER, seed=rng)
            for _ in range(COPIES)
        ]
        sequence = np.hstack(copies)
        if shuffled:
            sequence = sequence[:, rng.permutation(NUM_INPUTS)]
        window = trial[onset : onset + NUM_POSITIONS]
        np.maximum(window, sequence, out=window)
    return Trials(spikes, onsets)


@jax.jit
def respond(neuron: LIF, weights: jax.Array, trials: jax.Array) -> jax.Array:
    """Return the output spikes of every trial from rest, without learning."""

    def step(state, x):
        state, activity = neuron.step(state, weights, x)
        return state, activity.post

    return jax.vmap(lambda spikes: jax.lax.scan(step, neuron.init(weights), spikes)[1])(trials)


def measure_latency(layer: SpikingLayer, trials: Trials) -> tuple[Array, Array]:
    """Return each neuron's mean latency from the onset, in ms, and its share of hits."""
    output = np.asarray(respond(layer.neuron, layer.W.value, trials.spikes))
    windows = np.stack(
        [
            out[onset : onset + NUM_POSITIONS]
            for out, onset in zip(output, trials.onsets, strict=True)
        ]
    )
    hit = windows.any(axis=1)
    first = np.where(hit, windows.argmax(axis=1), 0)
    return first.sum(axis=0) / np.maximum(hit.sum(axis=0), 1), hit.mean(axis=0)


def learn(train: Trials, test: Trials) -> Course:
    """Train a layer for NUM_EPOCHS passes over ``train``, measuring on ``test`` in between."""
    brainstate.random.seed(SEED)
    layer = SpikingLayer(
        NUM_INPUTS, NUM_NEURONS, threshold=22.0, v_reset=-200.0, leak=0.9, trace_decay=0.9
    )
    start = np.random.default_rng(SEED).uniform(0.3, 0.7, (NUM_NEURONS, NUM_INPUTS))
    layer.W.value = start
    trainer = STDPTrainer(layer, learning_rate=1.0, A_plus=0.001, A_minus=0.00108)
    weights, measures = [start], [measure_latency(layer, test)]
    for _ in range(NUM_EPOCHS):
        layer.reset_state()
        trainer.train(train.spikes.reshape(-1, NUM_INPUTS))
        weights.append(np.asarray(layer.W.value))
        measures.append(measure_latency(layer, test))
    latencies, hits = zip(*measures, strict=True)
    return Course(np.stack(weights), np.stack(latencies), np.stack(hits))


def ranks(values: Array) -> Array:
    """Return the rank of each value; equal ones share their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def rank_correlation(weights: Array) -> Array:
    """Return Spearman's correlation of weight and position for each neuron."""
    return np.array([np.corrcoef(ranks(row), ranks(POSITION))[0, 1] for row in weights])


def by_position(weights: Array) -> Array:
    """Return the mean weight over neurons and copies at each position."""
    return weights.reshape(NUM_NEURONS, COPIES, NUM_POSITIONS).mean(axis=(0, 1))


def draw(path: Path, trials: Trials, courses: dict[str, Course]) -> None:
    """Show a trial, the weights against position, and the latency epoch by epoch."""
    from matplotlib import pyplot as plt

    colours = dict(zip(courses, ("C0", "C1"), strict=True))
    learnt = courses["recurring sequence"].latencies[:, 0]
    with plt.style.context("canns.analyzer.visualization.canns"):
        figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 4.2))
        time, afferent = np.nonzero(trials.spikes[0])
        order = np.argsort(np.argsort(POSITION, kind="stable"))
        onset = trials.onsets[0]
        left.plot(time - onset, order[afferent], ".", color="0.3", markersize=3)
        for when, colour, label in ((learnt[0], "C4", "before"), (learnt[-1], "C0", "after")):
            left.axvline(when, color=colour, lw=2)
            side = "right" if label == "after" else "left"
            shift = -0.8 if label == "after" else 0.8
            left.text(when + shift, NUM_INPUTS, label, color=colour, ha=side, weight="bold")
        left.set(xlabel="Time from sequence onset (ms)", ylabel="Afferent, by position")
        left.set_title("A trial, and the output spike\nbefore and after learning", pad=10)
        start = by_position(courses["recurring sequence"].weights[0])
        middle.plot(np.arange(NUM_POSITIONS), start, color="0.6", label="before learning")
        for name, course in courses.items():
            final = by_position(course.weights[-1])
            middle.plot(
                np.arange(NUM_POSITIONS), final, "o-", ms=4, color=colours[name], label=name
            )
            epochs = np.arange(NUM_EPOCHS + 1)
            right.plot(epochs, course.latencies, color=colours[name], lw=0.8, alpha=0.6)
            mean = course.latencies.mean(axis=1)
            right.plot(epochs, mean, color=colours[name], lw=2.5)
            right.text(NUM_EPOCHS, mean[-1] + 0.45, name, color=colours[name], ha="right")
        middle.set_xticks(range(0, NUM_POSITIONS, 5))
        right.set_xticks(range(0, NUM_EPOCHS + 1, 5))
        middle.set(xlabel="Position in the sequence (ms)", ylabel="Mean weight", ylim=(0, 1.05))
        middle.set_title("The first inputs win,\nif the sequence recurs")
        middle.legend()
        right.set(xlabel=f"Epochs of {NUM_TRIALS} sequences", ylabel="First spike after onset (ms)")
        right.set_ylim(0, 11)
        right.set_title("The output spike moves\nto the start")
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Learn sequence and control; print the table, save the figure, return the figures printed."""
    rng = np.random.default_rng(SEED)
    test = make_trials(rng)
    courses = {
        "recurring sequence": learn(make_trials(rng), test),
        "shuffled control": learn(make_trials(rng, shuffled=True), test),
    }
    print(
        f"{NUM_TRIALS} sequences x {NUM_STEPS} ms x {NUM_EPOCHS} epochs, {NUM_NEURONS} neurons; "
        "mean over neurons\n"
    )
    print(f"{'':<42}" + "".join(f"{name:>22}" for name in courses))
    figures: dict[str, float] = {}
    for name, course in courses.items():
        profile = by_position(course.weights[-1])
        values = {
            "latency before (ms)": course.latencies[0].mean(),
            "latency after (ms)": course.latencies[-1].mean(),
            "lowest change of a neuron's latency (ms)": np.diff(
                course.latencies[[0, -1]], axis=0
            ).min(),
            "highest change of a neuron's latency (ms)": np.diff(
                course.latencies[[0, -1]], axis=0
            ).max(),
            "trials with a spike in the sequence": course.hits[-1].mean(),
            "rank correlation, weight and position": rank_correlation(course.weights[-1]).mean(),
            "mean weight, first four positions": profile[:4].mean(),
            "mean weight, last ten positions": profile[10:].mean(),
        }
        figures |= {f"{label}, {name}": float(value) for label, value in values.items()}
    for label in values:
        cells = "".join(f"{figures[f'{label}, {name}']:>22.2f}" for name in courses)
        print(f"{label:<42}{cells}")
    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "stdp_temporal.png"
        draw(path, test, courses)
        print(f"\nFigure: {path}")
    return figures


if __name__ == "__main__":
    main()
