"""Forget one memory of several by anti-Hebbian learning.

Hebbian storage is a sum over patterns, so the opposite rule can take one of them out:

    store:    W <- W + sum_mu x_mu x_mu',    forget:    W <- W - eta x_k x_k',    W_ii = 0.

With eta = 1 the result equals, to the last bit, a network that never saw pattern k. For this,
storage must not subtract the mean or divide by the number of patterns (`subtract_mean=False`,
`normalize_by_patterns=False`), because both belong to the set, not to one pattern. All weights
are then small whole numbers, which floating point adds without rounding.

Four photographs are stored, and one is forgotten. A photograph is an attractor if recall that
starts from it stays there. Before, all four are attractors. Afterwards the three that were kept
still are. From the forgotten one, the network goes to the memory that resembles it most.

How much unlearning does it take? Each x_i (W x)_i of the picture falls by eta (N - 1), so the
picture stays a fixed point until eta reaches its margin,

    eta_c = min_i x_i (W x)_i / (N - 1).

There it loses hundreds of pixels at once. The sweep over eta finds the drop at the predicted
value.

Hopfield, Feinstein & Palmer used the same sign with a small eta for another purpose: to weaken
the spurious states that a network reaches from random starts.

Sources: Hopfield, Feinstein & Palmer (1983), Nature 304:158; Hopfield (1982), PNAS 79:2554.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import AntiHebbianTrainer, HebbianTrainer
from canns.utils.example_outputs import get_example_output_dir

SIDE, FLIPPED, SEED = 64, 0.2, 0
FORGOTTEN = "horse"
STEP, NUM_STEPS = 0.05, 20  # of the sweep over eta
ONE_BY_ONE = {"subtract_mean": False, "normalize_by_patterns": False}
Array = NDArray[np.floating]


def store(pictures: Array) -> AmariHopfieldNetwork:
    """Return a network that has stored the pictures, each with weight one."""
    network = AmariHopfieldNetwork(pictures.shape[1])
    HebbianTrainer(network, **ONE_BY_ONE).train(pictures)
    return network


def forget(network: AmariHopfieldNetwork, picture: Array, eta: float = 1.0) -> None:
    """Take a picture out of the network."""
    AntiHebbianTrainer(network, learning_rate=eta, **ONE_BY_ONE).train(picture[None])


def recall(network: AmariHopfieldNetwork, cues: Array) -> Array:
    """Return the final states, (P, N)."""
    return np.asarray(network.recall(cues, num_iter=50).states)


def overlaps(states: Array, pictures: Array) -> Array:
    """Return the overlap of each state with its picture, (P,)."""
    return (states * pictures).mean(axis=1)


def margin(network: AmariHopfieldNetwork, picture: Array) -> float:
    """Return eta_c, the strength of unlearning that uses up the picture's stability."""
    fields = picture * (np.asarray(network.W.value) @ picture)
    return float(fields.min()) / (len(picture) - 1)


def forget_gradually(pictures: Array, k: int) -> Array:
    """Return the overlap that each picture keeps under recall, for eta from 0 in steps."""
    network, kept = store(pictures), []
    for _ in range(NUM_STEPS):
        kept.append(overlaps(recall(network, pictures), pictures))
        forget(network, pictures[k], STEP)
    return np.stack([*kept, overlaps(recall(network, pictures), pictures)])


