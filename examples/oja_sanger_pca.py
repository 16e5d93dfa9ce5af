"""Hebbian neurons find principal components: Oja's and Sanger's rules against PCA.

A linear neuron y = w x that learns by Hebb's rule grows without bound along the direction of
largest variance. Oja's decay term keeps its length at one,

    Delta w = eta (y x - y^2 w),

so w becomes the leading eigenvector of the input covariance. Several Oja neurons all find the
same one. Sanger's rule lets neuron i learn only what the neurons before it leave unexplained,

    Delta W = eta (y x' - tril(y y') W),

and the rows of W become the leading eigenvectors in order: PCA by local learning. The first of
them is an Oja neuron; from equal weights both take the same path.

Both rules run on the 1797 centred handwritten digits of scikit-learn (64 pixels). The weights are
compared with the eigenvectors of the covariance matrix by |cos|, as the sign of a component is
free. At a constant learning rate the weights do not settle: they fluctuate, with a squared
distance proportional to eta. The curves level off there. How soon they do depends on the gaps
between the variances (here 0.70, 0.64, 0.55 and 0.39): the narrower the gap, the longer two
components take to separate.

Sources: Oja (1982), J. Math. Biol. 15:267; Sanger (1989), Neural Networks 2:459.
"""

from importlib.util import find_spec
from pathlib import Path

import brainstate
import numpy as np
from numpy.typing import NDArray

from canns import task
from canns.models.brain_inspired import LinearLayer
from canns.trainer import OjaTrainer, SangerTrainer
from canns.utils.example_outputs import get_example_output_dir

SIDE, NUM_NEURONS, EPOCHS, RATE, SEED = 8, 3, 100, 0.002, 0
Array = NDArray[np.floating]


def principal_components(samples: Array) -> tuple[Array, Array]:
    """Return eigenvalues and eigenvectors, one a row, of the covariance, largest first."""
    values, vectors = np.linalg.eigh(samples.T @ samples / len(samples))
    return values[::-1], vectors.T[::-1]


def learn(trainer_type: type[OjaTrainer] | type[SangerTrainer], samples: Array) -> Array:
    """Train a layer; return its weights at the start and after each epoch."""
    brainstate.random.seed(SEED)
    layer = LinearLayer(samples.shape[1], NUM_NEURONS)
    trainer = trainer_type(layer, RATE)
    history = [np.asarray(layer.W.value)]
    for epoch in range(EPOCHS):
        trainer.train(samples, shuffle=True, seed=epoch)
        history.append(np.asarray(layer.W.value))
    return np.stack(history)


def cosines(weights: Array, components: Array) -> Array:
    """Return |cos| of each row with the component of the same number."""
    return np.abs((weights * components).sum(axis=-1)) / np.linalg.norm(weights, axis=-1)


def draw(path: Path, components: Array, oja: Array, sanger: Array) -> None:
    """Show the components as images, and how the neurons approach them."""
    from matplotlib import pyplot as plt

    rows = {"PCA": components, "Sanger": sanger[-1], "Oja": oja[-1]}
    targets = {"PCA": components, "Sanger": components, "Oja": components[[0] * NUM_NEURONS]}
    with plt.style.context("canns.analyzer.visualization.canns"):
        figure = plt.figure(figsize=(10.5, 5))
        left, right = figure.subfigures(1, 2, width_ratios=(1, 1.25))
        grid = left.subplots(len(rows), NUM_NEURONS)
        for line, (name, weights) in zip(grid, rows.items(), strict=True):
            line[0].set_ylabel(name, fontsize=11)
            for axes, row, target in zip(line, weights, targets[name], strict=True):
                image = (row * np.sign(row @ target)).reshape(SIDE, SIDE)
                limit = np.abs(image).max()
                axes.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit)
                axes.set(xticks=[], yticks=[])
                axes.spines[:].set_visible(False)
        for k in range(NUM_NEURONS):
            grid[0, k].set_xlabel(f"PC {k + 1}", fontsize=9)
            for axes, row, place in ((grid[1, k], sanger[-1, k], k), (grid[2, k], oja[-1, k], 0)):
                cosine = cosines(row, components[place])
                axes.set_xlabel(f"|cos| with PC {place + 1}: {cosine:.3f}", fontsize=9)
        axes = right.subplots()
        epochs = np.arange(EPOCHS + 1)
        for k in range(NUM_NEURONS):
            gap = 1 - cosines(sanger[:, k], components[k])
            axes.semilogy(epochs, gap, color=f"C{k}", label=f"Sanger, component {k + 1}")
        for k in range(1, NUM_NEURONS):
            gap = 1 - cosines(oja[:, k], components[0])
            style = {"color": "0.4", "lw": 1, "ls": (0, (1, k))}
            axes.semilogy(epochs, gap, **style, label=f"Oja, neuron {k + 1}, component 1")
        axes.axhline(0.05, color="0.8", lw=1)
        axes.text(EPOCHS, 0.055, "|cos| = 0.95", ha="right", color="0.5")
        axes.set(xlabel="Passes over the digits", ylabel="1 - |cos| with the principal component")
        axes.set_title("Sanger's neurons find one component each,\nOja's all find the first")
        axes.legend()
        figure.savefig(path)
        plt.close(figure)


def main(output_dir: Path | None = None) -> dict[str, float]:
    """Learn, compare; print the table, save the figure, return the figures printed."""
    digits, _ = task.digits()
    samples = digits - digits.mean(axis=0)
    variances, vectors = principal_components(samples)
    components = vectors[:NUM_NEURONS]
    oja, sanger = learn(OjaTrainer, samples), learn(SangerTrainer, samples)
    ordered = cosines(sanger[-1], components)
    first = cosines(oja[-1], components[0])
    gram = sanger[-1] @ sanger[-1].T
    share = float((samples @ sanger[-1].T).var(axis=0).sum() / variances.sum())
    best = float(variances[:NUM_NEURONS].sum() / variances.sum())

    print(f"{len(samples)} digits, {EPOCHS} passes, rate {RATE}\n")
    print(
        f"{'neuron':<8}{'variance':>10}{'Sanger, |cos| with PC k':>26}{'Oja, |cos| with PC 1':>24}"
    )
    for k in range(NUM_NEURONS):
        print(f"{k + 1:<8}{variances[k]:>10.3f}{ordered[k]:>26.4f}{first[k]:>24.4f}")
    orthogonality = float(np.abs(gram - np.eye(NUM_NEURONS)).max())
    print(f"\nVariance explained: Sanger {share:.4f}, PCA {best:.4f}")
    print(f"Largest deviation of W W' from the identity, Sanger: {orthogonality:.3f}")
    if find_spec("matplotlib"):
        path = (output_dir or get_example_output_dir(__file__)) / "oja_sanger_pca.png"
        draw(path, components, oja, sanger)
        print(f"\nFigure: {path}")
    figures = {"variance, Sanger": share, "variance, PCA": best, "orthogonality": orthogonality}
    figures |= {f"Sanger, component {k + 1}": float(cos) for k, cos in enumerate(ordered)}
    return figures | {f"Oja, neuron {k + 1}": float(cos) for k, cos in enumerate(first)}


if __name__ == "__main__":
    main()
