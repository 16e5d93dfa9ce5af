"""Recall handwritten digits: ten correlated prototypes in 64 neurons.

The network stores one +-1 prototype for each digit: the majority vote of its class over the first
1000 of scikit-learn's digits of 8 x 8 pixels. The cues are the other 797 digits, with 10 % of
their pixels flipped. The score of a recall is its pixel accuracy: the share of pixels that agree
with the prototype of the digit's true class. It has to beat the accuracy of the cue itself in
every class.

The Hebbian rule cannot do this. Ten random patterns would be within reach of 64 neurons with a
few errors (0.138 N = 9). But these prototypes overlap by 0.55 on average, because much of the ink
is common to all digits. The common part grows with P and hides the differences, and no prototype
is a fixed point: all 797 cues end at the same blend.

The pseudo-inverse rule takes the overlaps Q = X X'/N into account. Its weights

    W = (1/N) X' Q^-1 X = X^+ X    (rows of X are the prototypes)

project onto the prototypes, so that W x = x for any linearly independent set: all ten are fixed
points. The self-connections W_ii hold every neuron in its state. Removing them widens the basins
of attraction, and the fixed points stay: the field becomes (1 - W_ii) x_i, of the same sign. The
price is that synchronous updates may now end in a 2-cycle, which W itself does not allow. The
weights are assigned to `net.W`; recall runs as for any other weights.

Recall does not classify. It removes noise, but a cue that is nearer to a wrong prototype ends
there.

Sources: Personnaz, Guyon & Dreyfus (1985), J. Physique Lett. 46:L359; Kanter & Sompolinsky
(1987), Phys. Rev. A 35:380 (self-connections); data: Alpaydin & Kaynak (1998), UCI Machine
Learning Repository.
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

SIDE, NUM_TRAIN, FLIPPED, SEED = 8, 1000, 0.1, 0
Array = NDArray[np.floating]


class Data(NamedTuple):
    """Prototypes, and test digits that were not used to make them."""

    prototypes: Array  # (10, 64)
    cues: Array  # (B, 64)
    labels: NDArray[np.integer]  # (B,)


class Recall(NamedTuple):
    """Result of one way to store the prototypes."""

    states: Array  # (B, 64)
    accuracy: Array  # by class, (10,)
    stable: int  # prototypes that are fixed points
    exact: float  # share of cues that end exactly at the prototype of their class
    cycles: float  # share of cues that end in a 2-cycle
    ends: int  # different final states


def load() -> Data:
    """Return majority-vote prototypes of the training digits, and corrupted test digits."""
    digits, labels = task.digits(binary=True)
    train, train_labels = digits[:NUM_TRAIN], labels[:NUM_TRAIN]
    votes = np.stack([train[train_labels == digit].mean(axis=0) for digit in range(10)])
    cues = task.flip(digits[NUM_TRAIN:], FLIPPED, seed=SEED)
    return Data(np.where(votes > 0, 1.0, -1.0), cues, labels[NUM_TRAIN:])


def hebbian_network(prototypes: Array) -> AmariHopfieldNetwork:
    """Return a network that stores the prototypes by the centred Hebbian rule."""
    network = AmariHopfieldNetwork(prototypes.shape[1])
    HebbianTrainer(network).train(prototypes)
    return network


def projector_network(prototypes: Array) -> AmariHopfieldNetwork:
    """Return a network with pseudo-inverse weights, without self-connections."""
    weights = np.linalg.pinv(prototypes) @ prototypes
    np.fill_diagonal(weights, 0.0)
    network = AmariHopfieldNetwork(prototypes.shape[1])
    network.W = weights
    return network


def pixel_accuracy(states: Array, data: Data) -> Array:
    """Return the share of pixels that agree with the true class's prototype, by class."""
    right = (states == data.prototypes[data.labels]).mean(axis=1)
    return np.array([right[data.labels == digit].mean() for digit in range(10)])


def recall(network: AmariHopfieldNetwork, data: Data) -> Recall:
    """Recall from every cue, and from the prototypes themselves."""
    result = network.recall(data.cues, num_iter=100)
    states = np.asarray(result.states)
    after = np.asarray(network.recall(data.prototypes, num_iter=1).states)
    return Recall(
        states=states,
        accuracy=pixel_accuracy(states, data),
        stable=int((after == data.prototypes).all(axis=1).sum()),
        exact=float((states == data.prototypes[data.labels]).all(axis=1).mean()),
        cycles=float((result.outcome == "cycle").mean()),
        ends=len(np.unique(states, axis=0)),
    )


