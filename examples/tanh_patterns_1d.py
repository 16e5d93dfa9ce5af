"""Recall graded patterns with tanh neurons.

A pattern is a smooth profile over N = 128 neurons on a line, with values between -0.9 and 0.9:
a sine wave and three bumps, two of which overlap. The network s <- tanh(W s) should clean up a
noisy copy. A pattern x is at rest if tanh(W x) = x, that is, if the fields are

    W x = atanh(x).

The plain Hebbian rule W = (1/P) X'X (rows of X are the patterns) fails for three reasons:

- Gain. W x is about (N/P) <x^2> x, which is ten times x and more here. tanh saturates, and every
  graded value becomes +-1.
- Shape. A weaker gain g (a higher temperature) does not help. The solutions of tanh(g x_i) = x_i
  are 0 and one pair +-a, the same for all neurons, so no gain keeps a graded pattern.
- Mixing. The patterns overlap, and they share a mean that differs from neuron to neuron, which
  the rule's single mean cannot remove. So they pull each other into a blend.

The projector W = X^+ X (X^+ is the pseudo-inverse) removes the mixing, because W x = x, but not
the wrong shape. Solving for the fixed points removes all three: the least-norm W with
W x_mu = atanh(x_mu) is

    W = atanh(X)' (X^+)',

which is assigned to `net.W`. Are the points also stable? The Jacobian there is diag(1 - x^2) W,
and x attracts if its spectral radius is below 1. For one pattern this always holds, since
(1 - x^2) atanh(x) < x. For several it depends on the patterns (values near +-1 and little overlap
help; a full set of slow sine waves fails), so the radius is computed and printed. These weights
are not symmetric: the network has no energy that falls.

The two baselines get the best temperature, found by a search that may use the answer.

Sources: Hopfield (1984), PNAS 81:3088 (graded neurons); Personnaz, Guyon & Dreyfus (1985),
J. Physique Lett. 46:L359 (pseudo-inverse).
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer
from canns.utils.example_outputs import get_example_output_dir

NUM_NEURONS, PEAK, SIGMA, NUM_CUES, SEED = 128, 0.9, 0.3, 20, 0
NAMES = ("sine", "bump 1", "bump 2", "bump 3")
Array = NDArray[np.floating]


class Outcome(NamedTuple):
    """Result of one choice of weights."""

    states: Array  # (NUM_CUES, P, N)
    errors: Array  # RMS over neurons, cue by cue, (NUM_CUES, P)
    temperature: float


def make_patterns() -> Array:
    """Return a sine wave and three bumps, (P, N)."""
    u = np.arange(NUM_NEURONS) / NUM_NEURONS
    bumps = [np.exp(-(((u - centre) / 0.1) ** 2) / 2) for centre in (0.2, 0.35, 0.65)]
    return np.stack([PEAK * np.sin(8 * np.pi * u)] + [PEAK * (2 * bump - 1) for bump in bumps])


def hebbian_weights(patterns: Array) -> Array:
    """Return the weights of the plain centred Hebbian rule."""
    network = AmariHopfieldNetwork(NUM_NEURONS)
    HebbianTrainer(network).train(patterns)
    return np.asarray(network.W.value)


def fixed_point_weights(patterns: Array) -> Array:
    """Return the least-norm W with tanh(W x) = x for every pattern."""
    return np.arctanh(patterns).T @ np.linalg.pinv(patterns).T


def rms(difference: Array) -> Array:
    """Return the root mean square over neurons."""
    return np.sqrt((difference**2).mean(axis=-1))


def recall(weights: Array, cues: Array, patterns: Array, temperature: float = 1.0) -> Outcome:
    """Recall from every cue, and compare with the patterns."""
    network = AmariHopfieldNetwork(NUM_NEURONS, activation="tanh", temperature=temperature)
    network.W = weights
    result = network.recall(cues.reshape(-1, NUM_NEURONS), num_iter=500)
    states = np.asarray(result.states).reshape(cues.shape)
    return Outcome(states, rms(states - patterns), temperature)


def recall_at_best_temperature(weights: Array, cues: Array, patterns: Array) -> Outcome:
    """Return the outcome at the temperature with the smallest mean error."""
    gain = np.linalg.eigvalsh(weights).max()
    temperatures = gain * np.geomspace(0.05, 1.2, 25)
    outcomes = [recall(weights, cues, patterns, float(t)) for t in temperatures]
    return min(outcomes, key=lambda outcome: float(outcome.errors.mean()))


def spectral_radius(weights: Array, pattern: Array) -> float:
    """Return the largest |eigenvalue| of the dynamics around a pattern; below 1, it attracts."""
    return float(np.abs(np.linalg.eigvals((1 - pattern**2)[:, None] * weights)).max())


def draw(path: Path, patterns: Array, cues: Array, ways: dict[str, Outcome]) -> None:
    """Show patterns and recalls, and the errors."""
    from matplotlib import pyplot as plt

    colours = dict(zip(ways, ("C4", "C3", "C0"), strict=True))
    with plt.style.context("canns.analyzer.visualization.canns"):
        figure = plt.figure(figsize=(11.5, 4.8))
        left, right = figure.subfigures(1, 2, width_ratios=(1.7, 1))
        grid = left.subplots(2, 2, sharex=True, sharey=True)
        for k, axes in enumerate(grid.flat):
            axes.plot(cues[0, k], ".", color="0.75", markersize=4, label="cue")
            axes.plot(patterns[k], color="black", linewidth=3.5, alpha=0.35, label="stored")
            for name, outcome in ways.items():
                style = "-" if name == [*ways][-1] else "--"
                axes.plot(outcome.states[0, k], style, color=colours[name], lw=1.4, label=name)
            axes.set_title(NAMES[k], fontweight="normal")
            axes.set_ylim(-1.5, 1.5)
        left.supxlabel("Neuron", fontsize=10)
        left.supylabel("Activity", fontsize=10)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        left.legend(handles, labels, loc="outside upper center", ncols=5, fontsize=9)
        axes = right.subplots()
        bars = {"cue": rms(cues - patterns), **{n: w.errors for n, w in ways.items()}}
        for i, (name, errors) in enumerate(bars.items()):
            place = np.arange(len(patterns)) + 0.2 * (i - 1.5)
            axes.bar(place, errors.mean(axis=0), 0.18, color=colours.get(name, "0.75"), label=name)
        for k in range(len(patterns)):  # bars too low to be seen
            axes.text(k + 0.3, 0.006, "0", color="C0", ha="center", fontweight="bold")
        axes.set_xticks(np.arange(len(patterns)), NAMES)
        axes.set_ylabel("RMS error of the activity")
        axes.set_title("Only weights solved for the graded\nfixed points remove the error")
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Store, recall, compare; print the table, save the figure, return the figures printed."""
    patterns = make_patterns()
    copies = np.tile(patterns, (NUM_CUES, 1))
    cues = task.add_gaussian(copies, SIGMA, seed=SEED).reshape(NUM_CUES, *patterns.shape)
    solved = fixed_point_weights(patterns)
    projector = np.linalg.pinv(patterns) @ patterns
    ways = {
        "Hebbian": recall_at_best_temperature(hebbian_weights(patterns), cues, patterns),
        "projector": recall_at_best_temperature(projector, cues, patterns),
        "fixed points solved": recall(solved, cues, patterns),
    }
    saturated = recall(hebbian_weights(patterns), cues, patterns)
    cue_error = rms(cues - patterns).mean(axis=0)
    radii = [spectral_radius(solved, pattern) for pattern in patterns]
    worst = ways["fixed points solved"].errors.max(axis=0)

    print(f"RMS error against the stored pattern, mean of {NUM_CUES} cues (noise {SIGMA})\n")
    print(
        f"{'':<10}{'':>8}{'Hebbian':>12}{'Hebbian':>12}{'projector':>12}{'solved':>12}{'radius':>10}"
    )
    heats = (saturated, *ways.values())
    cells = "".join(f"{f'T = {outcome.temperature:.2g}':>12}" for outcome in heats)
    print(f"{'pattern':<10}{'cue':>8}{cells}")
    figures: dict[str, float] = {}
    for k, name in enumerate(NAMES):
        errors = [float(outcome.errors[:, k].mean()) for outcome in heats]
        cells = "".join(f"{error:>12.3f}" for error in errors)
        print(f"{name:<10}{cue_error[k]:>8.3f}{cells}{radii[k]:>10.3f}")
        labels = ("Hebbian at T = 1", *ways)
        figures |= {f"{label}, {name}": e for label, e in zip(labels, errors, strict=True)}
        figures |= {f"cue, {name}": float(cue_error[k]), f"radius, {name}": radii[k]}
        figures |= {f"worst recall, {name}": float(worst[k])}
    print(f"\nLargest error of any of the {copies.shape[0]} recalls, solved: {worst.max():.1e}")

    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "tanh_patterns_1d.png"
        draw(path, patterns, cues, ways)
        print(f"\nFigure: {path}")
    return figures


if __name__ == "__main__":
    main()