def draw(
    path: Path, names: list[str], images: dict[str, Array], sweep: Array, critical: float
) -> None:
    """Show pictures and recalls in three rows, and the sweep over eta."""
    from matplotlib import pyplot as plt

    with plt.style.context("canns.analyzer.visualization.canns"):
        figure = plt.figure(figsize=(11.5, 5.0))
        left, right = figure.subfigures(1, 2, width_ratios=(1.45, 1))
        grid = left.subplots(3, len(names))
        for row, (kind, rows) in zip(grid, images.items(), strict=True):
            row[0].set_ylabel(kind, fontsize=11)
            for axes, image, picture in zip(row, rows, images["stored"], strict=True):
                axes.imshow(image.reshape(SIDE, SIDE), cmap="gray", vmin=-1, vmax=1)
                axes.set(xticks=[], yticks=[])
                axes.spines[:].set_visible(False)
                if kind != "stored":
                    axes.set_xlabel(f"overlap {np.mean(image * picture):.2f}", fontsize=9)
        for axes, name in zip(grid[0], names, strict=True):
            axes.set_title(name, loc="center")
        axes = right.subplots()
        etas = STEP * np.arange(len(sweep))
        for i, name in enumerate(names):
            forgotten = name == FORGOTTEN
            colour = "C1" if forgotten else "0.6"
            axes.plot(etas, sweep[:, i], "o-", ms=4, color=colour, zorder=2 + forgotten)
        axes.axvline(critical, color="0.3", linewidth=1, linestyle="--")
        axes.text(critical + 0.02, 0.04, "predicted, $\\eta_c$", color="0.3")
        last = sweep[-1, names.index(FORGOTTEN)]
        axes.text(1, last + 0.03, FORGOTTEN, color="C1", ha="right")
        axes.text(1, 1.03, "the three kept", color="0.4", ha="right")
        axes.set(
            xlabel="Strength of unlearning $\\eta$",
            ylabel="Overlap kept under recall",
            ylim=(0, 1.1),
        )
        axes.set_title(
            f"The {FORGOTTEN} is lost when its margin is used up;\nthe others are untouched"
        )
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Store, forget, recall; print the table, save the figure, return the figures printed."""
    photographs = task.bundled_images(SIDE)
    names, pictures = [*photographs], task.image_patterns(photographs)
    k = names.index(FORGOTTEN)
    cues = task.flip(pictures, FLIPPED, seed=SEED)
    network = store(pictures)
    critical = margin(network, pictures[k])
    before, from_cue_before = recall(network, pictures), recall(network, cues)
    forget(network, pictures[k])
    after, from_cue_after = recall(network, pictures), recall(network, cues)
    never = store(np.delete(pictures, k, axis=0)).W.value
    sweep = forget_gradually(pictures, k)
    lost_at = STEP * int(np.argmax(sweep[:, k] < 1))
    difference = float(np.abs(np.asarray(network.W.value) - np.asarray(never)).max())
    nearest = int(np.argmax(np.where(np.arange(len(names)) == k, -1, pictures @ after[k])))
    to_nearest = float(pictures[nearest] @ after[k]) / len(after[k])

    print(f"Overlap of recall and picture, before and after the {FORGOTTEN} was unlearnt\n")
    print(f"{'':<12}{'from the picture':>22}{f'from a copy, {FLIPPED:.0%} flipped':>30}")
    print(f"{'picture':<12}{'before':>13}{'after':>9}{'before':>21}{'after':>9}")
    columns = {
        "before": overlaps(before, pictures),
        "after": overlaps(after, pictures),
        "from cue before": overlaps(from_cue_before, pictures),
        "from cue after": overlaps(from_cue_after, pictures),
    }
    for i, name in enumerate(names):
        a, b, c, d = (column[i] for column in columns.values())
        print(f"{name:<12}{a:>13.3f}{b:>9.3f}{c:>21.3f}{d:>9.3f}")
    print(
        f"\nLargest difference from the weights that never stored the {FORGOTTEN}: {difference:g}"
    )
    print(f"Recall from the {FORGOTTEN} now ends at the {names[nearest]}: overlap {to_nearest:.3f}")
    print(f"Unlearning that makes it unstable: predicted {critical:.3f}, found {lost_at:.2f}")

    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "hebbian_unlearning.png"
        images = {"stored": pictures, "recall before": from_cue_before, "after": from_cue_after}
        draw(path, names, images, sweep, critical)
        print(f"\nFigure: {path}")
    figures = {
        f"{label}, {name}": float(column[i])
        for label, column in columns.items()
        for i, name in enumerate(names)
    }
    return figures | {
        "weight difference": difference,
        "overlap with the nearest": to_nearest,
        "critical strength, predicted": critical,
        "critical strength, found": lost_at,
        "lowest overlap of the kept in the sweep": float(np.delete(sweep, k, axis=1).min()),
    }


if __name__ == "__main__":
    main()
