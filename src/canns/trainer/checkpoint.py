"""Checkpoints: a run of training on disk, to go on from where it was cut off."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import check_size
from canns.errors import ValidationError
from canns.models.training import PathLike, read_tensors, write_tensors
from canns.plasticity import Learner
from canns.typing import AnyArray

__all__ = ["Checkpoint", "Point", "load_point", "save_point"]

_FORMAT = "canns-checkpoint-1"
_NORMS = "norms"


@dataclass(frozen=True)
class Checkpoint:
    """A file to write all that is learnt to, and to go on from where it exists.

    Training that goes on from it ends as if it had never been cut off, to the last bit. The file
    stays when training has ended: trained again on the same data, the model has learnt it already;
    of a stream that has become longer, it learns what is new.

    Args:
        path: The file, of safetensors; it is replaced at once or not at all.
        every: How many samples to learn from one write to the next, rounded up to whole chunks: as
            many samples as make 2^22 numbers, but from 256 to 4096. It is written at the end too.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import tempfile
        >>> from canns.models.brain_inspired import LinearLayer
        >>> from canns.trainer import OjaTrainer
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     checkpoint = Checkpoint(f"{folder}/run.safetensors", every=10_000)
        ...     data = ([1.0, 0.5] for _ in range(20_000))
        ...     record = OjaTrainer(LinearLayer(2, 1)).train(data, checkpoint=checkpoint)
        >>> record.num_samples
        20000
    """

    path: PathLike
    every: int = 100_000

    def __post_init__(self) -> None:
        check_size("every", self.every)


class Point(NamedTuple):
    """Where a run of training is.

    Args:
        learner: All that was learnt.
        before: The weights at the start of this epoch.
        norms: Of each epoch before, the norms of the change and of the weights.
        position: How many samples of this epoch were learnt.
        seen: How many of all epochs.
    """

    learner: Learner
    before: Any
    norms: tuple[AnyArray, ...] = ()
    position: int = 0
    seen: int = 0


def save_point(checkpoint: Checkpoint, run: dict[str, Any], point: Point) -> None:
    """Write where the run that ``run`` describes is."""
    tensors = {name: np.asarray(leaf) for name, leaf in _named(point)}
    norms = np.asarray(point.norms, np.float64).reshape(-1, 2)
    place = {"position": point.position, "seen": point.seen}
    header = {"format": _FORMAT, "run": json.dumps(run), "place": json.dumps(place)}
    write_tensors(checkpoint.path, {**tensors, _NORMS: norms}, header)


def load_point(checkpoint: Checkpoint, run: dict[str, Any], start: Point) -> Point:
    """Return where the run was, or ``start`` where there is no file.

    Raises:
        ValidationError: If the file is not a checkpoint of this run.
    """
    if not Path(checkpoint.path).exists():
        return start
    header, tensors = read_tensors(checkpoint.path)
    if header.get("format") != _FORMAT:
        raise ValidationError("checkpoint", "a file that training wrote", str(checkpoint.path))
    _check_same(run, json.loads(header["run"]))
    leaves = []
    for name, leaf in _named(start):
        saved = tensors.get(name)
        if saved is None or (saved.shape, saved.dtype) != (leaf.shape, leaf.dtype):
            came = "nothing" if saved is None else f"{saved.dtype} of shape {saved.shape}"
            expected = f"of this model, with {name} {leaf.dtype} of shape {leaf.shape}"
            raise ValidationError("checkpoint", expected, came)
        leaves.append(jnp.asarray(saved))
    learner, before = jax.tree.unflatten(jax.tree.structure(start[:2]), leaves)
    return Point(learner, before, tuple(tensors[_NORMS]), **json.loads(header["place"]))


def _check_same(run: dict[str, Any], saved: dict[str, Any]) -> None:
    for name, value in run.items():
        if saved.get(name) != value:
            remedy = "Remove the file to start anew."
            raise ValidationError(
                "checkpoint", f"of this run, with {name} {value}", f"{saved.get(name)}", remedy
            )


def _named(point: Point) -> list[tuple[str, Any]]:
    paths, _ = jax.tree_util.tree_flatten_with_path(
        {"learner": point.learner, "before": point.before}
    )
    # In the order of the two fields, not of their names.
    learnt = sorted(paths, key=lambda item: item[0][0].key != "learner")
    return [(jax.tree_util.keystr(path, simple=True, separator="."), leaf) for path, leaf in learnt]
