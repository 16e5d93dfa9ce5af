"""Recorded runs: the scan runs in blocks, and a record is taken after each block."""

from collections.abc import Callable, Iterable
from functools import partial

import jax
import jax.numpy as jnp

from canns.plasticity.learning.estimates import steps_of_call
from canns.plasticity.learning.loop import Samples, output, scan
from canns.plasticity.learning.monitor import Recorder, Segment, readings
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner, carried, healthy, restored
from canns.typing import Array, PyTree

__all__ = ["observe"]


def observe(
    setup: Setup,
    learner: Learner,
    samples: Samples,
    recorder: Recorder | None,
    emit: Callable[[Learner], PyTree],
    seen: int,
) -> tuple[Learner, list[Array], Array]:
    """Run the samples segment by segment; return the learner, the outputs, and if it is healthy.

    Outputs stay on the device; active neurons are copied to the host after each segment.
    """
    total = len(samples.x)
    longest = steps_of_call(learner)
    segments: Iterable[Segment] = [
        Segment(start, 1, min(longest, total - start), False) for start in range(0, total, longest)
    ]
    names: tuple[str, ...] = ()
    if recorder is not None:
        recorder.check(setup, learner)
        names = recorder.monitor.snapshots
        found = readings(setup, learner)
        emitted = jax.eval_shape(emit, learner)
        per_step = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(emitted))
        size = sum(found[name].nbytes for name in names) + per_step * recorder.monitor.every
        segments = recorder.segments(total, seen, size, longest)
    outputs, fine = [], jnp.asarray(True)
    for segment in segments:
        part = jax.tree.map(partial(_cut, segment), samples)
        run = setup, learner, part
        after, sound, values, emitted = _blocks(*run, names=names, emit=emit)
        learner = restored(after, learner)
        fine &= sound
        if longest < total:
            sound.block_until_ready()  # so that Ctrl-C has to wait for one call only
        rows = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), emitted)
        if recorder is not None:
            recorder.take(segment, values, rows, seen)
        if emit is output:
            outputs.append(rows)
    return learner, outputs, fine


@partial(jax.jit, static_argnames=("names", "emit"))
def _blocks(
    setup: Setup,
    learner: Learner,
    samples: Samples,
    *,
    names: tuple[str, ...],
    emit: Callable[[Learner], PyTree],
) -> tuple[Learner, Array, dict[str, Array], PyTree]:
    """Run samples, (blocks, steps, ...); return also the values of ``names`` after each block."""

    def block(now: Learner, part: Samples) -> tuple[Learner, PyTree]:
        after, emitted = scan(setup, restored(now, learner), part, emit)
        found = readings(setup, after)
        return carried(after), ({name: found[name] for name in names}, emitted)

    end, (values, emitted) = jax.lax.scan(block, carried(learner), samples)
    return end, healthy(restored(end, learner)), values, emitted


def _cut(segment: Segment, rows: Array) -> Array:
    shape = segment.blocks, segment.steps, *rows.shape[1:]
    return rows[segment.start : segment.start + segment.blocks * segment.steps].reshape(shape)
