"""Recall photographs from corrupted copies.

Four photographs are binarised to +-1 and stored in a Hopfield network of 64 x 64 neurons by the
Hebbian rule that `HebbianTrainer` uses by default,

    W = (1/P) sum_mu (x_mu - rho)(x_mu - rho)',    W_ii = 0,

where rho is the mean over all pixels of all P pictures. Then 30 % of the pixels of each are
flipped, and the network updates s <- sign(W s) until nothing changes.

Photographs are not random patterns. Three of the four are more bright than dark, so they share a
mean, and they overlap, the horse with the cameraman by 0.43. A picture x is a fixed point if the
field of every neuron has the sign of the pixel, that is, if the margin

    kappa = min_i x_i (W x)_i P/N

is positive; a single random pattern would have kappa = 1. The overlaps with the other pictures
reduce the margin, and so does rho, which weakens each bright pixel's own contribution to 1 - rho.
The horse is left with kappa = 0.02. It is a fixed point, but noise often leads to a neighbouring
state of overlap 0.93, so it is recalled exactly from some corrupted copies only. Without centring
(`subtract_mean=False`) its margin is 0.3, and it is always recalled. So the trouble with this set
is not the mean that centring removes.

Sources: Amari (1972), IEEE Trans. Comput. C-21:1197; Hopfield (1982), PNAS 79:2554; margins:
Krauth & Mezard (1987), J. Phys. A 20:L745.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.dynamics import RecallResult
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer
from canns.utils.example_outputs import get_example_output_dir

SIDE, FLIPPED, NUM_CUES, SEED = 64, 0.3, 20, 0
SHARES = [0.05, 0.1, 0.15, 0.2, 0.25, FLIPPED, 0.35, 0.4, 0.425, 0.45, 0.475]
Array = NDArray[np.floating]


class Memory(NamedTuple):
    """Result of one way to store the pictures."""

    margins: Array  # (P,)
    exact: Array  # share of exact recalls at each of SHARES, (len(SHARES), P)


def store(pictures: Array, *, centred: bool) -> HebbianTrainer:
    """Return the trainer of a network that has stored the pictures."""
    trainer = HebbianTrainer(AmariHopfieldNetwork(pictures.shape[1]), subtract_mean=centred)
    trainer.train(pictures)
    return trainer


def stability_margins(trainer: HebbianTrainer, pictures: Array) -> Array:
    """Return kappa of each picture, in units of a lone random pattern's field N/P."""
    fields = pictures @ np.asarray(trainer.model.W.value).T
    return (pictures * fields).min(axis=1) * len(pictures) / pictures.shape[1]


def recall_often(trainer: HebbianTrainer, pictures: Array, share: float) -> Array:
    """Return the share of NUM_CUES corrupted copies from which each picture is recalled exactly."""
    cues = task.flip(np.tile(pictures, (NUM_CUES, 1)), share, seed=SEED + 1)
    states = np.asarray(trainer.recall(cues, num_iter=50).states)
    return (states.reshape(NUM_CUES, *pictures.shape) == pictures).all(axis=2).mean(axis=0)


def measure(pictures: Array, *, centred: bool) -> Memory:
    """Return margins, and the share of exact recalls against the share of flipped pixels."""
    trainer = store(pictures, centred=centred)
    exact = [recall_often(trainer, pictures, share) for share in SHARES]
    return Memory(stability_margins(trainer, pictures), np.stack(exact))


def report(
    names: list[str], pictures: Array, cues: Array, result: RecallResult, ways: dict[str, Memory]
) -> dict[str, float]:
    """Print the tables, and return what they say."""
    cue_overlap = (cues * pictures).mean(axis=1)
    overlap = (np.asarray(result.states) * pictures).mean(axis=1)
    print(f"Recall of {len(names)} photographs, {SIDE} x {SIDE} pixels, {FLIPPED:.0%} flipped\n")
    print(
        f"{'picture':<12}{'cue':>8}{'recall':>8}{'steps':>7}  {'outcome':<11}{'energy / 10^6':>16}"
    )
    figures: dict[str, float] = {}
    for i, name in enumerate(names):
        first, last = result.energies[i, [0, -1]] / 1e6
        print(
            f"{name:<12}{cue_overlap[i]:>8.3f}{overlap[i]:>8.3f}{result.steps[i]:>7}"
            f"  {result.outcome[i]:<11}{first:>7.2f} -> {last:.2f}"
        )
        figures |= {
            f"cue overlap, {name}": float(cue_overlap[i]),
            f"recall overlap, {name}": float(overlap[i]),
            f"steps, {name}": float(result.steps[i]),
            f"energy change, {name}": float(last - first),
        }
    print(f"\nMargin, and share of {NUM_CUES} corrupted copies that are recalled exactly\n")
    print(f"{'picture':<12}" + "".join(f"{way:>22}" for way in ways))
    now = SHARES.index(FLIPPED)
    for i, name in enumerate(names):
        cells = [f"{way.margins[i]:>14.3f}{way.exact[now, i]:>8.0%}" for way in ways.values()]
        print(f"{name:<12}" + "".join(cells))
        for label, way in ways.items():
            figures[f"margin, {label}, {name}"] = float(way.margins[i])
            figures[f"exact, {label}, {name}"] = float(way.exact[now, i])
    return figures


def draw(path: Path, names: list[str], images: dict[str, Array], ways: dict[str, Memory]) -> None:
    """Show the pictures in three rows, and the overlap against the share of flipped pixels."""
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
        flipped = 100 * np.array(SHARES)
        for i, name in enumerate(names):
            axes.plot(flipped, 100 * ways["centred"].exact[:, i], "o-", ms=4, label=name)
        horse = names.index("horse")
        not_centred = 100 * ways["not centred"].exact[:, horse]
        axes.plot(flipped, not_centred, ":", color=f"C{horse}", label="horse, not centred")
        axes.set(xlabel="Flipped pixels (%)", ylabel="Copies recalled exactly (%)", ylim=(0, 104))
        axes.set_title(
            "Three pictures are recalled at 35 % noise;\nthe horse's margin is too narrow"
        )
        axes.legend(loc="lower left")
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Store, corrupt, recall; print the tables, save the figure, return the figures printed."""
    photographs = task.bundled_images(SIDE)
    names, pictures = [*photographs], task.image_patterns(photographs)
    cues = task.flip(pictures, FLIPPED, seed=SEED)
    result = store(pictures, centred=True).recall(cues, num_iter=50)
    ways = {
        "centred": measure(pictures, centred=True),
        "not centred": measure(pictures, centred=False),
    }
    figures = report(names, pictures, cues, result, ways)
    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "image_recall.png"
        images = {"stored": pictures, "cue": cues, "recalled": np.asarray(result.states)}
        draw(path, names, images, ways)
        print(f"\nFigure: {path}")
    return figures


if __name__ == "__main__":
    main()
