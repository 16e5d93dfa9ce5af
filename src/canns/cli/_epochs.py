"""Training pass by pass: it stops when the weights have settled, and can be resumed."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tqdm import tqdm

from canns._json import Schema, read_json
from canns._replacing import one_error
from canns._validation import AnyArray
from canns.cli._rules import measured
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.models.brain_inspired import BrainInspiredModel
    from canns.trainer import RuleTrainer

__all__ = ["PASSES", "Pass", "Training", "resumed", "train_on"]

PASSES = 3  # successive ones in which the weights must hardly change, for training to stop
_KEY = "training"  # in the header of the model's file
_STATE: Schema = {"identity": {str: object}, "passes": [[float]]}


class Pass(NamedTuple):
    """One pass over the data: norms of the change and of the weights after it, and the measure."""

    change: float
    norm: float
    measure: float

    @property
    def relative(self) -> float:
        """The change relative to the weights."""
        return self.change / self.norm if self.norm else 0.0


class Training(NamedTuple):
    """A training run, which may have begun in another process.

    Args:
        trainer: The trainer, which holds the model.
        data: The samples as the trainer takes them, (T, in).
        measure: Name of the measure.
        measured_on: The samples to measure at.
        identity: What a run must share with another to be resumed from it.
        file: The model's file, written after each pass.
    """

    trainer: "RuleTrainer"
    data: AnyArray
    measure: str
    measured_on: AnyArray
    identity: Mapping[str, object]
    file: Path


def train_on(
    training: Training, done: list[Pass], epochs: int, tolerance: float, *, shown: bool
) -> bool:
    """Train up to ``epochs`` passes, add each to ``done``, and return whether the weights settled.

    The model is in its file after every pass, with the passes in the header. So a resumed run goes
    on with exactly the state in which the other one stopped.
    """
    model: BrainInspiredModel = training.trainer.model
    # The delay keeps the bar from view until a pass is done: the first one checks the data.
    options = {"total": epochs, "initial": len(done), "disable": not shown, "delay": 1e-3}
    with tqdm(desc="Passes", **options) as bar:
        while len(done) < epochs and not settled(done, tolerance):
            record = training.trainer.train(training.data, epochs=1)
            measure = measured(training.measure, model, training.measured_on)
            change, norm = float(record.weight_change[0]), float(record.weight_norm[0])
            done.append(Pass(change, norm, measure))
            _write(training, done)
            named = {} if measure != measure else {training.measure: f"{measure:.4g}"}
            bar.set_postfix({"|dW|/|W|": f"{done[-1].relative:.2g}", **named})
            bar.update()
    return settled(done, tolerance)


def settled(done: list[Pass], tolerance: float) -> bool:
    """Whether the weights hardly changed in the last passes, and less and less.

    Weights that begin at a saddle change little at first, too, but more and more.
    """
    last = [each.relative for each in done[-PASSES:]]
    falling = all(after <= before for before, after in pairwise(last))
    return len(last) == PASSES and falling and max(last) < tolerance


def _write(training: Training, done: list[Pass]) -> None:
    """Write the model; the passes are in the same file, which is replaced as a whole."""
    from canns.models.training import write_model

    training.file.parent.mkdir(parents=True, exist_ok=True)  # only now: all has been checked
    state = {"identity": training.identity, "passes": done}
    write_model(training.trainer.model, training.file, {_KEY: json.dumps(state)})


def resumed(training: Training) -> list[Pass]:
    """Put the model of the file into the trainer, and return the passes that it has learnt.

    Raises:
        ValidationError: If there is no such file, or it is of another run.
    """
    from canns._tensors import read_tensors

    if not training.file.is_file():
        expected = "used with the --out of a training run"
        got = f"no {training.file.name} in {str(training.file.parent)!r}"
        raise ValidationError("--resume", expected, got)
    header, _ = read_tensors(training.file)
    if _KEY not in header:
        got = f"another model in {str(training.file)!r}"
        raise ValidationError("--resume", "used with the --out of a training run", got)
    state: dict[str, Any] = read_json(f"the passes in {training.file}", header[_KEY], _STATE)
    for name, value in training.identity.items():
        saved = state["identity"].get(name)
        if saved != value:
            remedy = "Leave out --resume to start anew."
            expected = f"used with the same run, of {name} {saved!r}"
            raise ValidationError("--resume", expected, f"{name} {value!r}", remedy)
    training.trainer.model = type(training.trainer.model).load(training.file)
    with one_error("--resume", "used with the --out of a training run", training.file):
        return [Pass(*each) for each in state["passes"]]
