"""A training run: a plan carried out epoch by epoch and chunk by chunk."""

from collections.abc import Iterator
from typing import NamedTuple

import jax
import numpy as np
from tqdm.auto import tqdm

from canns._callbacks import wants_stop
from canns._locks import locked
from canns._replacing import remove_parts
from canns.errors import ValidationError
from canns.models.training import Learnable
from canns.plasticity import Recorder
from canns.plasticity.learning import (
    Plan,
    chunk_length,
    dtype_of,
    show_epochs,
    to_samples,
)
from canns.trainer.callbacks import Callbacks, TrainingCallback, TrainingProgress
from canns.trainer.checkpoint import Checkpoint, Point, Seal, digest_of, load_point, save_point
from canns.trainer.data import Source
from canns.trainer.orders import Orders
from canns.trainer.progress import bar_of
from canns.trainer.record import measure_change
from canns.typing import JSON, AnyArray, PyTree

__all__ = ["TrainingRun"]

_BAR_STEPS = 50  # least number of steps of the progress bar in an epoch


class _Chunk(NamedTuple):
    """Successive samples of an epoch.

    Args:
        start: Position of the first one in the epoch.
        rows: The samples, (T, in).
        rewards: Their rewards, (T,), or None.
        digest: Digest of all samples of the epoch up to these; "" without a checkpoint.
    """

    start: int
    rows: AnyArray
    rewards: AnyArray | None
    digest: str = ""

    @property
    def stop(self) -> int:
        """Position after the last one."""
        return self.start + len(self.rows)

    def split(self, position: int) -> "tuple[_Chunk, _Chunk]":
        """Return the samples before a position of the epoch, and those from it on."""
        at = min(max(position - self.start, 0), len(self.rows))
        parts = slice(None, at), slice(at, None)
        first, second = (
            _Chunk(self.start, self.rows[p], None if self.rewards is None else self.rewards[p])
            for p in parts
        )
        return first, second._replace(start=self.start + at)