def nearest_is_right(states: Array, data: Data) -> float:
    """Return the share of states whose nearest prototype is that of their class."""
    return float(((states @ data.prototypes.T).argmax(axis=1) == data.labels).mean())


def draw(path: Path, data: Data, cue_accuracy: Array, ways: dict[str, Recall]) -> None:
    """Show one cue of each class with its recalls, and the accuracy by class."""
    from matplotlib import pyplot as plt

    shown = [int(np.flatnonzero(data.labels == digit)[0]) for digit in range(10)]
    rows = {"prototype": data.prototypes, "cue": data.cues[shown]}
    rows |= {name: way.states[shown] for name, way in ways.items()}
    with plt.style.context("canns.analyzer.visualization.canns"):
        figure = plt.figure(figsize=(12, 4.2))
        left, right = figure.subfigures(1, 2, width_ratios=(1.75, 1))
        grid = left.subplots(len(rows), 10)
        for line, (name, images) in zip(grid, rows.items(), strict=True):
            line[0].set_ylabel(name, fontsize=10)
            for axes, image in zip(line, images, strict=True):
                axes.imshow(image.reshape(SIDE, SIDE), cmap="gray_r", vmin=-1, vmax=1)
                axes.set(xticks=[], yticks=[])
                axes.spines[:].set(visible=True, color="0.8")
        left.suptitle("The first test digit of each class", x=0.02, ha="left", fontweight="bold")
        axes = right.subplots()
        digits = np.arange(10)
        axes.vlines(digits, 100 * cue_accuracy, 100 * ways["projector"].accuracy, color="0.8")
        axes.plot(digits, 100 * ways["projector"].accuracy, "o", color="C0", label="projector")
        axes.plot(digits, 100 * ways["Hebbian"].accuracy, "x", color="C1", label="Hebbian")
        axes.plot(digits, 100 * cue_accuracy, "o", mfc="white", color="0.5", label="cue")
        axes.set(
            xlabel="Digit class",
            ylabel="Pixels as in the prototype (%)",
            xticks=digits,
            ylim=(60, 100),
        )
        axes.set_title("Projector weights clean up every class;\nHebbian ones blend them all")
        axes.legend(loc="lower left", ncols=3, columnspacing=1.0)
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Store, recall, score; print the table, save the figure, return the figures printed."""
    data = load()
    ways = {
        "Hebbian": recall(hebbian_network(data.prototypes), data),
        "projector": recall(projector_network(data.prototypes), data),
    }
    cue_accuracy = pixel_accuracy(data.cues, data)
    overlaps = data.prototypes @ data.prototypes.T / SIDE**2
    mean_overlap = float(overlaps[~np.eye(10, dtype=bool)].mean())

    print(f"Pixel accuracy of {len(data.cues)} test digits with {FLIPPED:.0%} flipped pixels\n")
    print(f"{'digit':<8}{'cue':>8}" + "".join(f"{name:>12}" for name in ways))
    for digit in range(10):
        cells = "".join(f"{way.accuracy[digit]:>12.3f}" for way in ways.values())
        print(f"{digit:<8}{cue_accuracy[digit]:>8.3f}{cells}")
    figures = {"mean overlap of two prototypes": mean_overlap}
    figures["nearest prototype is right, cue"] = nearest_is_right(data.cues, data)
    print(f"\n{'':<38}" + "".join(f"{name:>12}" for name in ways))
    for name, way in ways.items():
        figures |= {
            f"prototypes stable, {name}": float(way.stable),
            f"ends exactly at its prototype, {name}": way.exact,
            f"2-cycles, {name}": way.cycles,
            f"different final states, {name}": float(way.ends),
            f"nearest prototype is right, {name}": nearest_is_right(way.states, data),
        }
    for line in (
        "prototypes stable",
        "ends exactly at its prototype",
        "2-cycles",
        "different final states",
        "nearest prototype is right",
    ):
        cells = "".join(f"{figures[f'{line}, {name}']:>12.3g}" for name in ways)
        print(f"{line:<38}{cells}")
    print(
        f"\nThe nearest prototype is right for {figures['nearest prototype is right, cue']:.1%} of "
        f"the cues themselves.\nTwo prototypes overlap by {mean_overlap:.2f} on average."
    )
    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "digits_recall.png"
        draw(path, data, cue_accuracy, ways)
        print(f"\nFigure: {path}")
    accuracies = {"cue": cue_accuracy} | {name: way.accuracy for name, way in ways.items()}
    return figures | {
        f"accuracy of {name}, digit {digit}": float(values[digit])
        for name, values in accuracies.items()
        for digit in range(10)
    }


if __name__ == "__main__":
    main()
