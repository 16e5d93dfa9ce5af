"""``canns recall``: store pictures, corrupt them, recall them."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from canns import task
from canns.cli._report import (
    Out,
    RestingRule,
    Seed,
    open_folder,
    print_table,
    set_seed,
    write_report,
)
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer, RuleTrainer
from canns.typing import FloatArray

__all__ = ["recall"]


def recall(
    images: Annotated[
        list[Path] | None,
        typer.Argument(help="Image files to store; omit for four bundled photographs."),
    ] = None,
    size: Annotated[
        int, typer.Option(min=4, max=160, help="Side of the stored pictures in pixels.")
    ] = 128,
    noise: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the pixels to flip.")
    ] = 0.3,
    rule: Annotated[RestingRule, typer.Option(help="Storage rule.")] = "hebbian",
    asynchronous: Annotated[
        bool, typer.Option("--async", help="Update neuron by neuron instead of all at once.")
    ] = False,
    steps: Annotated[int, typer.Option(min=1, help="The most updates of a recall.")] = 50,
    seed: Seed = 0,
    out: Out = Path("outputs/recall"),
) -> None:
    """Store pictures in a Hopfield network, corrupt them, and recall them.

    Each picture is cut square, binarised by Otsu's threshold and stored as a pattern of SIZE x SIZE
    neurons. Prints the result of every recall, and writes a figure and a JSON.
    """
    from canns.analyzer.visualization import PlotConfig, recall_gallery

    set_seed(seed)
    figure = open_folder(out) / "recall.png"
    pictures = _pictures(images, size)
    patterns = task.image_patterns(pictures)
    cues = task.flip(patterns, noise, seed=seed)
    network = AmariHopfieldNetwork(size * size, asynchronous=asynchronous)
    trainer = _trainer(network, rule)
    trainer.train(patterns)
    result = trainer.recall(cues, steps, seed=seed)
    report = {
        "overlap of cue": np.mean(cues * patterns, axis=1).tolist(),
        "overlap of recall": np.mean(np.asarray(result.states) * patterns, axis=1).tolist(),
        "steps": result.steps.tolist(),
        "outcome": result.outcome.tolist(),
        "energy": result.energies[:, -1].tolist(),
    }
    names = [*pictures]
    title = f"Recall of {len(names)} pictures by {network.num_neurons} neurons"
    rows = [
        [name, *(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row)]
        for name, row in zip(names, zip(*report.values(), strict=True), strict=True)
    ]
    print_table(title, ["picture", *report], rows)
    config = PlotConfig(save_path=figure)
    recall_gallery(patterns, cues, result.states, (size, size), names, config)
    command = {"images": [str(path) for path in images or []], "size": size, "noise": noise}
    command |= {"rule": rule, "async": asynchronous, "steps": steps, "seed": seed}
    numbers = {"command": command, "picture": names, **report}
    write_report(figure.with_suffix(".json"), numbers, [figure])


def _trainer(network: AmariHopfieldNetwork, rule: RestingRule) -> HebbianTrainer | RuleTrainer:
    if rule == "hebbian":
        # Uncentred, because the +-1 picture itself is to be a fixed point. Subtracting the mean of
        # all pictures would leave the brightest ones hardly stable.
        return HebbianTrainer(network, show_iteration_progress=True, subtract_mean=False)
    return RuleTrainer(network, rule, show_iteration_progress=True)


def _pictures(paths: list[Path] | None, size: int) -> dict[str, FloatArray]:
    if not paths:
        return dict(task.bundled_images(size))
    return {f"{i + 1} {path.stem}": task.load_image(path, size) for i, path in enumerate(paths)}
