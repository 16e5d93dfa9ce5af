"""``canns pca``: Sanger's rule against principal component analysis."""

from typing import Annotated

import numpy as np
import typer

from canns._validation import AnyArray
from canns.cli._options import Seed
from canns.cli._run import Results, Run, drawing

__all__ = ["pca"]


@drawing("outputs/pca")
def pca(
    run: Run,
    components: Annotated[int, typer.Option(min=1, max=64, help="Components to learn.")] = 8,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the 1797 digits.")] = 100,
    learning_rate: Annotated[
        float, typer.Option(min=0.0, help="Learning rate of Sanger's rule.")
    ] = 0.002,
    seed: Seed = 0,
) -> Results:
    """Learn the principal components of handwritten digits by Sanger's rule.

    Prints the cosine of each learned component with the one that PCA finds, and the variance
    that each explains, and writes a figure and a JSON.
    """
    from canns import task
    from canns.analyzer.visualization import PlotConfig, component_gallery
    from canns.models.brain_inspired import LinearLayer
    from canns.trainer import SangerTrainer

    run.folder()
    samples, _ = task.digits()
    centred = samples - samples.mean(axis=0)
    layer = LinearLayer(samples.shape[1], components)
    trainer = SangerTrainer(layer, learning_rate, show_iteration_progress=not run.quiet)
    trainer.train(centred, epochs=epochs, shuffle=True, seed=seed)
    learned = np.asarray(layer.W.value)
    exact = np.linalg.svd(centred, full_matrices=False)[2][:components]
    shares = {
        "variance share, Sanger": _explained(centred, learned).tolist(),
        "variance share, PCA": _explained(centred, exact).tolist(),
    }
    report = {"|cos| with PCA": np.abs(np.sum(learned * exact, axis=1)).tolist(), **shares}
    rows = [
        [str(k + 1), *(f"{value:.4f}" for value in row)]
        for k, row in enumerate(zip(*report.values(), strict=True))
    ]
    run.table(f"Sanger's rule on digits, {epochs} passes", ["component", *report], rows)
    title = f"Components of digits: Sanger's rule after {epochs} passes, over PCA"
    explained = shares["variance share, Sanger"]
    names, config = ("Sanger", "PCA"), PlotConfig(title=title)
    figure, _ = component_gallery(learned, exact, (8, 8), names, config, shares=explained)
    return Results({"components": report}, {"pca": figure})


def _explained(samples: AnyArray, rows: AnyArray) -> AnyArray:
    """Return the share of the variance along each row."""
    share: AnyArray = (samples @ rows.T).var(axis=0) / samples.var(axis=0).sum()
    return share