class TrainingRun(NamedTuple):
    """A plan, its samples, and how to run it.

    Args:
        model: The model, adapted.
        plan: The plan, which the model has accepted.
        source: The samples.
        rewards: The reward of each sample, (T,), or None.
        compiled: Whether to run in compiled code.
        shown: Whether to show a progress bar.
        recorder: Records the run, or None.
        checkpoint: The file to resume from and to write to, or None.
        callbacks: What to call during the run, or None.
    """

    model: Learnable
    plan: Plan
    source: Source
    rewards: AnyArray | None
    compiled: bool
    shown: bool
    recorder: Recorder | None
    checkpoint: Checkpoint | None
    callbacks: Callbacks | None

    def check(self) -> None:
        """Raise if the plan does not work with this source, these rewards or a checkpoint."""
        source, plan = self.source, self.plan
        step = None if self.callbacks is None else self.callbacks.on_step
        for name, given in (("checkpoint", self.checkpoint), ("on_step", step)):
            obstacle = None if given is None else self.model.obstacle(plan)
            if obstacle is not None:
                expected = f"None for {type(self.model.subject).__name__}, {obstacle}"
                raise ValidationError(name, expected, "one")
        if step is not None and (self.model.takes_all(plan) or self.model.at_once(plan)):
            rule = type(plan.setup.rule).__name__
            expected = f"None for {rule}, which learns all samples at once"
            raise ValidationError("on_step", expected, "one", "Use on_epoch.")
        if source.complete:
            return
        if plan.reads_all is not None or self.model.takes_all(plan):
            raise ValidationError(
                "train_data",
                f"an array in memory for {type(plan.setup.rule).__name__}, "
                "which needs all samples at once",
                f"{source.name} of more than {len(source.head)} samples",
                f"{source.remedy} {plan.reads_all or ''}".rstrip(),
            )
        if source.num_samples is None and self.rewards is not None:
            raise ValidationError("rewards", f"None for {source.name}", "some", "Give arrays.")

    def run(self, orders: Orders) -> Point:
        """Return the point after all epochs, each in its order."""
        watchers = self.recorder, self.checkpoint, self.callbacks
        watched = self.shown or watchers != (None, None, None)
        plain = self.source.complete and orders.key is None and not watched
        plan, count = self.plan, len(self.source.head)
        if plain and self.model.obstacle(plan) is None:
            # Such a run needs no stop between epochs, and short calls from Python are what takes
            # its time, so one call shows all epochs.
            start, inputs, epochs = plan.start, self.source.head, orders.epochs
            samples = to_samples(inputs, self.rewards, dtype_of(start.weights))
            learnt = show_epochs(plan.setup, start, samples, epochs, self.compiled)
            if learnt is not None:  # else to learn epoch by epoch reports the failing sample
                after, each = learnt
                return Point(after, start.weights, tuple(each), count, epochs * count)
        if self.checkpoint is None:
            return self._epoch_by_epoch(orders)
        with locked(self.checkpoint.path, "checkpoint"):
            remove_parts(self.checkpoint.path)  # of a killed run, since no other one is writing
            return self._epoch_by_epoch(orders)

    def _epoch_by_epoch(self, orders: Orders) -> Point:
        """Return the point after all epochs; resume from the checkpoint if its file exists."""
        description = {} if self.checkpoint is None else self._describe(orders)
        point = Point(self.plan.start, self.plan.start.weights)
        if self.checkpoint is not None:
            point = load_point(self.checkpoint, description, point)
        total = self.source.num_samples
        total = None if total is None else total * orders.epochs
        with bar_of("Training", total, point.seen, shown=self.shown) as bar:
            for epoch in range(len(point.norms), orders.epochs):
                point = self._epoch(point, orders.of(epoch), bar, description)
                norms = measure_change(point.before, point.learner.weights)
                if self.callbacks is not None and not point.stopped:
                    point = self._told(self.callbacks.on_epoch, point)
                point = point._replace(norms=(*point.norms, norms))
                if point.stopped:
                    break
                if epoch < orders.epochs - 1:
                    whole = point.digest if orders.key is None else ""
                    point = point._replace(before=point.learner.weights, position=0, whole=whole)
        return point

    def _describe(self, orders: Orders) -> dict[str, JSON]:
        """Return a description that identifies this run in a checkpoint, as JSON values."""
        setup = self.plan.setup
        parts = {"rule": setup.rule, "project": setup.project, "neuron": setup.neuron}
        told: dict[str, JSON] = {"start weights": digest_of(self.plan.start.weights)}
        if orders.epochs > 1:  # of one epoch, the samples that were learnt are compared
            told["samples"] = self.source.num_samples
            if self.source.complete:
                seal = Seal()
                seal.add(self.source.head, self.rewards)
                told["data"] = seal.digest
        return {**{name: _said(part) for name, part in parts.items()}, **orders.describe(), **told}

    def _epoch(
        self, point: Point, order: AnyArray | None, bar: tqdm | None, description: dict[str, JSON]
    ) -> Point:
        """Return the point after the rest of an epoch, and write it to the checkpoint."""
        written = told = point.seen
        step = None if self.callbacks is None else self.callbacks.on_step
        for chunk in self._new_chunks(point, order):
            point = self._learnt(point, chunk)
            if bar is not None:
                bar.update(len(chunk.rows))
            if self.checkpoint is not None and point.seen - written >= self.checkpoint.every:
                save_point(self.checkpoint, description, point)
                written = point.seen
            if step is not None and point.seen - told >= step.samples:
                point, told = self._told(step.callback, point), point.seen
                if point.stopped:
                    break
        if self.checkpoint is not None and point.seen > written:
            save_point(self.checkpoint, description, point)
        return point

    def _told(self, callback: TrainingCallback | None, point: Point) -> Point:
        """Tell a callback of the point, and return the point, stopped if the callback says so."""
        if callback is None:
            return point
        change, norm = measure_change(point.before, point.learner.weights)
        place, weights = (len(point.norms) + 1, point.seen), point.learner.weights
        progress = TrainingProgress(*place, float(change), float(norm), weights)
        return point._replace(stopped=wants_stop(callback, progress))

    def _new_chunks(self, point: Point, order: AnyArray | None) -> Iterator[_Chunk]:
        """Yield the chunks of an epoch that ``point`` has not learnt; check those that it has."""
        seal = None if self.checkpoint is None else Seal()
        for start, rows in self.source.chunks(self._chunk_length(), order):
            part = slice(start, start + len(rows))
            rewards = self.rewards
            if rewards is not None:
                rewards = rewards[part if order is None else order[part]]
            known, chunk = _Chunk(start, rows, rewards).split(point.position)
            if seal is not None and len(known.rows):
                seal.add(known.rows, known.rewards)
                if known.stop == point.position:
                    seal.check(point)
            if len(chunk.rows):
                if seal is not None:
                    seal.add(chunk.rows, chunk.rewards)
                yield chunk._replace(digest="" if seal is None else seal.digest)
        if seal is not None and order is None:
            seal.check_whole(point)
        if point.position and part.stop < point.position:
            expected = f"{point.position} samples or more, for so many are learnt already"
            raise ValidationError(
                "data", expected, f"{part.stop}", "Remove the file to start anew."
            )

    def _learnt(self, point: Point, chunk: _Chunk) -> Point:
        """Return the point after a chunk."""
        if not self.source.complete:
            name = f"data[{chunk.start}:{chunk.stop}]"
            self.model.check_samples(self.plan, chunk.rows, name)
        learner = self.model.learn(
            self.plan,
            point.learner,
            chunk.rows,
            rewards=chunk.rewards,
            compiled=self.compiled,
            first_step=point.seen,
            recorder=self.recorder,
        )
        seen, digest = point.seen + len(chunk.rows), chunk.digest
        return point._replace(learner=learner, position=chunk.stop, seen=seen, digest=digest)

    def _chunk_length(self) -> int:
        """Return the number of samples to learn in one call.

        It matters only for setups that learn a chunk in one product: where chunks end decides how
        their sum is rounded. Other setups learn the same with any length.
        """
        if self.callbacks is not None and self.callbacks.on_step is not None:
            return min(self.callbacks.on_step.samples, chunk_length(self.source.head.shape[1]))
        num_samples = self.source.num_samples if self.source.complete else None
        interrupted = self.shown or self.checkpoint is not None
        if num_samples is not None and (not interrupted or self.model.takes_all(self.plan)):
            return num_samples
        length = chunk_length(self.source.head.shape[1])
        if self.recorder is not None:
            # Multiples of `every`: records then fall on the same places of each chunk, and all
            # chunks share one compiled program.
            every = self.recorder.monitor.every
            return -(-length // every) * every
        if num_samples is not None and not self.model.at_once(self.plan):
            length = min(length, -(-num_samples // _BAR_STEPS))
        return length


def _said(part: PyTree) -> str:
    """Return a rule, neuron or constraint in words; NumPy shows of long arrays only the ends."""
    arrays = [leaf for leaf in jax.tree.leaves(part) if np.ndim(leaf)]
    return repr(part) + (f" {digest_of(arrays)}" if arrays else "")
