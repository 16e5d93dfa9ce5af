"""``canns recall``: store pictures, corrupt them, recall them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import typer

from canns._validation import AnyArray
from canns.cli._options import RestingRule, Seed
from canns.cli._run import Results, Run, drawing
from canns.cli._samples import signs_of
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.models.brain_inspired import AmariHopfieldNetwork
    from canns.task import LoadedData
    from canns.trainer import HebbianTrainer, RuleTrainer

__all__ = ["recall"]

_SIDE = 128
_MOST_DRAWN = 24
_MOST_PRINTED = 40
_LONGEST = 20  # letters of a name over a picture


class _Stored(NamedTuple):
    """Patterns to store, (P, N), their names, how they came to be ±1, and how they are drawn."""

    patterns: AnyArray
    names: list[str]
    binarised: list[str]
    shape: tuple[int, int]


@drawing("outputs/recall")
def recall(
    run: Run,
    images: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Pictures, folders of pictures, .npy, .npz or .csv files with a pattern a row; "
            "omit for four bundled photographs."
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=4, max=160, help=f"Side of the stored pictures in pixels; {_SIDE}."),
    ] = None,
    noise: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the pixels to flip.")
    ] = 0.3,
    rule: Annotated[RestingRule, typer.Option(help="Storage rule.")] = "hebbian",
    asynchronous: Annotated[
        bool, typer.Option("--async", help="Update neuron by neuron instead of all at once.")
    ] = False,
    steps: Annotated[int, typer.Option(min=1, help="The most updates of a recall.")] = 50,
    save: Annotated[
        bool, typer.Option("--save", help="Write the network too, to load with canns.load.")
    ] = False,
    seed: Seed = 0,
) -> Results:
    """Store pictures in a Hopfield network, corrupt them, and recall them.

    Each picture is cut square to SIZE x SIZE pixels, a neuron a pixel. Rows of numbers are taken as
    they are. Patterns of two values keep them, as -1 and 1; graded ones are cut at Otsu's threshold
    of each. Prints the result of every recall, and writes a figure and a JSON.
    """
    from canns import task
    from canns.analyzer.visualization import recall_gallery
    from canns.models.brain_inspired import AmariHopfieldNetwork

    patterns, names, binarised, shape = _read(images, size)
    cues = task.flip(patterns, noise, seed=seed)
    network = AmariHopfieldNetwork(patterns.shape[1], asynchronous=asynchronous)
    trainer = _trainer(network, rule, not run.quiet)
    folder = run.folder()
    trainer.train(patterns)
    result = trainer.recall(cues, steps, seed=seed)
    report = {
        "overlap of cue": np.mean(cues * patterns, axis=1).tolist(),
        "overlap of recall": np.mean(np.asarray(result.states) * patterns, axis=1).tolist(),
        "steps": result.steps.tolist(),
        "outcome": result.outcome.tolist(),
        "energy": result.energies[:, -1].tolist(),
    }
    run.table(
        f"Recall of {len(names)} patterns by {network.num_neurons} neurons",
        ["pattern", *report],
        [
            [name, *(f"{value:.4g}" if isinstance(value, float) else str(value) for value in row)]
            for name, row in zip(names, zip(*report.values(), strict=True), strict=True)
        ][:_MOST_PRINTED],
    )
    if len(names) > _MOST_PRINTED:
        run.say(f"... and {len(names) - _MOST_PRINTED} more, in the JSON")
    run.say("\n".join(_SAID[how] for how in dict.fromkeys(binarised)))
    files = {}
    if save:
        files = {"Network": folder / "network.safetensors"}
        network.save(files["Network"])
    drawn = slice(_MOST_DRAWN)
    figure, _ = recall_gallery(
        patterns[drawn],
        cues[drawn],
        result.states[drawn],
        shape,
        [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names[drawn]],
    )
    numbers = {"pattern": names, **report, "binarised": binarised}
    return Results(numbers, {"recall": figure}, files)


def _trainer(
    network: "AmariHopfieldNetwork", rule: RestingRule, shown: bool
) -> "HebbianTrainer | RuleTrainer":
    from canns.trainer import HebbianTrainer, RuleTrainer

    if rule == "hebbian":
        # Uncentred, because the +-1 picture itself is to be a fixed point. Subtracting the mean of
        # all pictures would leave the brightest ones hardly stable.
        return HebbianTrainer(network, show_iteration_progress=shown, subtract_mean=False)
    return RuleTrainer(network, rule, show_iteration_progress=shown)


def _read(paths: Sequence[Path] | None, size: int | None) -> _Stored:
    """Return all patterns to store, or raise if they do not fit each other."""
    from canns import task

    side = _SIDE if size is None else size
    if not paths:
        images = task.bundled_images(side)
        how = [_OTSU] * len(images)
        return _Stored(task.image_patterns(images), [*images], how, (side, side))
    arrays = [path.suffix.lower() in task.ARRAY_ENDINGS and not path.is_dir() for path in paths]
    if size is not None and all(arrays):
        raise ValidationError("--size", "left out for rows of numbers", f"{size}")
    loaded = [
        task.load_data(path, None if array else side)
        for path, array in zip(paths, arrays, strict=True)
    ]
    widths = {data.values.shape[1]: str(path) for path, data in zip(paths, loaded, strict=True)}
    if len(widths) > 1:
        listed = ", ".join(f"{width} in {name!r}" for width, name in widths.items())
        remedy = "" if all(arrays) else "Pictures have --size squared."
        raise ValidationError("images", "of one number of neurons", listed, remedy)
    names = [name for data in loaded for name in data.names]
    signs = [_signs(path, data) for path, data in zip(paths, loaded, strict=True)]
    return _Stored(
        np.concatenate([patterns for patterns, _ in signs]),
        [f"{i} {name}" for i, name in enumerate(names, 1)],
        [how for _, ways in signs for how in ways],
        loaded[0].shape or _nearly_square(*widths),
    )


_OTSU, _TWO = "Otsu", "two values"
_SAID = {
    _OTSU: "Graded patterns were cut at Otsu's threshold of each.",
    _TWO: "Patterns of two values kept them, as -1 and 1.",
}


def _signs(path: Path, data: "LoadedData") -> tuple[AnyArray, list[str]]:
    """Return patterns of ±1, and of each how it was made; one of a single value is refused."""
    # Otsu's threshold of two values lies between them, so one way does for both.
    how = [_TWO if len(np.unique(row)) == 2 else _OTSU for row in data.values]
    return signs_of("images", data, path), how


def _nearly_square(width: int) -> tuple[int, int]:
    """Return height and width of a picture of so many pixels, as nearly square as may be."""
    height = int(width**0.5)
    while width % height:
        height -= 1
    return height, width // height
