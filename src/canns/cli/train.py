"""``canns train``: any rule of the catalogue on data of one's own."""

import csv
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from canns._locks import locked
from canns._replacing import replacing
from canns.cli._options import Seed
from canns.cli._run import Results, Run, drawing
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.cli._epochs import Pass
    from canns.cli._rules import Suit

__all__ = ["train"]

_OUTPUTS = 16
_TOLERANCE = 1e-3


@drawing("outputs/train")
def train(
    run: Run,
    rule: Annotated[
        str | None, typer.Argument(help="Name of the rule; omit to list all rules.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Samples: .npy, .npz or .csv with one a row, a picture, or a folder of pictures; "
            "omit for handwritten digits."
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=4, max=160, help="Side in pixels to which pictures are cut and resized."),
    ] = None,
    outputs: Annotated[
        int | None, typer.Option(min=1, help=f"Neurons of a layer; {_OUTPUTS}.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="The most passes; 100, 10 or 1, by the rule.")
    ] = None,
    learning_rate: Annotated[
        str | None,
        typer.Option(
            help="A number, or auto for the one of theory, which is the default if there is one."
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="A hyperparameter of the rule, as NAME=VALUE; may be repeated."),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            help="Stop once the weights change by less than this share of themselves in three "
            f"passes, and less and less; {_TOLERANCE}.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that is in the folder of --out.")
    ] = False,
    seed: Seed = 0,
) -> Results | None:
    """Train a network or a layer by any rule of the catalogue, on data of your own.

    Rules that store patterns train a Hopfield network of a neuron a pixel; other rules train a
    layer of the neurons that they need, for as many passes as --epochs, or until the weights have
    settled. Data are first put into the form that the rule needs, and the samples into a random
    order. Writes the model (model.safetensors, to load with canns.load), the passes (training.csv),
    the numbers (train.json) and pictures. After Ctrl-C, --resume goes on where the run stopped.
    """
    from canns.cli._epochs import Training, resumed, train_on
    from canns.cli._pictures import pictures_of
    from canns.cli._rules import rules, suit_of, trainer_of
    from canns.cli._samples import samples_for

    if rule is None:
        for name, suit in rules().items():
            run.say(f"{name:<21} {suit.says}")
        return None
    suit = suit_of(rule)
    _check(rule, suit, run.parameters)
    rate = suit.rate if learning_rate is None else _rate(learning_rate)
    neurons, most = outputs or _OUTPUTS, epochs or suit.epochs or 1
    samples = samples_for(suit, data, size, neurons, seed)
    model = suit.build(samples.rows, neurons, seed)
    trainer, used, inputs = trainer_of(rule, model, samples.rows, rate, changes or [])
    identity = {"rule": rule, "outputs": neurons, "seed": seed, "data": samples.digest}
    identity |= {"hyperparameters": repr(used)}
    file = run.out / "model.safetensors"
    training = Training(trainer, inputs, suit.measure, samples.rows, identity, file)
    limit = _TOLERANCE if tolerance is None else tolerance
    # A folder that is not there yet is made once the data are checked.
    with locked(file, "--out") if run.out.is_dir() else nullcontext():
        done = resumed(training) if resume else []
        before = len(done)
        try:
            settled = train_on(training, done, most, limit, shown=not run.quiet and suit.repeats)
        except KeyboardInterrupt:
            if suit.repeats and done:
                typer.echo(f"canns: stopped after {len(done)} passes; --resume goes on", err=True)
            raise
    ended = "the weights have settled" if settled else f"{most} passes"
    if before == len(done):
        ended = f"nothing was left to learn: {ended}"
    facts = _facts(suit, done, ended)
    rows = [[name, f"{v:.4g}" if isinstance(v, float) else str(v)] for name, v in facts.items()]
    run.say(f"{used!r} in {type(model).__name__}, on {samples.said}")
    run.table(f"Training by {rule}", ["quantity", "value"], rows)
    columns = _columns(suit, done)
    table = run.out / "training.csv"
    _write_table(table, columns)
    numbers = {
        **facts,
        "rule": repr(used),
        "model": repr(training.trainer.model).splitlines()[0],
        "data": samples.said,
        "tolerance": limit,
        "passes over the data": columns,
    }
    shape = getattr(used, "shape", None)  # of a map of neurons
    grid = shape if shape is not None and len(shape) == 2 else None
    figures = pictures_of(rule, suit, training.trainer.model, samples, columns, seed, grid)
    return Results(numbers, figures, {"Model": file, "Passes": table})


def _check(rule: str, suit: "Suit", given: Mapping[str, object]) -> None:
    """Raise if there are options that the rule cannot use."""
    if suit.stores and given["outputs"] is not None:
        expected = f"left out for {rule}, which trains a network with a neuron for each input"
        raise ValidationError("--outputs", expected, f"{given['outputs']}")
    for option in ("epochs", "tolerance", "resume"):
        if not suit.repeats and given[option] not in (None, False):
            expected = f"left out for {rule}, which stores all patterns in one pass"
            raise ValidationError(f"--{option}", expected, f"{given[option]}")
    if given["size"] is not None and given["data"] is None:
        raise ValidationError("--size", "left out without --data", f"{given['size']}")


def _facts(suit: "Suit", done: "Sequence[Pass]", ended: str) -> dict[str, object]:
    """Return what the run came to."""
    last = done[-1]
    course = {"passes": len(done), "ended": ended, "|dW| / |W| in the last": last.relative}
    measure = {suit.measure: last.measure} if suit.measure else {}
    return {**(course if suit.repeats else {}), "|W|": last.norm, **measure}


def _columns(suit: "Suit", done: "Sequence[Pass]") -> dict[str, list[float]]:
    """Return the numbers of each pass, by name."""
    columns: dict[str, list[float]] = {
        "pass": [*range(1, len(done) + 1)],
        "|dW|": [each.change for each in done],
        "|W|": [each.norm for each in done],
        "|dW| / |W|": [each.relative for each in done],
    }
    if suit.measure:
        columns[suit.measure] = [each.measure for each in done]
    return columns


def _rate(text: str) -> float | str:
    if text == "auto":
        return text
    try:
        return float(text)
    except ValueError:
        raise ValidationError("--learning-rate", "a number or auto", repr(text)) from None


def _write_table(path: Path, columns: Mapping[str, Sequence[float]]) -> None:
    with replacing(path, "--out") as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
