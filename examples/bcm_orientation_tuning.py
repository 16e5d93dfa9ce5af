"""BCM neurons become orientation selective.

The Bienenstock-Cooper-Munro rule, in the form of Intrator and Cooper,

    Delta w = eta y (y - theta) x,    theta <- theta + (y^2 - theta)/tau,

strengthens the inputs that drive a neuron above its threshold theta, and weakens those that drive
it less. The threshold follows the mean of y^2. Nothing tells a neuron what to prefer: 20 neurons
see gratings of K = 8 orientations, equally often and in random order, and each settles on one of
them.

Theory says which responses are stable. If the K inputs are linearly independent and equally
likely, a neuron that answers to a subset of probability p is at rest if its response is
y = theta = 1/p to these inputs and 0 to the others. Only the answer to a single input is stable:

    y = theta = K.

So every neuron ends with a response of 8 to its own orientation and of 0 to the seven others.
Because the gratings come in random order, y and theta fluctuate around 8; the example averages
them over the last quarter of the run. The threshold must be fast compared with the weights:
eta |x|^2 < 1/(tau + 1).

Tuning curves are measured as with drifting gratings, at 40 orientations, of which 8 were used for
training. Each orientation is shown in 8 phases, and the largest response counts. Orientation
selectivity is one minus the circular variance, |sum_k r_k exp(2i phi_k)| / sum_k r_k: 0 for an
untuned neuron, 1 for one that answers to a single orientation. It stays below 1 after learning
for two reasons: a grating between two trained ones is similar to both, and the part of the random
first weights that no training grating reaches never changes.

Sources: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32; Intrator & Cooper (1992), Neural
Networks 5:3; selectivity: Ringach, Shapley & Hawken (2002), J. Neurosci. 22:5639.
"""

from importlib.util import find_spec
from pathlib import Path

import brainstate
import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.models.brain_inspired import LinearLayer
from canns.trainer import BCMTrainer
from canns.utils.example_outputs import get_example_output_dir

SIDE, CYCLES, CONTRAST = 13, 3.0, 0.5
NUM_NEURONS, NUM_TRAINED, NUM_PROBED, NUM_PHASES = 20, 8, 40, 8
START = 0.5  # scale of the first weights; a part of them never changes
RATE, TAU, NUM_ROUNDS, SAMPLES_A_ROUND, SEED = 1e-5, 2000.0, 100, 16_000, 0
Array = NDArray[np.floating]


def gratings(count: int, phase: float = 0.0) -> Array:
    """Return round gratings of evenly spaced orientations, (count, SIDE * SIDE)."""
    orientations = np.arange(count) * np.pi / count
    shape = {"spatial_frequency": CYCLES, "phase": phase, "aperture": True}
    return CONTRAST * task.oriented_gratings(orientations, SIDE, **shape)


def tuning(weights: Array) -> Array:
    """Return the largest response over phases to each orientation, (neurons, NUM_PROBED)."""
    phases = 2 * np.pi * np.arange(NUM_PHASES) / NUM_PHASES
    return np.max([weights @ gratings(NUM_PROBED, phase).T for phase in phases], axis=0)


def selectivity(curves: Array) -> Array:
    """Return one minus the circular variance of each tuning curve."""
    phases = np.exp(2j * np.pi * np.arange(NUM_PROBED) / NUM_PROBED)
    return np.abs(curves @ phases) / curves.sum(axis=1)


