"""One run of training: epoch after epoch, chunk after chunk, from a checkpoint if there is one."""

from typing import Any, NamedTuple

from numpy.typing import NDArray
from tqdm import tqdm

from canns.errors import ValidationError
from canns.models.brain_inspired.binding import Binding
from canns.models.brain_inspired.bindings import AnyBinding
from canns.plasticity import Learner, Projection, Recorder, Rule
from canns.plasticity.learning.learn import learn_epochs
from canns.plasticity.learning.samples import ONE_CALL, chunk_length
from canns.trainer.checkpoint import Checkpoint, Point, load_point, save_point
from canns.trainer.orders import Orders
from canns.trainer.record import measure_change
from canns.trainer.source import Source

__all__ = ["Course"]

_BAR_STEPS = 50


class Course(NamedTuple):
    """What a run of training consists of.

    Args:
        binding: The model, bound to the rule.
        rule: The rule.
        project: The constraint.
        source: The samples.
        rewards: The reward of each sample, (T,), or None.
        compiled: Whether to run in compiled code.
        shown: Whether to show a progress bar.
        recorder: Records the run, or None.
        checkpoint: Where to keep what is learnt, or None.
    """

    binding: AnyBinding
    rule: Rule
    project: Projection
    source: Source
    rewards: NDArray[Any] | None
    compiled: bool
    shown: bool
    recorder: Recorder | None
    checkpoint: Checkpoint | None

    def run(self, orders: Orders) -> Point:
        """Return where the run is after an epoch in each of these orders."""
        learner = self.binding.read()
        if self._unwatched(orders):
            end = self._at_a_stretch(learner, orders.epochs)
            if end is not None:
                return end
        described = {
            "rule": repr(self.rule),
            "project": repr(self.project),
            "neuron": self.binding.neuron_name,
            **orders.describe(),
        }
        point = Point(learner, learner.weights)
        if self.checkpoint is not None:
            point = load_point(self.checkpoint, described, point)
        total = self.source.num_samples
        total = None if total is None else total * orders.epochs
        with tqdm(total=total, initial=point.seen, desc="Training", disable=not self.shown) as bar:
            for epoch in range(len(point.norms), orders.epochs):
                point = self._epoch(point, orders.of(epoch), bar, described)
                change = measure_change(point.before, point.learner.weights)
                point = point._replace(norms=(*point.norms, change))
                if epoch < orders.epochs - 1:
                    point = point._replace(before=point.learner.weights, position=0)
        return point

    def _unwatched(self, orders: Orders) -> bool:
        """Whether all epochs may run in one call: nobody looks on, and they are all alike."""
        watched = self.shown or self.recorder is not None or self.checkpoint is not None
        alike = self.source.complete and orders.key is None
        small = self.source.head.size <= ONE_CALL
        one_by_one = not self.binding.at_once(self.rule, self.project) and self.binding.resumes
        return alike and small and not watched and one_by_one

    def _at_a_stretch(self, learner: Learner, epochs: int) -> Point | None:
        """Return the end, or None where it failed: epoch by epoch will then say at which sample."""
        assert isinstance(self.binding, Binding), "the others learn at once"
        inputs = self.source.head
        found = learn_epochs(
            self.rule,
            self.binding.neuron,
            learner,
            inputs,
            epochs=epochs,
            rewards=self.rewards,
            project=self.project,
            compiled=self.compiled,
        )
        if found is None:
            return None
        after, norms = found
        count = len(inputs)
        return Point(after, learner.weights, tuple(norms), count, epochs * count)

    def _epoch(
        self, point: Point, order: NDArray[Any] | None, bar: Any, described: dict[str, Any]
    ) -> Point:
        written = point.seen
        for start, rows in self.source.chunks(self._length(), point.position, order):
            point = self._learnt(point, start, rows, order)
            bar.update(len(rows))
            if self.checkpoint is not None and point.seen - written >= self.checkpoint.every:
                save_point(self.checkpoint, described, point)
                written = point.seen
        if self.checkpoint is not None and point.seen > written:
            save_point(self.checkpoint, described, point)
        return point

    def _learnt(
        self, point: Point, start: int, rows: NDArray[Any], order: NDArray[Any] | None
    ) -> Point:
        part = slice(start, start + len(rows))
        rewards = self.rewards
        if rewards is not None:
            rewards = rewards[part if order is None else order[part]]
        learner = self.binding.learn(
            self.rule,
            self.project,
            point.learner,
            rows,
            rewards=rewards,
            compiled=self.compiled,
            first_step=point.seen,
            recorder=self.recorder,
        )
        seen = point.seen + len(rows)
        return point._replace(learner=learner, position=part.stop, seen=seen)

    def _length(self) -> int:
        """Return how many samples to learn from one look at the bar or the checkpoint to the next.

        Where a sum of products is cut decides how it is rounded; else it makes no difference.
        """
        num_samples = self.source.num_samples if self.source.complete else None
        watched = self.shown or self.checkpoint is not None
        if num_samples is not None and (not watched or self._takes_all()):
            return num_samples
        length = chunk_length(self.source.head.shape[1])
        if self.recorder is not None:  # chunks in which records end alike share one program
            every = self.recorder.monitor.every
            return -(-length // every) * every
        if num_samples is not None and not self.binding.at_once(self.rule, self.project):
            length = min(length, -(-num_samples // _BAR_STEPS))
        return length

    def _takes_all(self) -> bool:
        """Whether all samples have to be there at once."""
        at_once = self.binding.at_once(self.rule, self.project)
        in_parts = self.project.distributes or not at_once
        return self.binding.takes_all(self.rule) or not in_parts

    def check(self, advice: str | None) -> None:
        """Raise where the samples cannot be shown in this way.

        Args:
            advice: Where the plan was made of all samples, what else to do; else None.
        """
        source, rule = self.source, type(self.rule).__name__
        if self.checkpoint is not None and not self.binding.resumes:
            expected = f"None for {type(self.binding.model).__name__}, {self.binding.obstacle}"
            raise ValidationError("checkpoint", expected, "one")
        if source.complete:
            return
        length = len(source.head)
        if advice is not None or self._takes_all():
            raise ValidationError(
                "data",
                f"an array in memory for {rule}, which needs all samples at once",
                f"{source.name} of more than {length} samples",
                f"Read it into one by np.array or np.stack. {advice or ''}".rstrip(),
            )
        if source.num_samples is None and self.rewards is not None:
            raise ValidationError("rewards", f"None for {source.name}", "some", "Give arrays.")
