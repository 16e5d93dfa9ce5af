"""Checkpoints: a training run in a file, from which it can be resumed."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._replacing import PathLike, one_error
from canns._saved_runs import read_run
from canns._tensors import read_tensors, write_tensors
from canns._validation import check_size
from canns.errors import ValidationError
from canns.plasticity import Learner
from canns.typing import JSON, AnyArray, Array, PyTree

__all__ = ["Checkpoint", "Point", "Seal", "digest_of", "load_point", "save_point"]

_FORMAT = "canns-checkpoint-1"
_NORMS, _RUN, _PLACE, _START = "norms", "run", "place", "start weights"
_DATA = ("samples", "data")  # in the description of a run over several epochs
_ANEW = "Remove the file to start anew."


@dataclass(frozen=True)
class Checkpoint:
    """A file to which a run writes all that is learnt. If the file exists, the run resumes from it.

    A resumed run ends exactly as an uninterrupted one would, to the last bit. The file stays when
    training has ended. If the same data are trained again, nothing is left to learn; if a stream
    has become longer, only the new samples are learnt. What is learnt already is read again, and
    refused if it is not the same: other samples, rewards or start weights, or fewer samples.

    While a run goes on, it holds a lock on the file: a second run, in this process or another, is
    refused. The lock ends with its process, also if that is killed.

    Args:
        path: The safetensors file; it is replaced completely or not at all, and has a checksum.
        every: Number of samples from one write to the next, rounded up to whole chunks. A chunk has
            as many samples as make 2^22 numbers, but from 256 to 4096. The end is written too.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import tempfile
        >>> from canns.models.brain_inspired import LinearLayer
        >>> from canns.trainer import OjaTrainer
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     checkpoint = Checkpoint(f"{folder}/run.safetensors", every=10_000)
        ...     data = ([(-1) ** i, 0.5 * (-1) ** i] for i in range(20_000))
        ...     record = OjaTrainer(LinearLayer(2, 1)).train(data, checkpoint=checkpoint)
        >>> record.num_samples
        20000
    """

    path: PathLike
    every: int = 100_000

    def __post_init__(self) -> None:
        if not isinstance(self.path, str | os.PathLike):
            raise ValidationError("path", "a path", repr(self.path))
        check_size("every", self.every)


class Point(NamedTuple):
    """The progress of a training run.

    Args:
        learner: All that was learnt.
        before: The weights at the start of this epoch.
        norms: The norms of the change and of the weights, for each finished epoch.
        position: Number of samples learnt in this epoch.
        seen: Number of samples learnt in all epochs.
        digest: Digest of the samples learnt in this epoch, and of their rewards.
        whole: Digest of all samples of an epoch in the order of the data; "" if not known.
        stopped: Whether a callback ended the run here.
    """

    learner: Learner
    before: PyTree
    norms: tuple[AnyArray, ...] = ()
    position: int = 0
    seen: int = 0
    digest: str = ""
    whole: str = ""
    stopped: bool = False

    @property
    def epoch_length(self) -> int:
        """Number of samples of an epoch; of the part that was shown, if there is only one."""
        whole = len(self.norms) - 1
        return (self.seen - self.position) // whole if whole else self.position


class Seal:
    """The digest of samples, and of their rewards, as they are read.

    Example:
        >>> whole, parts = Seal(), Seal()
        >>> whole.add(np.arange(4.0)[:, None], None)
        >>> parts.add(np.arange(2)[:, None], None), parts.add(np.arange(2, 4)[:, None], None)
        (None, None)
        >>> whole.digest == parts.digest
        True
    """

    def __init__(self) -> None:
        # Apart, so that it does not matter how the samples are cut into chunks.
        self._rows, self._rewards = (hashlib.blake2b(digest_size=16) for _ in range(2))

    def add(self, rows: AnyArray, rewards: AnyArray | None) -> None:
        """Take up samples, (T, in), and their rewards, (T,), or None; of any type of numbers."""
        self._rows.update(np.ascontiguousarray(rows, np.float64).tobytes())
        if rewards is not None:
            self._rewards.update(np.ascontiguousarray(rewards, np.float64).tobytes())

    @property
    def digest(self) -> str:
        """The digest of all so far."""
        return self._rows.hexdigest() + self._rewards.hexdigest()

    def check_whole(self, point: Point) -> None:
        """Raise if these are not all the samples that were learnt in another epoch."""
        if point.whole and self.digest != point.whole:
            expected = "the same samples in each epoch"
            remedy = "Remove the checkpoint to start anew."
            raise ValidationError("train_data", expected, "others", remedy)

    def check(self, point: Point) -> None:
        """Raise if these are not the samples that ``point`` has learnt in its epoch."""
        if point.digest and self.digest != point.digest:
            expected = f"of these data, whose first {point.position} samples are others"
            raise ValidationError("checkpoint", expected, "one of other data", _ANEW)


def digest_of(weights: PyTree) -> str:
    """Return a digest of the weights' values."""
    seal = Seal()
    for leaf in jax.tree.leaves(weights):
        seal.add(np.asarray(leaf), None)
    return seal.digest