def learn(layer: LinearLayer) -> tuple[Array, Array]:
    """Train in rounds; return the largest response and the threshold after each, (rounds, N)."""
    stimuli = gratings(NUM_TRAINED)
    trainer = BCMTrainer(layer, RATE)
    samples = np.tile(stimuli, (SAMPLES_A_ROUND // NUM_TRAINED, 1))
    responses, thresholds = [], []
    for number in range(NUM_ROUNDS):
        trainer.train(samples, shuffle=True, seed=SEED + number)
        responses.append((np.asarray(layer.W.value) @ stimuli.T).max(axis=1))
        thresholds.append(np.asarray(layer.theta.value))
    return np.stack(responses), np.stack(thresholds)


def draw(path: Path, weights: Array, before: Array, responses: Array, thresholds: Array) -> None:
    """Show tuning curves, receptive fields, and how y and theta approach K."""
    from matplotlib import pyplot as plt

    curves = tuning(weights)
    preferred = (weights @ gratings(NUM_TRAINED).T).argmax(axis=1)
    shown = [int(np.flatnonzero(preferred == k)[0]) for k in np.unique(preferred)]
    degrees = 180 * np.arange(NUM_PROBED + 1) / NUM_PROBED
    hues = ["C0", "C1", "C2", "C3", "C4", "C5", "black", "#8c510a"]
    with plt.style.context("canns.analyzer.visualization.canns"):
        figure = plt.figure(figsize=(12, 5.6))
        top, bottom = figure.subfigures(2, 1, height_ratios=(2.4, 1))
        left, right = top.subplots(1, 2, width_ratios=(1.6, 1))
        for curve in before[shown]:
            left.plot(degrees, [*curve, curve[0]], color="0.8", lw=1)
        for neuron in shown:
            curve, colour = curves[neuron], hues[preferred[neuron]]
            left.plot(degrees, [*curve, curve[0]], color=colour)
        left.axhline(NUM_TRAINED, color="0.5", lw=1, ls=":")
        left.text(182, NUM_TRAINED, "K", color="0.4", va="center")
        left.set(xlabel="Orientation (deg)", ylabel="Response at the best phase", xlim=(0, 180))
        left.set_xticks(180 * np.arange(NUM_TRAINED + 1) / NUM_TRAINED)
        left.set_ylim(0, 8.8)
        left.set_title("Each neuron answers to one orientation (grey: before learning)")
        shows = np.arange(1, NUM_ROUNDS + 1) * SAMPLES_A_ROUND / 1000
        right.plot(shows, thresholds, color="C1", lw=0.8, alpha=0.6)
        right.plot(shows, responses, color="C0", lw=0.8, alpha=0.8)
        right.plot([], [], color="C0", label="preferred response y")
        right.plot([], [], color="C1", label="threshold $\\theta$")
        right.axhline(NUM_TRAINED, color="0.5", lw=1, ls=":")
        right.set(xlabel="Presentations (thousands)", ylim=(0, None), ylabel="Response, threshold")
        right.set_title("Both settle at K, as in theory")
        right.legend(loc="lower right")
        bottom.suptitle("Receptive fields", x=0.01, ha="left", fontsize=11, fontweight="bold")
        for axes, neuron in zip(bottom.subplots(1, len(shown)), shown, strict=True):
            field = weights[neuron].reshape(SIDE, SIDE)
            limit = np.abs(field).max()
            axes.imshow(field, cmap="RdBu_r", vmin=-limit, vmax=limit)
            colour, angle = hues[preferred[neuron]], 180 * preferred[neuron] / NUM_TRAINED
            axes.set_title(f"{angle:g} deg", loc="center", fontsize=9, fontweight="normal")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(visible=True, color=colour, linewidth=2)
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Learn, probe; print the table, save the figure, return the figures printed."""
    brainstate.random.seed(SEED)
    layer = LinearLayer(SIDE**2, NUM_NEURONS, use_bcm_threshold=True, threshold_tau=TAU)
    layer.W.value = START * layer.W.value
    before = tuning(np.asarray(layer.W.value))
    responses, thresholds = learn(layer)
    weights = np.asarray(layer.W.value)
    curves = tuning(weights)
    indices = {"before": selectivity(before), "after": selectivity(curves)}
    answers = np.sort(weights @ gratings(NUM_TRAINED).T, axis=1)
    preferred = (weights @ gratings(NUM_TRAINED).T).argmax(axis=1)
    settled_y, settled_theta = (v[-NUM_ROUNDS // 4 :].mean(axis=0) for v in (responses, thresholds))
    widths = (curves > curves.max(axis=1, keepdims=True) / 2).sum(axis=1) * 180 / NUM_PROBED

    print(f"{NUM_ROUNDS * SAMPLES_A_ROUND:,} gratings of {NUM_TRAINED} orientations\n")
    print(f"{'':<8}{'':>10}{'response to':>22}{'':>10}{'selectivity':>18}{'tuning':>10}")
    print(f"{'neuron':<8}{'prefers':>10}{'that':>11}{'others':>11}{'theta':>10}", end="")
    print(f"{'before':>10}{'after':>8}{'width':>10}")
    for i in range(NUM_NEURONS):
        angle = f"{180 * preferred[i] / NUM_TRAINED:g} deg"
        print(f"{i:<8}{angle:>10}{settled_y[i]:>11.3f}{answers[i, -2]:>11.3f}", end="")
        print(f"{settled_theta[i]:>10.3f}{indices['before'][i]:>10.2f}", end="")
        print(f"{indices['after'][i]:>8.2f}{f'{widths[i]:g} deg':>10}")
    figures = {
        "orientations preferred by some neuron": float(len(np.unique(preferred))),
        "smallest y": float(settled_y.min()),
        "largest y": float(settled_y.max()),
        "smallest theta": float(settled_theta.min()),
        "largest theta": float(settled_theta.max()),
        "largest response to another orientation": float(answers[:, -2].max()),
        "largest selectivity before": float(indices["before"].max()),
        "smallest selectivity after": float(indices["after"].min()),
        "widest tuning (deg)": float(widths.max()),
    }
    print(f"\nTheory: y = theta = {NUM_TRAINED}. Found:")
    for name, value in figures.items():
        print(f"  {name:<42}{value:>8.3g}")
    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "bcm_orientation_tuning.png"
        draw(path, weights, before, responses, thresholds)
        print(f"\nFigure: {path}")
    return figures


if __name__ == "__main__":
    main()