def save_point(checkpoint: Checkpoint, description: dict[str, JSON], point: Point) -> None:
    """Write ``point``, and the description of its run, to the file of ``checkpoint``."""
    tensors = {name: np.asarray(leaf) for name, leaf in _named(point)}
    norms = np.asarray(point.norms, np.float64).reshape(-1, 2)
    place = {name: getattr(point, name) for name in ("position", "seen", "digest", "whole")}
    header = {"format": _FORMAT, _RUN: json.dumps(description), _PLACE: json.dumps(place)}
    write_tensors(checkpoint.path, {**tensors, _NORMS: norms}, header)


def load_point(checkpoint: Checkpoint, description: dict[str, JSON], start: Point) -> Point:
    """Return the saved point of the described run, or ``start`` if there is no file.

    Raises:
        ValidationError: If the file is not a checkpoint of this run.
    """
    if not Path(checkpoint.path).exists():
        return start
    header, tensors = read_tensors(checkpoint.path)
    if header.get("format") != _FORMAT:
        raise ValidationError("checkpoint", "a file that training wrote", str(checkpoint.path))
    saved_run, place = read_run(checkpoint.path, header)
    _check_same(description, saved_run)
    with one_error("checkpoint", "a file that training wrote", checkpoint.path):
        point = _restored(start, tensors, place)
    # The model that the file was written from may have what it learnt: then nothing is left.
    known = [saved_run.get(_START), digest_of(point.learner.weights), None]
    if digest_of(start.learner.weights) not in known and _START in saved_run:
        expected = "of a run that began with the weights of this model"
        raise ValidationError("checkpoint", expected, "one of other start weights", _ANEW)
    return point


def _restored(start: Point, tensors: dict[str, AnyArray], place: dict[str, Any]) -> Point:
    """Return the point whose arrays are those of a file; they must be like those of ``start``."""
    leaves = []
    for name, leaf in _named(start):
        saved = tensors.get(name)
        if saved is None or (saved.shape, saved.dtype) != (leaf.shape, leaf.dtype):
            came = "nothing" if saved is None else f"{saved.dtype} of shape {saved.shape}"
            expected = f"of this model, with {name} {leaf.dtype} of shape {leaf.shape}"
            raise ValidationError("checkpoint", expected, came)
        if saved.dtype.kind == "f" and np.isnan(saved).any():
            raise ValidationError("checkpoint", f"with {name} of numbers", "nan among them")
        leaves.append(jnp.asarray(saved))
    learner, before = jax.tree.unflatten(jax.tree.structure(start[:2]), leaves)
    norms = tensors.get(_NORMS)
    if norms is None or norms.shape[1:] != (2,):
        raise ValidationError("checkpoint", "with two norms for each epoch", "others")
    return Point(learner, before, tuple(norms), **place)


def _check_same(description: dict[str, JSON], saved: dict[str, JSON]) -> None:
    for name, value in description.items():
        if name in _DATA and name not in saved:  # a file of before these were in it
            continue
        if name != _START and saved.get(name) != value:
            if name == "data":
                raise ValidationError("checkpoint", "of these data", "one of other data", _ANEW)
            expected, got = f"of this run, with {name} {value}", f"{saved.get(name)}"
            raise ValidationError("checkpoint", expected, got, _ANEW)


def _named(point: Point) -> list[tuple[str, Array]]:
    paths, _ = jax.tree_util.tree_flatten_with_path(
        {"learner": point.learner, "before": point.before}
    )
    # In the order of the fields of a Point; the tree has sorted them by name.
    learnt = sorted(paths, key=lambda item: item[0][0].key != "learner")
    return [(jax.tree_util.keystr(path, simple=True, separator="."), leaf) for path, leaf in learnt]
